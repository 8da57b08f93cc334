-- One row for each customer that has a number.
with goods_lines as (
  select lines.customer_id, items.stock_code, count(*) as line_count
  from orders.order_lines as lines
  join items.items as items on items.stock_code = upper(lines.stock_code)
  where lines.customer_id is not null
    and not lines.is_cancellation
    and items.kind = 'goods'
  group by lines.customer_id, items.stock_code
),
tastes as (
  select
    customer_id,
    count(*) as item_count,
    -- What stands on most lines. Between two that do, the later code, so that the answer stays the same.
    arg_max(stock_code, {'lines': line_count, 'code': stock_code}) as favourite_item
  from goods_lines
  group by customer_id
),
invoices as (
  select
    customer_id,
    -- People move. The latest invoice tells where to.
    arg_max(country, {'at': ordered_at, 'no': invoice_no})                              as country,
    min(ordered_at)                                                                      as first_seen_at,
    max(ordered_at)                                                                      as last_seen_at,
    max(ordered_at) filter (where kind = 'sale')                                         as last_order_at,
    count(*) filter (where kind = 'sale')                                                as order_count,
    count(*) filter (where kind = 'cancellation')                                        as cancellation_count,
    coalesce(sum(total) filter (where kind <> 'cancellation'), 0)::decimal(18, 3) as sales,
    coalesce(sum(total) filter (where kind = 'cancellation'), 0)::decimal(18, 3)  as cancelled
  from orders.orders
  where customer_id is not null
  group by customer_id
)
select
  invoices.customer_id,
  invoices.country,
  invoices.first_seen_at,
  invoices.last_seen_at,
  invoices.last_order_at,
  invoices.order_count,
  invoices.cancellation_count,
  coalesce(tastes.item_count, 0)                         as item_count,
  tastes.favourite_item,
  invoices.sales,
  invoices.cancelled,
  (invoices.sales + invoices.cancelled)::decimal(18, 3)  as revenue
from invoices
left join tastes on tastes.customer_id = invoices.customer_id
