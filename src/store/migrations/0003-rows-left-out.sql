-- Rows that policies have kept out of a snapshot: policy, column, instant and counts, as in the manifest.
alter table snapshot add column left_out jsonb not null default '[]';
