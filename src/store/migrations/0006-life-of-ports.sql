-- What is left of a port that was taken out of the mesh: when, by whom, why, and where its readers go instead.
create table tombstone (
  port_id text not null references entity (id), env text not null, port text not null, at timestamptz not null, by text not null,
  plan_id text not null, successor text, reason text, revived_at timestamptz,
  primary key (port_id, at)
);
create index tombstone_standing on tombstone (env, port) where revived_at is null;
