with months as (
  select
    date_trunc('month', day)::date as month,
    region,
    sum(order_count)::bigint       as order_count,
    sum(net)::decimal(18, 3)       as net
  from daily_revenue
  group by 1, 2
)
select
  month,
  region,
  order_count,
  net,
  (sum(net) over (partition by region order by month))::decimal(18, 3) as net_so_far
from months
