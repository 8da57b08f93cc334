with bought as (
  select
    customer_id,
    max(day)                   as last_on,
    count(*)                   as order_count,
    sum(total)::decimal(18, 3) as revenue
  from orders.orders
  where customer_id is not null and kind = 'sale'
  group by customer_id
)
select
  customer_id,
  date_diff('day', last_on, max(last_on) over ())::bigint            as days_since_order,
  order_count,
  revenue,
  ntile(5) over (order by last_on desc, customer_id)::integer      as recency_fifth,
  ntile(5) over (order by order_count desc, customer_id)::integer  as frequency_fifth,
  ntile(5) over (order by revenue desc, customer_id)::integer      as value_fifth
from bought
