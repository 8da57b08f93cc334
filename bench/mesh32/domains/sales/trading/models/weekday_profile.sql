select
  isodow(day)::integer        as weekday,
  count(*)                    as trading_days,
  avg(order_count)            as orders_mean,
  median(order_count)::double as orders_median,
  avg(net)                    as net_mean
from daily_sales
group by 1
