select
  country,
  region,
  count(*)                                                           as trading_days,
  sum(net)::decimal(18, 3)                                           as net,
  row_number() over (order by sum(net) desc, country)                as place,
  sum(net)::double / nullif((sum(sum(net)) over ())::double, 0) as share
from daily_revenue
group by country, region
