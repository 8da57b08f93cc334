with best as (
  select stock_code from item_classes where place <= 100
),
baskets as (
  select distinct lines.invoice_no, lines.stock_code
  from orders.order_lines as lines
  join best on best.stock_code = lines.stock_code
  where lines.kind = 'sale'
),
single as (
  select stock_code, count(*) as order_count from baskets group by stock_code
),
pairs as (
  select one.stock_code, other.stock_code as other_code, count(*) as order_count
  from baskets as one
  join baskets as other on other.invoice_no = one.invoice_no and one.stock_code < other.stock_code
  group by 1, 2
),
everything as (
  select count(*) as order_count from orders.orders where kind = 'sale'
)
select
  pairs.stock_code,
  pairs.other_code,
  pairs.order_count,
  pairs.order_count::double * everything.order_count::double
    / (one.order_count::double * other.order_count::double) as lift
from pairs
join single as one on one.stock_code = pairs.stock_code
join single as other on other.stock_code = pairs.other_code
cross join everything
