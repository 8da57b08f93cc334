-- The order in which runs were asked for: clocks are set back, this is not.
alter table run add column seq bigint generated always as identity;
-- Who asks that a run ends; the process that holds its lease looks.
alter table run add column cancel_by text, add column cancel_at timestamptz;
create index run_order on run (env, seq desc);
create index run_product_order on run (env, product, seq desc);
drop index run_product;
-- When the files of an expired snapshot were taken out of the storage.
alter table snapshot add column removed_at timestamptz;
create index snapshot_unremoved on snapshot (env, dataset) where state = 'expired' and removed_at is null;
