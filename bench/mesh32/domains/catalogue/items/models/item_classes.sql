with shares as (
  select
    stock_code,
    revenue,
    row_number() over (order by revenue desc, stock_code) as place,
    (sum(revenue) over (order by revenue desc, stock_code rows unbounded preceding))::double
      / (sum(revenue) over ())::double                    as share_so_far
  from items
)
select
  stock_code,
  place,
  revenue,
  share_so_far,
  case when share_so_far <= 0.8 then 'A' when share_so_far <= 0.95 then 'B' else 'C' end as class
from shares
