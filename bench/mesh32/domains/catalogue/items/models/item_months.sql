select
  date_trunc('month', day)::date as month,
  stock_code,
  count(*)                       as selling_days,
  sum(pieces)::bigint            as pieces,
  sum(revenue)::decimal(18, 3)   as revenue
from item_days
group by 1, 2
