select
  recency.customer_id,
  customers.country,
  case
    when recency.days_since_order > 180 then 'gone'
    when recency.days_since_order > 60 then 'drifting'
    when recency.order_count >= 6 then 'devoted'
    when recency.order_count >= 2 then 'regular'
    else 'new'
  end as segment,
  recency.revenue
from recency
join customers on customers.customer_id = recency.customer_id
