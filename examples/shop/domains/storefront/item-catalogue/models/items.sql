-- One row for each code. The till takes upper and lower case for the same item, so we do too.
with lines as (
  select
    upper(stock_code)           as stock_code,
    nullif(trim(description), '') as name,
    quantity,
    unit_price,
    invoiced_at,
    -- Only a line that somebody paid for tells a name and a price: the others carry remarks of the warehouse.
    not is_cancellation and quantity > 0 and unit_price > 0 as is_paid
  from orders.order_lines
)
select
  stock_code,
  -- The latest name. Where two were printed in the same minute, the later one in the alphabet.
  arg_max(name, {'at': invoiced_at, 'name': name}) filter (where is_paid and name is not null) as name,
  case
    -- Five digits are goods; so are the few codes that the shop began with before it had numbers.
    when regexp_matches(stock_code, '^[0-9]{5}') then 'goods'
    when starts_with(stock_code, 'DCGS') or stock_code = 'PADS' then 'goods'
    when starts_with(stock_code, 'GIFT_') then 'voucher'
    else 'service'
  end                                                                            as kind,
  arg_max(unit_price, {'at': invoiced_at, 'price': unit_price}) filter (where is_paid) as price,
  coalesce(sum(quantity) filter (where is_paid), 0)::bigint                      as pieces_sold,
  min(invoiced_at)::date                                                         as first_seen_on,
  max(invoiced_at)::date                                                         as last_seen_on
from lines
group by stock_code
