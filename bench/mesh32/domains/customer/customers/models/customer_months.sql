select
  customer_id,
  date_trunc('month', day)::date as month,
  count(*)                       as order_count,
  sum(piece_count)::bigint       as pieces,
  sum(total)::decimal(18, 3)     as revenue
from orders.orders
where customer_id is not null and kind = 'sale'
group by 1, 2
