select
  day,
  stock_code,
  count(*)                                                  as correction_count,
  coalesce(sum(quantity) filter (where quantity > 0), 0)::bigint  as pieces_added,
  coalesce(-sum(quantity) filter (where quantity < 0), 0)::bigint as pieces_removed
from order_lines
where kind = 'correction'
group by day, stock_code
