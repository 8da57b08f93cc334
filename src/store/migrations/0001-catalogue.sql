create table root (
  env text not null, id text not null, url text not null, path text not null, commit text, applied_at timestamptz not null,
  primary key (env, id)
);

create table entity (
  id text primary key, env text not null, kind text not null, subject text not null, parent_id text references entity (id),
  root_id text not null, status text not null, field_id integer, created_at timestamptz not null, removed_at timestamptz
);
create unique index entity_live on entity (env, kind, subject) where removed_at is null;
create index entity_parent on entity (parent_id);
create index entity_subject on entity (env, subject);

create table definition (
  entity_id text not null references entity (id), revision integer not null, hash text not null, body jsonb not null,
  file text not null, line integer not null, plan_id text not null, applied_at timestamptz not null,
  primary key (entity_id, revision)
);

create table edge (
  env text not null, from_id text not null references entity (id), to_id text not null references entity (id), how text not null,
  transform text, via text not null, since timestamptz not null, last_seen_at timestamptz not null,
  primary key (from_id, to_id, how, via)
);
create index edge_to on edge (to_id);

create table plan (
  id text primary key, env text not null, state text not null, reads jsonb not null, consequences_hash text not null,
  body jsonb not null, by text not null, at timestamptz not null
);
create index plan_state on plan (env, state);

create table plan_step (
  plan_id text not null references plan (id), seq integer not null, kind text not null, subject text not null, key text not null,
  state text not null, attempt integer not null, started_at timestamptz, ended_at timestamptz, problem jsonb,
  primary key (plan_id, seq)
);

create table run (
  id text primary key, env text not null, product_id text not null, product text not null, trigger text not null, state text not null,
  requested_by text not null, plan_id text, build_key text, queued_at timestamptz not null, started_at timestamptz, ended_at timestamptz,
  lease_owner text, lease_until timestamptz, attempt integer not null, problems jsonb not null
);
create index run_product on run (env, product, queued_at desc);
create index run_open on run (env, state) where state in ('queued', 'running', 'checking', 'publishing');

create table run_input (
  run_id text not null references run (id), dataset text not null, snapshot_id text, fingerprint text not null,
  primary key (run_id, dataset)
);

create table snapshot (
  id text primary key, env text not null, dataset_id text not null, dataset text not null, run_id text not null, contract_hash text not null,
  model_hash text not null, schema_hash text not null, build_key text not null, content_hash text not null, layout text not null,
  uri text not null, manifest_hash text not null, revision integer not null, rows bigint not null, bytes bigint not null,
  files integer not null, reused_files integer not null, state text not null, created_at timestamptz not null
);
create index snapshot_dataset on snapshot (env, dataset, created_at desc);
create index snapshot_run on snapshot (run_id);

create table publication (
  port_id text not null, env text not null, port text not null, seq integer not null, reason text not null, run_id text, by text not null,
  at timestamptz not null, mirrored boolean not null default false,
  primary key (port_id, seq)
);
create index publication_env on publication (env, port, seq desc);

create table publication_dataset (
  port_id text not null, seq integer not null, dataset_id text not null, dataset text not null,
  snapshot_id text not null references snapshot (id),
  primary key (port_id, seq, dataset_id),
  foreign key (port_id, seq) references publication (port_id, seq)
);
create index publication_dataset_snapshot on publication_dataset (snapshot_id);

create table hold (
  id text primary key, env text not null, entity_id text not null references entity (id), subject text not null, reason text not null,
  by text not null, since timestamptz not null, until timestamptz, released_at timestamptz
);
create index hold_active on hold (env, subject) where released_at is null;

create table check_result (
  snapshot_id text not null references snapshot (id), check_id text not null, state text not null, severity text not null,
  found text not null, expected text not null, rows_failed bigint, sample_uri text,
  primary key (snapshot_id, check_id)
);

create table metric (
  env text not null, dataset_id text not null, column_name text, name text not null, partition text, snapshot_id text not null,
  at timestamptz not null, value double precision not null
);
create index metric_series on metric (dataset_id, name, at);

create table read_audit (
  id text primary key, env text not null, at timestamptz not null, principal text not null, purpose text not null, exit text not null,
  statement_hash text not null, datasets jsonb not null, fingerprint text not null, rows bigint, duration_ms integer, outcome text not null
);
create index read_audit_at on read_audit (env, at desc);

create table decision (
  id text primary key, env text not null, at timestamptz not null, by text not null, kind text not null, subject_id text not null,
  body jsonb not null, supersedes text
);

create table event (
  id text primary key, env text not null, at timestamptz not null, kind text not null, subject_id text, principal text not null, body jsonb not null
);

create table usage (
  env text not null, principal text not null, subject text not null, at timestamptz not null, cpu_ms bigint not null,
  bytes_read bigint not null, bytes_stored bigint not null
);
create index usage_at on usage (env, at);
