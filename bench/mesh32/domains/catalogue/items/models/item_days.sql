select
  day,
  stock_code,
  count(distinct invoice_no)  as order_count,
  count(distinct customer_id) as customer_count,
  greatest(sum(quantity), 0)::bigint       as pieces,
  sum(amount)::decimal(18, 3) as revenue,
  min(unit_price)             as price_low,
  max(unit_price)             as price_high
from orders.order_lines
where kind = 'sale'
group by day, stock_code
