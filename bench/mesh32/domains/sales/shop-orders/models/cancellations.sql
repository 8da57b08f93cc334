select
  invoice_no,
  line_no,
  day,
  stock_code,
  customer_id,
  (-quantity)::bigint       as pieces,
  (-amount)::decimal(18, 3) as refund
from order_lines
where kind = 'cancellation'
