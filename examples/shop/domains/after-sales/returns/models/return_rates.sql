-- Postage and fees are left in: that postage is paid back tells something about parcels.
with returned as (
  select stock_code, sum(pieces)::bigint as pieces
  from returned_items
  group by stock_code
)
select
  items.stock_code,
  items.name,
  items.pieces_sold,
  coalesce(returned.pieces, 0)                                                         as pieces_returned,
  (100 * coalesce(returned.pieces, 0)::decimal(18, 0) / items.pieces_sold)::decimal(18, 2) as returned_percent
from items.items as items
left join returned on returned.stock_code = items.stock_code
where items.pieces_sold > 0
