with placed as (
  select
    month,
    stock_code,
    revenue,
    row_number() over (partition by month order by revenue desc, stock_code)::integer as place
  from item_months
)
select placed.month, placed.place, placed.stock_code, items.name, placed.revenue
from placed
join items on items.stock_code = placed.stock_code
where placed.place <= 20
