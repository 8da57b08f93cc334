-- The lines of the till's files under proper names. One row in, one row out: what is odd in the files stays odd here,
-- so that whoever reads this can see what the shop really wrote down.
select
  InvoiceNo                   as invoice_no,
  StockCode                   as stock_code,
  Description                 as description,
  Quantity                    as quantity,
  InvoiceDate                 as invoiced_at,
  UnitPrice                   as unit_price,
  CustomerID                  as customer_id,
  Country                     as country,
  starts_with(InvoiceNo, 'C') as is_cancellation
from order_files.lines
