with sold as (
  select
    date_trunc('month', lines.invoiced_at)::date           as month,
    items.stock_code,
    items.name,
    sum(lines.quantity)::bigint                             as pieces,
    sum(lines.quantity * lines.unit_price)::decimal(18, 3) as revenue
  from orders.order_lines as lines
  join items.items as items on items.stock_code = upper(lines.stock_code)
  where items.kind = 'goods'
    and not lines.is_cancellation
    and lines.quantity > 0
    and lines.unit_price > 0
  group by all
),
ranked as (
  select
    month,
    -- The code settles a tie, so that the window does not change while nothing else does.
    row_number() over (partition by month order by revenue desc, stock_code) as rank,
    stock_code,
    name,
    pieces,
    revenue
  from sold
)
select month, rank, stock_code, name, pieces, revenue
from ranked
where rank <= 20
