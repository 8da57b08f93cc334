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

/** A thing that lineage tells of. Its number is the environment's own; a rename of a column keeps it. */
export interface LineageNodeTable {
  id: GeneratedAlways<number>
  env: string
  kind: string
  subject: string
  parent_id: number | null
  /** False where the mesh has it no more. */
  live: ColumnType<boolean, boolean | undefined, boolean>
}

/** A version of what a model, a product or an agreement says; the highest revision is in force. */
export interface LineageDefinitionTable {
  owner_id: number
  revision: number
  /** Of a model's text, as snapshots have it; empty where there is none. */
  hash: string
  file: string
  /** What of it cannot be known: [{ reason, line, column }] */
  wide: Json
  at: Date
}

export interface LineageEdgeTable {
  owner_id: number
  since: number
  seq: number
  until: number | null
  from_id: number
  to_id: number
  /** 0 columns, 1 datasets, 2 products. */
  level: number
  how: number
  via: number
  line: number | null
  col: number | null
}

export interface LineageReadTable {
  node_id: number
  /** `person:ada`, `product:sales.shop-orders`. */
  reader: string
  first_at: Date
  last_at: Date
  /** On how many days. */
  days: number
}

export interface PlanTable {
  id: string
  env: string
  state: 'open' | 'applying' | 'applied' | 'failed' | 'stale'
  reads: Json
  consequences_hash: string
  /** Without its steps. */
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
  body: Json
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

/** One row for each day on which somebody read a dataset. */
/** What is left of a retired port; one that was brought back has an instant more. */
export interface TombstoneTable {
  port_id: string
  env: string
  port: string
  at: Date
  by: string
  plan_id: string
  /** The subject of a port, or a URL. */
  successor: string | null
  reason: string | null
  revived_at: Date | null
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

/** What `find` looks through; `words` is a tsvector, which catalog/entry.ts makes. */
export interface SearchEntryTable {
  env: string
  kind: string
  subject: string
  /** Of the kind: what people mean most comes first. */
  rank: number
  name: string
  /** The words of the name, with spaces between. */
  name_key: string
  title: string | null
  description: string | null
  keywords: string
  domain: string | null
  product: string | null
  dataset: string | null
  /** Of ports and what is in them; else 0. */
  major: number
  owner: string | null
  status: string | null
  words: string
}

/** A word that is somewhere in an entry. */
export interface SearchWordTable {
  env: string
  word: string
}

export interface SearchGramTable {
  env: string
  gram: string
  word: string
}

export interface SearchIndexTable {
  env: string
  format: number
}

export interface Database {
  root: RootTable
  entity: EntityTable
  definition: DefinitionTable
  definitions_token: DefinitionsTokenTable
  lineage_node: LineageNodeTable
  lineage_definition: LineageDefinitionTable
  lineage_edge: LineageEdgeTable
  lineage_read: LineageReadTable
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
  tombstone: TombstoneTable
  decision: DecisionTable
  event: EventTable
  usage: UsageTable
  search_entry: SearchEntryTable
  search_word: SearchWordTable
  search_gram: SearchGramTable
  search_index: SearchIndexTable
}
