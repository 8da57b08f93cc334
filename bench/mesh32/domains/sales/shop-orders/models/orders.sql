-- An invoice is a sale as soon as one of its lines is, and 'sale' is the last of the kinds in the alphabet.
select
  day,
  invoice_no,
  min(invoiced_at)            as ordered_at,
  min(customer_id)            as customer_id,
  min(country)                as country,
  max(kind)                   as kind,
  count(*)                    as line_count,
  sum(quantity)::bigint       as piece_count,
  sum(amount)::decimal(18, 3) as total
from order_lines
group by day, invoice_no
