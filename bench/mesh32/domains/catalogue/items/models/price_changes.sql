with before as (
  select
    stock_code,
    day,
    price_high                                                      as price,
    lag(price_high) over (partition by stock_code order by day) as price_before
  from item_days
)
select
  stock_code,
  day,
  price_before,
  price,
  price::double / nullif(price_before, 0)::double - 1 as change
from before
where price <> price_before
