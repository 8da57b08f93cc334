/**
 * What somebody would write by hand: the models of the example shop in order, in one DuckDB, into Parquet, without checks, plans or snapshots.
 *
 *   node bench/plain-shop.mjs <folder of the shop> <folder for the Parquet files>
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const [shop, out] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
const run = text => connection.run(text)
const model = path => readFileSync(join(shop, 'domains', path), 'utf8').replace(/;\s*$/, '')
const see = async (name, file) => {
  const [schema] = name.split('.')
  if (name.includes('.')) await run(`create schema if not exists ${schema}`)
  await run(`create or replace view ${name} as select * from read_parquet('${out}/${file}')`)
}
const make = async (name, path, ...names) => {
  await run(`copy (${model(path)}) to '${out}/${name}.parquet' (format parquet, compression zstd)`)
  for (const one of names) await see(one, `${name}.parquet`)
}

mkdirSync(out, { recursive: true })
await run('create schema order_files')
// The till writes 17850.0 for the customer 17850: read as a text and cast, as the contract asks.
await run(`create view order_files.lines as select * replace (CustomerID::decimal(18, 1)::bigint as CustomerID) from read_csv('${shop}/data/orders/*.csv.gz',
  header = true, auto_detect = false, delim = ',', quote = '"', columns = {InvoiceNo: 'VARCHAR', StockCode: 'VARCHAR', Description: 'VARCHAR',
  Quantity: 'INTEGER', InvoiceDate: 'TIMESTAMP', UnitPrice: 'DECIMAL(18,3)', CustomerID: 'VARCHAR', Country: 'VARCHAR'})`)
const lines = model('sales/shop-orders/models/order_lines.sql')
await run(
  `copy (select *, strftime(invoiced_at, '%Y-%m') as month from (${lines})) to '${out}/order_lines' (format parquet, compression zstd, partition_by (month))`,
)
await run(
  `create view order_lines as select * exclude (month) from read_parquet('${out}/order_lines/*/*.parquet', hive_partitioning = true)`,
)
await run('create schema orders')
await run('create view orders.order_lines as select * from main.order_lines')
await make('orders_v1', 'sales/shop-orders/models/orders.v1/orders.sql', 'orders.orders')
await make('buying_hours', 'marketing/buying-hours/models/buying_hours.sql')
await make('orders', 'sales/shop-orders/models/orders.sql', 'orders.orders')
await run('create schema country_list')
await run(
  `create view country_list.countries as select * from read_csv('${shop}/reference/countries.csv', header = true, all_varchar = true)`,
)
await make('countries', 'logistics/delivery-countries/models/countries.sql', 'countries.countries')
await make('items', 'storefront/item-catalogue/models/items.sql', 'items.items', 'items')
await make('prices', 'storefront/item-catalogue/models/prices.sql', 'items.prices')
await make('daily_revenue', 'finance/revenue/models/daily_revenue.sql')
await make('returned_items', 'after-sales/returns/models/returned_items.sql', 'returned_items')
await make('return_rates', 'after-sales/returns/models/return_rates.sql')
await make('customers', 'customer/customer-360/models/customers.sql', 'profile.customers')
await make('segments', 'marketing/segments/models/segments.sql', 'segments')
await make('segment_sizes', 'marketing/segments/models/segment_sizes.sql')
await make('best_sellers', 'storefront/shop-window/models/best_sellers.sql')
connection.closeSync()
