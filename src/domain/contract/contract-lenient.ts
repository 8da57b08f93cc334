/** Contracts as they are found in the wild, in the form of the newest standard: what can be understood is, and said. Pure. */
import type { Path } from '../definition.ts'
import {
  type Body,
  changeEach,
  changeOne,
  isBody,
  type Lenient,
  mendAnnotations,
  mendHeader,
  type Remark,
  rename,
} from '../remark.ts'
import { contractVersions } from './contract-parts.ts'

/** A copy in which known slips are mended, with a remark for each. What is no object stays as it is. */
export const lenientContract = (body: unknown): Lenient => {
  const remarks: Remark[] = []
  if (!isBody(body)) return { body, remarks }
  const copy: Body = { ...body }
  mendHeader(copy, contractVersions, remarks)
  changeEach(copy, 'schema', [], (it, path) => mendDataset(it, path, remarks), remarks)
  changeEach(copy, 'slaProperties', [], (it, path) => mendPromise(it, path, remarks), remarks)
  mendDefaultElement(copy, remarks)
  return { body: copy, remarks }
}

const mendDataset = (dataset: Body, path: Path, remarks: Remark[]): void => {
  mendAnnotations(dataset, path, remarks)
  mendChecks(dataset, path, remarks)
  changeEach(dataset, 'properties', path, (it, inner) => mendColumn(it, inner, remarks), remarks)
}

/** Names that keys of columns had in 2.x, and have in files that were written from memory. */
const columnKeys: Readonly<Record<string, string>> = {
  isPrimary: 'primaryKey',
  isPrimaryKey: 'primaryKey',
  isUnique: 'unique',
  isRequired: 'required',
  partitionStatus: 'partitioned',
  criticalDataElementStatus: 'criticalDataElement',
  sampleValues: 'examples',
}

/** Types of engines and languages where a logicalType is asked for. */
const logicalTypes: Readonly<Record<string, string>> = {
  text: 'string',
  varchar: 'string',
  int: 'integer',
  bigint: 'integer',
  long: 'integer',
  decimal: 'number',
  numeric: 'number',
  double: 'number',
  float: 'number',
  bool: 'boolean',
  datetime: 'timestamp',
  record: 'object',
  struct: 'object',
  list: 'array',
}

const mendColumn = (column: Body, path: Path, remarks: Remark[]): void => {
  mendAnnotations(column, path, remarks)
  for (const [from, to] of Object.entries(columnKeys)) rename(column, from, to, path, remarks)
  for (const key of ['isNullable', 'nullable']) mendNullable(column, key, path, remarks)
  const { logicalType } = column
  const meant = typeof logicalType === 'string' ? new Map(Object.entries(logicalTypes)).get(logicalType) : undefined
  if (meant !== undefined) {
    column.logicalType = meant
    remarks.push({
      path: [...path, 'logicalType'],
      at: 'value',
      message: `"${logicalType}" is no logicalType; read as ${meant}`,
      found: String(logicalType),
      expected: meant,
    })
  }
  mendChecks(column, path, remarks)
  changeEach(column, 'properties', path, (it, inner) => mendColumn(it, inner, remarks), remarks)
  changeOne(column, 'items', path, (it, inner) => mendColumn(it, inner, remarks))
}

const mendNullable = (column: Body, key: string, path: Path, remarks: Remark[]): void => {
  const isNullable = column[key]
  if (typeof isNullable !== 'boolean') return
  delete column[key]
  column.required ??= !isNullable
  remarks.push({
    path: [...path, key],
    at: 'key',
    message: `"${key}" is no key of the standard; read as required: ${!isNullable}`,
    found: key,
    expected: 'required',
    now: [...path, 'required'],
  })
}

