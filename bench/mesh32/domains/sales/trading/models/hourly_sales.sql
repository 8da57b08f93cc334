select
  day,
  extract(hour from invoiced_at)::integer as hour,
  count(distinct invoice_no)              as order_count,
  count(*)                                as line_count,
  sum(amount)::decimal(18, 3)             as gross
from orders.order_lines
where kind = 'sale'
group by 1, 2
