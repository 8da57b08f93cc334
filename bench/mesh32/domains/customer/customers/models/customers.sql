select
  customer_id,
  min(country)                                  as country,
  count(distinct country)                       as country_count,
  min(day)                                      as first_seen_on,
  max(day)                                      as last_seen_on,
  count(*) filter (where kind = 'sale')         as order_count,
  count(*) filter (where kind = 'cancellation') as cancellation_count,
  sum(total)::decimal(18, 3)                    as revenue
from orders.orders
where customer_id is not null
group by customer_id
