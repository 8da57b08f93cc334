import { expect, test } from 'vitest'
import { plainCopy } from './index.ts'
import { useParser } from './parsing.suite.ts'

const parser = useParser()

test.each([
  ['select * from lake.orders', ['lake', 'orders']],
  ['from lake.orders', ['lake', 'orders']],
  ['select o.id, day as day, "total" from sales.lake.orders as o', ['sales', 'lake', 'orders']],
  ['select o.* from orders o', ['orders']],
  ['select orders.id, lake.orders.day, Orders.total from lake.orders', ['lake', 'orders']],
])('%s is a copy', async (text, table) => {
  expect(plainCopy(await parser.select(text))).toEqual({ ok: true, table })
})

test.each([
  'select 1',
  'select id + 0 as id from orders',
  'select id as key from orders',
  'select id::bigint as id from orders',
  'select place.id from orders',
  'select o.place.id from orders as o',
  'select orders.place.id as id from lake.orders',
  'select * exclude (id) from orders',
  'select * replace (id + 1 as id) from orders',
  'select * rename (id as key) from orders',
  "select columns('i.*') from orders",
  'select count(*) as n from orders',
  'select distinct id from orders',
  'select id from orders order by id',
  'select id from orders limit 10',
  'select id from orders where id > 1',
  'select id from orders group by id',
  'select id from orders group by all',
  'select id from orders qualify row_number() over (order by id) = 1',
  'select * from orders using sample 10%',
  'select * from orders tablesample (10%)',
  'select * from orders as o(a, b)',
  'select * from orders, items',
  'select * from orders join items using (id)',
  'select * from (from orders)',
  'with o as (from orders) select * from o',
  'with o as (from orders) select * from orders',
  'from orders union all from orders',
  'select unnest(items) as items from orders',
])('%s is no copy', async text => {
  expect(plainCopy(await parser.select(text)).ok).toBe(false)
})
