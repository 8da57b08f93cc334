-- Version 1, kept until 2027-03-31 and made from the lines of version 2, so that the two cannot drift apart.
select
  invoice_no,
  min(invoiced_at)                           as invoiced_at,
  min(customer_id)                           as customer_id,
  sum(quantity * unit_price)::decimal(18, 3) as total
from order_lines
where not is_cancellation
group by invoice_no
