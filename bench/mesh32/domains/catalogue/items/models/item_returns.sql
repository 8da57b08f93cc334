with returned as (
  select stock_code, sum(pieces)::bigint as pieces, sum(refund)::decimal(18, 3) as refund
  from orders.cancellations
  group by stock_code
)
select
  items.stock_code,
  items.pieces                                                          as pieces_sold,
  coalesce(returned.pieces, 0)                                          as pieces_returned,
  coalesce(returned.refund, 0)::decimal(18, 3)                          as refund,
  coalesce(returned.pieces, 0)::double / nullif(items.pieces, 0)::double as returned_share
from items
left join returned on returned.stock_code = items.stock_code
