-- What came back. The till does not say which sale a cancellation belongs to; the best guess is the latest sale of the
-- same item to the same customer before it. Without a customer there is nothing to go by.
with returned as (
  select
    invoice_no,
    upper(stock_code)                             as stock_code,
    min(invoiced_at)                              as returned_at,
    min(customer_id)                              as customer_id,
    -sum(quantity)::bigint                        as pieces,
    -sum(quantity * unit_price)::decimal(18, 3)   as refund
  from orders.order_lines
  where is_cancellation
  group by invoice_no, upper(stock_code)
),
sold as (
  select distinct customer_id, upper(stock_code) as stock_code, invoiced_at
  from orders.order_lines
  where not is_cancellation and quantity > 0 and customer_id is not null
),
latest as (
  select returned.invoice_no, returned.stock_code, max(sold.invoiced_at) as sold_at
  from returned
  join sold
    on sold.customer_id = returned.customer_id
   and sold.stock_code = returned.stock_code
   and sold.invoiced_at <= returned.returned_at
  group by returned.invoice_no, returned.stock_code
)
select
  returned.invoice_no,
  returned.stock_code,
  returned.returned_at,
  returned.customer_id,
  returned.pieces,
  returned.refund,
  latest.sold_at,
  date_diff('day', latest.sold_at, returned.returned_at) as days_kept
from returned
left join latest
  on latest.invoice_no = returned.invoice_no
 and latest.stock_code = returned.stock_code
