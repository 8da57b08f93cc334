with bought as (
  select
    customer_id,
    stock_code,
    count(distinct invoice_no) as order_count,
    sum(quantity)::bigint      as pieces
  from orders.order_lines
  where customer_id is not null and kind = 'sale'
  group by customer_id, stock_code
),
placed as (
  select
    *,
    row_number() over (partition by customer_id order by order_count desc, pieces desc, stock_code)::integer as place
  from bought
)
select customer_id, place, stock_code, order_count, pieces
from placed
where place <= 3
