select
  invoice_no,
  customer_id,
  day,
  row_number() over (partition by customer_id order by ordered_at, invoice_no)                                  as order_place,
  date_diff('day', lag(day) over (partition by customer_id order by ordered_at, invoice_no), day)::bigint as days_since_order
from orders.orders
where customer_id is not null and kind = 'sale'
