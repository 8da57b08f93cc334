select
  segment,
  count(*)                                                              as customer_count,
  count(*)::double / (sum(count(*)) over ())::double                    as customer_share,
  sum(revenue)::double / nullif((sum(sum(revenue)) over ())::double, 0) as revenue_share
from segments
group by segment
