-- Each price at which goods were sold. Postage and fees have no price worth remembering, so only goods are kept.
select
  items.stock_code,
  lines.unit_price,
  count(*)                     as line_count,
  min(lines.invoiced_at)::date as first_paid_on,
  max(lines.invoiced_at)::date as last_paid_on
from orders.order_lines as lines
join items on items.stock_code = upper(lines.stock_code)
where items.kind = 'goods'
  and not lines.is_cancellation
  and lines.quantity > 0
  and lines.unit_price > 0
group by items.stock_code, lines.unit_price
