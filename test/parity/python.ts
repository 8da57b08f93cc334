/** The tool that verdicts are compared with, as its release on PyPI. */
import { pythonWith } from '../support/python.ts'

export const python = (): ReturnType<typeof pythonWith> =>
  pythonWith('weft-parity', ['datacontract-cli[duckdb]==1.2.8'])
