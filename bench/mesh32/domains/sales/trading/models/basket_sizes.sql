with sized as (
  select
    case
      when line_count = 1 then '1'
      when line_count <= 5 then '2 to 5'
      when line_count <= 10 then '6 to 10'
      when line_count <= 20 then '11 to 20'
      when line_count <= 50 then '21 to 50'
      else 'more'
    end as size,
    total,
    piece_count
  from orders.orders
  where kind = 'sale'
)
select
  size,
  count(*)                                                as order_count,
  count(*)::double / (sum(count(*)) over ())::double      as share,
  median(total)::double                                   as total_median,
  avg(piece_count)                                        as pieces_mean
from sized
group by size
