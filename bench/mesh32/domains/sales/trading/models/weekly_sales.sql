select
  date_trunc('week', day)::date as week_starts_on,
  count(*)                      as trading_days,
  sum(order_count)::bigint      as order_count,
  sum(net)::decimal(18, 3)      as net,
  arg_max(day, net)             as best_day
from daily_sales
group by 1
