select
  segments.segment,
  count(*)                                                      as customer_count,
  (100 * count(*)::decimal(18, 0) / sum(count(*)) over ())::decimal(5, 2) as customer_percent,
  sum(customers.revenue)::decimal(18, 3)                        as revenue
from segments
join profile.customers as customers on customers.customer_id = segments.customer_id
group by segments.segment
