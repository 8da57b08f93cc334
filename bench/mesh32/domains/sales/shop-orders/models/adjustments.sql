select invoice_no, line_no, day, description, amount
from order_lines
where kind = 'adjustment'
