-- Nothing is left out: the net of all rows is the value of all order lines. What is no plain sale stands in a column of
-- its own, the debts that are written off (the only lines with a negative price) among the adjustments.
with invoices as (
  select ordered_at::date as day, country, kind, total
  from orders.orders
)
select
  invoices.day,
  invoices.country,
  coalesce(countries.region, 'Unknown')                                                    as region,
  count(*) filter (where kind = 'sale')                                                    as order_count,
  coalesce(sum(total) filter (where kind in ('sale', 'correction')), 0)::decimal(18, 3)    as gross,
  coalesce(sum(total) filter (where kind = 'cancellation'), 0)::decimal(18, 3)             as cancelled,
  coalesce(sum(total) filter (where kind = 'adjustment'), 0)::decimal(18, 3)               as adjusted,
  sum(total)::decimal(18, 3)                                                               as net
from invoices
left join countries.countries as countries on countries.name = invoices.country
group by invoices.day, invoices.country, countries.region
