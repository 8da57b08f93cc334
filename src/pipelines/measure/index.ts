/**
 * @module measure
 * One pass over a dataset that judges every rule of its contract and takes its profile.
 * Statistics of Parquet footers answer what they can; each other column is read once.
 */
export { measure } from './measure.ts'
export type { CheckResult, FailingKeys, Measured, MeasureInput, Measurement, Metric, Profile } from './result.ts'
