-- Who read which dataset on which day: the audit in the form in which "who still reads this" is one look at an index.
create table read_day (
  env text not null, dataset text not null, principal text not null, day date not null, reads bigint not null, last_at timestamptz not null,
  primary key (env, dataset, principal, day)
);
create index read_day_recent on read_day (env, last_at);
insert into read_day (env, dataset, principal, day, reads, last_at)
  select a.env, d.value ->> 'dataset', a.principal, (a.at at time zone 'UTC')::date, count(*), max(a.at)
  from read_audit a cross join lateral jsonb_array_elements(a.datasets) as d (value)
  where d.value ->> 'dataset' is not null
  group by 1, 2, 3, 4;
-- What is left of a port that was taken out of the mesh: when, by whom, why, and where its readers go instead.
create table tombstone (
  port_id text not null references entity (id), env text not null, port text not null, at timestamptz not null, by text not null,
  plan_id text not null, successor text, reason text, revived_at timestamptz,
  primary key (port_id, at)
);
create index tombstone_standing on tombstone (env, port) where revived_at is null;
