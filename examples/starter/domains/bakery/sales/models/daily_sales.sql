-- Plain SQL makes the dataset of the same name. `till` is the input port, `lines` the dataset of its contract.
select
  sold_on,
  item,
  sum(pieces)::bigint                 as pieces,
  sum(pieces * price)::decimal(18, 2) as takings
from till.lines
group by sold_on, item
