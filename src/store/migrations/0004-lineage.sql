-- The graph of lineage, in place of a table that nothing wrote: small numbers for what is named, so that a million edges stay small.
drop table edge;
create table lineage_node (
  id integer generated always as identity primary key, env text not null, kind text not null, subject text not null,
  parent_id integer references lineage_node (id), live boolean not null default true
);
-- By subject first: names are looked up one by one.
create unique index lineage_node_name on lineage_node (subject, kind, env);
-- Ends of names are looked for among these alone: columns are found below their dataset.
create index lineage_node_larger on lineage_node (env) where kind <> 'column';
create index lineage_node_parent on lineage_node (parent_id);
-- What says edges: a model's dataset, a product, an agreement; append-only, the highest revision is in force.
create table lineage_definition (
  owner_id integer not null references lineage_node (id), revision integer not null, hash text not null, file text not null,
  wide jsonb not null, at timestamptz not null,
  primary key (owner_id, revision)
);
-- From the revision `since` of its owner on, and no longer at `until`. The line and column are of the owner's file then.
create table lineage_edge (
  owner_id integer not null, since integer not null, seq integer not null, until integer, from_id integer not null,
  to_id integer not null, level smallint not null, how smallint not null, via smallint not null, line integer, col integer,
  primary key (owner_id, since, seq)
);
create index lineage_edge_from on lineage_edge (from_id) include (to_id, level, how, via) where until is null;
create index lineage_edge_to on lineage_edge (to_id) include (from_id, level, how, via) where until is null;
-- Who has read what: one row for each reader, whatever the number of reads.
create table lineage_read (
  node_id integer not null references lineage_node (id), reader text not null, first_at timestamptz not null,
  last_at timestamptz not null, days integer not null,
  primary key (node_id, reader)
);
create index lineage_read_reader on lineage_read (reader);
