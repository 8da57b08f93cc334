-- Days are counted back from the latest order of anybody. Counting from today would move everybody a little each night,
-- and nobody could say later why a letter was sent.
with latest as (
  select max(last_order_at)::date as day
  from profile.customers
),
recency as (
  select
    customers.customer_id,
    customers.country,
    customers.order_count,
    date_diff('day', customers.last_order_at::date, latest.day) as days_since_order
  from profile.customers as customers
  cross join latest
)
select
  customer_id,
  country,
  case
    when order_count = 0                                   then 'returns_only'
    when days_since_order > 182                            then 'gone'
    when days_since_order > 60                             then 'drifting'
    when days_since_order <= 30 and order_count >= 6       then 'devoted'
    when order_count > 1                                   then 'regular'
    else 'new'
  end as segment,
  days_since_order
from recency
