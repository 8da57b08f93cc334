select
  InvoiceDate::date                      as day,
  InvoiceNo                              as invoice_no,
  row_number() over (
    partition by InvoiceDate::date, InvoiceNo
    order by InvoiceDate, StockCode, Quantity, UnitPrice, Description, CustomerID, Country
  )::integer                             as line_no,
  upper(trim(StockCode))                 as stock_code,
  nullif(trim(Description), '')          as description,
  Quantity                               as quantity,
  InvoiceDate                            as invoiced_at,
  UnitPrice                              as unit_price,
  (Quantity * UnitPrice)::decimal(18, 3) as amount,
  CustomerID                             as customer_id,
  Country                                as country,
  case
    when InvoiceNo like 'C%' then 'cancellation'
    when InvoiceNo like 'A%' then 'adjustment'
    when CustomerID is null and UnitPrice = 0 then 'correction'
    else 'sale'
  end                                    as kind
from order_files.lines
