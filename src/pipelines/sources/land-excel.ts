/** Sheets of Excel, where the engine can read them: the first of a file, or the one that the custom property `sheet` names. */
import { quoteName } from '../../engine/index.ts'
import { type Drift, headerDrift, matchHeader } from './drift.ts'
import { type Lander, writeRows } from './land-part.ts'
import { originName } from './rejects.ts'
import { readableServer } from './source.ts'

export const landExcel: Lander = async (request, refuse) => {
  const { session, contract, dataset, files } = request
  const { sheet } = readableServer(contract).options
  const named = typeof sheet === 'string' ? { sheet } : {}
  const drift: Drift[] = []
  const parts: { readonly path: string; readonly rows: number }[] = []
  for (const [index, { path, uri }] of files.entries()) {
    await session.define(['__weft_sheet'], { kind: 'excel', files: [path], ...named })
    const names = (await session.describe('select * from __weft_sheet')).map(it => it.name)
    const match = matchHeader(names, dataset, uri)
    drift.push(...headerDrift(match, [], uri))
    await refuse(drift)
    const columns = dataset.columns.flatMap(({ name, type }) => {
      const storedName = names[match.fields.indexOf(name)]
      return storedName === undefined ? [] : [{ name, type, storedName }]
    })
    const missing = match.missing.map(({ name, type }) => `, cast(null as ${type}) as ${quoteName(name)}`)
    const origin = { name: originName, of: [index] }
    await session.define(['__weft_sheet'], { kind: 'excel', files: [path], columns, origin, ...named })
    parts.push(...(await writeRows(request, `part-${index}`, `select *${missing.join('')} from __weft_sheet`)))
  }
  return { parts, rejects: [], lines: new Map(), drift, types: new Map() }
}
