-- One row for each invoice. All lines of an invoice have one customer and one country; a few invoices were written over
-- two minutes, and then the first one counts.
select
  invoice_no,
  min(invoiced_at) as ordered_at,
  min(customer_id) as customer_id,
  min(country)     as country,
  case
    when starts_with(invoice_no, 'C') then 'cancellation'
    when starts_with(invoice_no, 'A') then 'adjustment'
    -- Nobody bought and nothing cost anything: the warehouse has put its stock right.
    when count(customer_id) = 0 and min(unit_price) = 0 and max(unit_price) = 0 then 'correction'
    else 'sale'
  end              as kind,
  count(*)         as line_count,
  sum(quantity)::bigint                          as piece_count,
  sum(quantity * unit_price)::decimal(18, 3)     as total
from order_lines
group by invoice_no
