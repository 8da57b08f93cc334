select
  stock_code,
  unit_price,
  min(day)              as first_on,
  max(day)              as last_on,
  count(*)              as line_count,
  sum(quantity)::bigint as pieces
from orders.order_lines
where kind = 'sale'
group by stock_code, unit_price