/** What metrics were called before 3.1, and what a check of that name asks for where it has no operator. */
const metricsOfRules: Readonly<Record<string, { metric: string; otherwise?: Body }>> = {
  nullCheck: { metric: 'nullValues', otherwise: { mustBe: 0 } },
  duplicateCheck: { metric: 'duplicateValues', otherwise: { mustBe: 0 } },
  uniqueCheck: { metric: 'duplicateValues', otherwise: { mustBe: 0 } },
  validValues: { metric: 'invalidValues', otherwise: { mustBe: 0 } },
  countCheck: { metric: 'rowCount', otherwise: { mustBeGreaterThan: 0 } },
  duplicateCount: { metric: 'duplicateValues' },
  nullValues: { metric: 'nullValues' },
  missingValues: { metric: 'missingValues' },
  invalidValues: { metric: 'invalidValues' },
  duplicateValues: { metric: 'duplicateValues' },
  rowCount: { metric: 'rowCount' },
}

const operators: Readonly<Record<string, string>> = {
  mustBeGreaterThanOrEqualTo: 'mustBeGreaterOrEqualTo',
  mustBeLessThanOrEqualTo: 'mustBeLessOrEqualTo',
}

const mendChecks = (owner: Body, path: Path, remarks: Remark[]): void =>
  changeEach(
    owner,
    'quality',
    path,
    (check, inner) => {
      mendAnnotations(check, inner, remarks)
      for (const [from, to] of Object.entries(operators)) rename(check, from, to, inner, remarks)
      mendRule(check, inner, remarks)
    },
    remarks,
  )

const mendRule = (check: Body, path: Path, remarks: Remark[]): void => {
  const { rule, type } = check
  // `rule` names a metric only in library checks.
  if (typeof rule !== 'string' || check.metric !== undefined || (type !== undefined && type !== 'library')) return
  const meant = new Map(Object.entries(metricsOfRules)).get(rule)
  if (meant === undefined) return
  const { rule: _, validValues, ...rest } = check
  const hasOperator = Object.keys(rest).some(key => key.startsWith('must'))
  const otherwise = hasOperator ? {} : (meant.otherwise ?? {})
  const [asked] = Object.entries(otherwise).map(([key, value]) => `, ${key}: ${String(value)}`)
  for (const key of Object.keys(check)) delete check[key]
  Object.assign(check, rest, { metric: meant.metric }, otherwise)
  if (validValues !== undefined) check.arguments = { ...(isBody(rest.arguments) ? rest.arguments : {}), validValues }
  remarks.push({
    path: [...path, 'rule'],
    at: 'key',
    message: `"rule" was the name of "metric" before 3.1; read as metric: ${meant.metric}${asked ?? ''}`,
    found: 'rule',
    expected: 'metric',
    now: [...path, 'metric'],
  })
}

/** The unit `m` means minutes to one tool and months to another; 2.x wrote `column` for `element`. */
const mendPromise = (promise: Body, path: Path, remarks: Remark[]): void => {
  rename(promise, 'column', 'element', path, remarks)
  if (promise.unit !== 'm') return
  const isMonths = promise.property === 'retention'
  promise.unit = isMonths ? 'mo' : 'min'
  remarks.push({
    path: [...path, 'unit'],
    at: 'value',
    message: `the unit "m" is minutes to some tools and months to others; read as ${isMonths ? 'months' : 'minutes'}`,
    found: 'm',
    expected: 'min or mo',
  })
}

/** Deprecated since 3.1: each promise says itself what it is about. */
const mendDefaultElement = (contract: Body, remarks: Remark[]): void => {
  const { slaDefaultElement, slaProperties } = contract
  if (typeof slaDefaultElement !== 'string') return
  delete contract.slaDefaultElement
  if (Array.isArray(slaProperties))
    contract.slaProperties = slaProperties.map((it: unknown) =>
      isBody(it) && it.element === undefined ? { ...it, element: slaDefaultElement } : it,
    )
  remarks.push({
    path: ['slaDefaultElement'],
    at: 'key',
    message: '"slaDefaultElement" is deprecated; read as the element of each promise that names none',
    found: 'slaDefaultElement',
    expected: 'element of each of slaProperties',
  })
}
