select
  invoices.day,
  invoices.country,
  countries.region,
  count(*) filter (where invoices.kind = 'sale')                                                           as order_count,
  coalesce(sum(invoices.total) filter (where invoices.kind in ('sale', 'correction')), 0)::decimal(18, 3) as gross,
  coalesce(sum(invoices.total) filter (where invoices.kind = 'cancellation'), 0)::decimal(18, 3)          as cancelled,
  coalesce(sum(invoices.total) filter (where invoices.kind = 'adjustment'), 0)::decimal(18, 3)            as adjusted,
  sum(invoices.total)::decimal(18, 3)                                                                      as net
from orders.orders as invoices
join countries.countries as countries on countries.name = invoices.country
group by invoices.day, invoices.country, countries.region
