select
  day,
  count(*) filter (where kind = 'sale')                                             as order_count,
  count(distinct customer_id) filter (where kind = 'sale')                          as customer_count,
  coalesce(sum(piece_count) filter (where kind = 'sale'), 0)::bigint                as piece_count,
  coalesce(sum(total) filter (where kind = 'sale'), 0)::decimal(18, 3)              as gross,
  coalesce(sum(total) filter (where kind = 'cancellation'), 0)::decimal(18, 3)      as cancelled,
  sum(total)::decimal(18, 3)                                                        as net,
  avg(total) filter (where kind = 'sale')                                           as order_value_mean
from orders.orders
group by day
