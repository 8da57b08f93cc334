/** The catalogue's tables as TypeScript sees them; `migrations/` makes them. Instants are Dates (timestamptz), whole numbers are numbers, json columns plain values. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** A jsonb column: any JSON value. Written as JSON text, read as the value. */
export type Json<T = unknown> = ColumnType<T, string, string>

export interface RootTable {
  id: string
  env: string
  url: string
  path: string
  commit: string | null
  applied_at: Date
}

/** A thing with a history. Unique among the live ones: (env, kind, subject). */
export interface EntityTable {
  id: string
  env: string
  kind: string
  subject: string
  parent_id: string | null
  root_id: string
  status: string
  /** Of columns: the id that manifests and Parquet files carry. */
  field_id: number | null
  created_at: Date
  removed_at: Date | null
}

/** What was applied, append-only: the highest revision is in force. */
export interface DefinitionTable {
  entity_id: string
  revision: number
  hash: string
  body: Json
  file: string
  line: number
  plan_id: string
  applied_at: Date
}

/** One row: its text is another one after every statement that changed an entity or a definition. */
export interface DefinitionsTokenTable {
  id: Generated<boolean>
  token: string
}

export interface EdgeTable {
  env: string
  from_id: string
  to_id: string
  how: string
  transform: string | null
  via: 'declared' | 'derived' | 'observed' | 'agreement'
  since: Date
  last_seen_at: Date
}

export interface PlanTable {
  id: string
  env: string
  state: 'open' | 'applying' | 'applied' | 'failed' | 'stale'
  reads: Json
  consequences_hash: string
  body: Json
  by: string
  at: Date
}

export interface PlanStepTable {
  plan_id: string
  seq: number
  kind: string
  subject: string
  /** Idempotency key. */
  key: string
  state: 'pending' | 'running' | 'done' | 'failed' | 'skipped'
  attempt: number
  started_at: Date | null
  ended_at: Date | null
  problem: Json | null
}

export interface RunTable {
  id: string
  /** Rises with every run, whatever the clock says. */
  seq: GeneratedAlways<number>
  env: string
  /** The product's entity. */
  product_id: string
  product: string
  trigger: 'person' | 'plan' | 'schedule' | 'upstream'
  state:
    | 'queued'
    | 'running'
    | 'checking'
    | 'publishing'
    | 'succeeded'
    | 'unchanged'
    | 'quarantined'
    | 'held'
    | 'failed'
    | 'cancelled'
  requested_by: string
  plan_id: string | null
  build_key: string | null
  queued_at: Date
  started_at: Date | null
  ended_at: Date | null
  lease_owner: string | null
  lease_until: Date | null
  attempt: number
  problems: Json
  /** Who asks that it ends, and since when. */
  cancel_by: string | null
  cancel_at: Date | null
}

export interface RunInputTable {
  run_id: string
  dataset: string
  snapshot_id: string | null
  fingerprint: string
}

export interface SnapshotTable {
  id: string
  env: string
  dataset_id: string
  /** The dataset's subject when it was made. */
  dataset: string
  run_id: string
  contract_hash: string
  model_hash: string
  schema_hash: string
  build_key: string
  content_hash: string
  layout: string
  /** The storage's key of the manifest. */
  uri: string
  manifest_hash: string
  revision: number
  rows: number
  bytes: number
  files: number
  reused_files: number
  state: 'staged' | 'kept' | 'quarantined' | 'expired'
  left_out: ColumnType<unknown, string | undefined, string>
  created_at: Date
  /** Of an expired one: when its files were taken out of the storage. */
  removed_at: Date | null
}

/** One row moves all datasets of a port's major. Served = the highest seq. */
export interface PublicationTable {
  port_id: string
  env: string
  port: string
  seq: number
  reason: 'run' | 'rollback' | 'adopt'
  run_id: string | null
  by: string
  at: Date
  /** Whether `publications/<seq>.json` stands beside the data. */
  mirrored: Generated<boolean>
}

export interface PublicationDatasetTable {
  port_id: string
  seq: number
  dataset_id: string
  dataset: string
  snapshot_id: string
}

export interface HoldTable {
  id: string
  env: string
  entity_id: string
  subject: string
  reason: string
  by: string
  since: Date
  until: Date | null
  released_at: Date | null
}

export interface CheckResultTable {
  snapshot_id: string
  check_id: string
  state: 'passed' | 'failed' | 'error'
  severity: 'error' | 'warning' | 'info'
  /** What was found and expected, as words with numbers, never row values. */
  found: string
  expected: string
  rows_failed: number | null
  sample_uri: string | null
}

export interface MetricTable {
  env: string
  dataset_id: string
  column_name: string | null
  name: string
  partition: string | null
  snapshot_id: string
  at: Date
  value: number
}

export interface ReadAuditTable {
  id: string
  env: string
  at: Date
  principal: string
  purpose: string
  exit: string
  statement_hash: string
  /** [{ dataset, snapshot }] */
  datasets: Json
  fingerprint: string
  rows: number | null
  duration_ms: number | null
  outcome: string
}

export interface DecisionTable {
  id: string
  env: string
  at: Date
  by: string
  kind: string
  subject_id: string
  body: Json
  supersedes: string | null
}

export interface EventTable {
  id: string
  env: string
  at: Date
  kind: string
  subject_id: string | null
  principal: string
  body: Json
}

export interface UsageTable {
  env: string
  principal: string
  subject: string
  at: Date
  cpu_ms: number
  bytes_read: number
  bytes_stored: number
}

export interface Database {
  root: RootTable
  entity: EntityTable
  definition: DefinitionTable
  definitions_token: DefinitionsTokenTable
  edge: EdgeTable
  plan: PlanTable
  plan_step: PlanStepTable
  run: RunTable
  run_input: RunInputTable
  snapshot: SnapshotTable
  publication: PublicationTable
  publication_dataset: PublicationDatasetTable
  hold: HoldTable
  check_result: CheckResultTable
  metric: MetricTable
  read_audit: ReadAuditTable
  decision: DecisionTable
  event: EventTable
  usage: UsageTable
}
