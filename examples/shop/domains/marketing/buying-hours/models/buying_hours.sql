select
  isodow(invoiced_at)             as weekday,
  hour(invoiced_at)               as hour,
  count(*)                        as order_count,
  sum(total)::decimal(18, 3)      as total
from orders.orders
group by isodow(invoiced_at), hour(invoiced_at)
