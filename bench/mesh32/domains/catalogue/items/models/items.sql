with names as (
  select
    stock_code,
    description,
    row_number() over (partition by stock_code order by count(*) desc, description) as place
  from orders.order_lines
  where kind = 'sale' and description is not null
  group by stock_code, description
),
sold as (
  select
    stock_code,
    count(distinct description)  as name_count,
    min(day)                     as first_sold_on,
    max(day)                     as last_sold_on,
    greatest(sum(quantity), 0)::bigint        as pieces,
    sum(amount)::decimal(18, 3)  as revenue
  from orders.order_lines
  where kind = 'sale'
  group by stock_code
)
select
  sold.stock_code,
  names.description as name,
  sold.name_count,
  sold.first_sold_on,
  sold.last_sold_on,
  sold.pieces,
  sold.revenue
from sold
left join names on names.stock_code = sold.stock_code and names.place = 1
