with months as (
  select
    date_trunc('month', day)::date as month,
    sum(order_count)::bigint       as order_count,
    sum(net)::decimal(18, 3)       as net
  from daily_sales
  group by 1
)
select
  month,
  order_count,
  net,
  lag(net) over (order by month)                                                 as net_before,
  net::double / nullif(lag(net) over (order by month), 0)::double - 1            as growth
from months
