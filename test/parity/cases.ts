/** Contracts with data for two programs to judge: those of the standard's keys, and what lies at their edges. */
import type { CheckCase } from './case.ts'
import { otherCases } from './other-cases.ts'
import { basicKeys } from './standard.ts'
import { checkKeys } from './standard-quality.ts'
import { fileCases, valueCases } from './value-cases.ts'

export const edgeCases: readonly CheckCase[] = [...valueCases, ...otherCases]

export const parityCases: readonly CheckCase[] = [
  ...[...basicKeys, ...checkKeys].flatMap(it => it.cases),
  ...edgeCases,
  ...fileCases,
]
