#!/usr/bin/env node
/**
 * Writes the order files of an invented shop: one compressed CSV a day, as its till would.
 *
 *   node generate.mjs [--lines 60000] [--days 60] [--seed 7] [--start 2025-10-13] [--out DIR] [--level 1]
 *   node generate.mjs --spoil 2025-12-05
 *
 * The same flags always give the same bytes. A file that would not change is left alone, so that a second
 * run of the mesh finds nothing to do. `--days` counts days on which the shop is open (not on Saturdays, not
 * around Christmas). `--spoil` takes the stock code from three lines in a hundred of one day, to see what happens to
 * bad data; without it the day is whole again. Memory stays small whatever the size: a day is written while it is made.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createGzip } from 'node:zlib'

// ---------------------------------------------------------------------------------------------- chance

/** A small, fast generator of numbers in [0, 1) (mulberry32); the whole shop is a function of its seed. */
const dice = seed => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Draws an index in proportion to its weight, in constant time (Walker's alias method). */
const weighted = weights => {
  const size = weights.length
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const chance = new Float64Array(size)
  const alias = new Int32Array(size)
  const scaled = weights.map(weight => (weight * size) / total)
  const small = []
  const large = []
  for (const [index, weight] of scaled.entries()) (weight < 1 ? small : large).push(index)
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()
    const high = large.at(-1)
    chance[low] = scaled[low]
    alias[low] = high
    scaled[high] -= 1 - scaled[low]
    if (scaled[high] < 1) small.push(large.pop())
  }
  for (const index of [...small, ...large]) chance[index] = 1
  return random => {
    const at = random() * size
    const index = Math.floor(at)
    return at - index < chance[index] ? index : alias[index]
  }
}

const pick = (random, list) => list[Math.floor(random() * list.length)]

// ---------------------------------------------------------------------------------------------- the shop

const words = text => text.split('|')

const looks = words(
  'RED|WHITE|IVORY|PINK|BLUE|GREEN|BLACK|CREAM|SILVER|GOLD|LILAC|TURQUOISE|VINTAGE|ANTIQUE|RUSTIC|ENAMEL|WOODEN|GLASS|WICKER|CERAMIC|FELT|KNITTED|PAPER|TIN',
)
const motifs = words(
  'HEART|STAR|RETROSPOT|POLKADOT|ROSE|DAISY|STRAWBERRY|OWL|ROBIN|HEDGEHOG|BUTTERFLY|CIRCUS|SKULL|UNION JACK|PAISLEY|GINGHAM|TOADSTOOL|SPACEBOY|DOLLY GIRL|WOODLAND|REGENCY|JUBILEE|SWALLOW|ANCHOR|LAVENDER|PANTRY',
)
const winterMotifs = words('REINDEER|SNOWFLAKE|HOLLY|NORDIC|SNOWMAN|ADVENT')
/** What the shop sells, with the pennies of an ordinary one. */
const things = Object.entries({
  'T-LIGHT HOLDER': 295,
  LANTERN: 339,
  'CAKE STAND': 1275,
  'LUNCH BAG': 165,
  'JUMBO BAG': 208,
  'HAND WARMER': 185,
  'HOT WATER BOTTLE': 495,
  BUNTING: 495,
  'ALARM CLOCK': 375,
  'TEA TOWEL': 295,
  MUG: 125,
  'TEACUP AND SAUCER': 295,
  'COOKIE CUTTER': 125,
  'CAKE CASES, PACK OF 60': 55,
  'PICNIC BASKET': 1995,
  'DOOR SIGN': 145,
  'PHOTO FRAME': 255,
  'KEY RING': 85,
  'GIFT WRAP': 42,
  'GREETING CARD': 42,
  'PLAYING CARDS': 125,
  'JIGSAW BLOCKS': 495,
  'DOORMAT 16"': 795,
  'WALL CLOCK 12"': 850,
  CUSHION: 495,
  'TOAST RACK': 595,
  'STORAGE TIN': 250,
  'SEWING KIT': 165,
  'RECIPE BOX': 295,
  'CHALK BOARD': 395,
  'COAT HANGER': 275,
  'DRAWER KNOB': 125,
  'PENCILS, TUBE OF 12': 65,
  'NOTEBOOK A5': 85,
  'SNACK BOXES, SET OF 4': 295,
  NAPKINS: 85,
  'PARTY BUNTING KIT': 545,
  'BATH SALTS': 210,
  SCARF: 375,
  UMBRELLA: 595,
})
/** Lines that are no goods: code, name, pennies. */
const postage = ['POST', 'POSTAGE', 1800]
const webPostage = ['DOT', 'DOTCOM POSTAGE', 4995]
const manual = ['M', 'Manual', 1450]
const discount = ['D', 'Discount', 2500]
const bankCharges = ['BANK CHARGES', 'Bank Charges', 1500]
const marketFee = ['AMAZONFEE', 'AMAZON FEE', 682000]
const vouchers = [1000, 2000, 3000, 5000].map(pennies => [
  `gift_0001_${pennies / 100}`,
  `Shop Gift Voucher £${pennies / 100}.00`,
  pennies,
])
/** What people in the warehouse write where the name of the item should be. */
const remarks = [
  'check',
  'damaged',
  'damages',
  'found',
  'thrown away',
  'wet damaged',
  '?',
  'sold as set on dotcom',
  'lost',
]

/** Of every 10,000 customers, how many live where. */
const countries = Object.entries({
  'United Kingdom': 9030,
  Germany: 218,
  France: 199,
  EIRE: 60,
  Spain: 70,
  Belgium: 57,
  Switzerland: 48,
  Portugal: 44,
  Italy: 34,
  Finland: 28,
  Austria: 25,
  Norway: 23,
  Netherlands: 22,
  'Channel Islands': 21,
  Denmark: 20,
  Sweden: 18,
  Cyprus: 18,
  Japan: 17,
  Poland: 14,
  USA: 11,
  Unspecified: 9,
  Greece: 8,
  Australia: 6,
})

const itemsMax = 3600

/** The catalogue: about 3,600 items, each with the names it was printed under, and how often it sells. */
const makeItems = random => {
  const items = []
  const taken = new Set()
  const codes = new Set()
  while (items.length < itemsMax) {
    const winter = random() < 0.08
    const [thing, base] = pick(random, things)
    const name = `${pick(random, looks)} ${pick(random, winter ? winterMotifs : motifs)} ${thing}`
    const number = 10002 + Math.floor(random() * 80000)
    if (taken.has(name) || codes.has(number)) continue
    taken.add(name)
    codes.add(number)
    // Colours of one design share a number and differ by a letter.
    const letter = random() < 0.18 ? String.fromCharCode(65 + Math.floor(random() * 8)) : ''
    const printed = random() < 0.2 ? `${name} ` : name
    const renamed = random() < 0.12 ? name.replace('SET OF ', 'SET/').replace(/^(\S+) (\S+)/, '$2 $1') : printed
    const pennies = Math.max(19, Math.round((base * (0.7 + 0.8 * random())) / 5) * 5 - (random() < 0.5 ? 0 : 1))
    // The item of rank r sells about 1/r^0.8 as often as the first.
    const weight = 1 / (items.length + 40) ** 0.8
    items.push({ code: `${number}${letter}`, letter, printed, renamed, pennies, winter, weight })
  }
  return items
}

/** Who buys: some every week, most once or twice. */
const makeCustomers = (random, count, days) => {
  const drawCountry = weighted(countries.map(([, weight]) => weight))
  const customers = []
  let number = 12346
  for (let index = 0; index < count; index++) {
    const country = countries[drawCountry(random)][0]
    const wholesale = random() < 0.06
    customers.push({
      number: `${number}.0`,
      country,
      // A few people move; their later orders go to another country.
      movesTo: random() < 0.004 ? countries[drawCountry(random)][0] : country,
      movesOn: Math.floor(random() * days),
      joinsOn: random() < 0.45 ? 0 : Math.floor(random() * days * 0.9),
      wholesale,
      weight: (wholesale ? 4 : 1) * (0.15 + random() ** 3 * 3),
    })
    number += random() < 0.75 ? 1 : 2
  }
  return customers
}

// ---------------------------------------------------------------------------------------------- the days

const isOpen = day => {
  const month = day.getUTCMonth()
  const date = day.getUTCDate()
  const aroundChristmas = (month === 11 && date >= 24) || (month === 0 && date <= 3)
  return day.getUTCDay() !== 6 && !aroundChristmas
}

const openDays = (start, count) => {
  const days = []
  for (let day = new Date(`${start}T00:00:00Z`); days.length < count; day = new Date(day.getTime() + 86_400_000)) {
    if (isOpen(day)) days.push(day)
  }
  return days
}

/** By weekday from Sunday on, and by month from January on. */
const weekday = [0.66, 0.95, 1.02, 0.95, 1.08, 0.86, 0]
const season = [0.75, 0.7, 0.8, 0.75, 0.85, 0.85, 0.85, 0.8, 1.15, 1.35, 1.95, 1.6]

/** How many lines each day has; they add up to exactly `lines`. */
const linesByDay = (random, days, lines) => {
  const weights = days.map(day => weekday[day.getUTCDay()] * season[day.getUTCMonth()] * (0.8 + 0.4 * random()))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let passed = 0
  let given = 0
  return weights.map(weight => {
    passed += weight
    const upTo = Math.round((lines * passed) / total)
    const count = upTo - given
    given = upTo
    return count
  })
}

/** The minute of the day at which a share of the day's lines is written: slow mornings, busy noons. */
const minuteAt = share => {
  const busy = 0.5 + Math.asin(Math.max(-1, Math.min(1, 2 * share - 1))) / Math.PI
  return Math.floor(450 + 750 * (0.35 * share + 0.65 * busy))
}

// ---------------------------------------------------------------------------------------------- the lines

const quote = text => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** As the till prints numbers: 2.55, 2.1, 15.0. */
const price = pennies => (pennies % 100 === 0 ? `${pennies / 100}.0` : String(pennies / 100))

const two = number => (number < 10 ? `0${number}` : String(number))

const smallPacks = [1, 1, 1, 1, 2, 2, 2, 3, 4, 4, 6, 6, 8, 10, 12, 12]
const largePacks = [12, 12, 24, 24, 24, 36, 48, 48, 72, 96, 100, 144, 200, 288]

const recentMax = 4096

/** All that lives from one day to the next. */
class Till {
  constructor(options, days) {
    this.random = dice(options.seed)
    this.items = makeItems(this.random)
    this.customers = makeCustomers(this.random, Math.max(60, Math.round(options.lines / 48)), days.length)
    this.drawCustomer = weighted(this.customers.map(customer => customer.weight))
    this.drawItem = weighted(this.items.map(item => (item.winter ? 0.1 : 1) * item.weight))
    this.drawWinterItem = weighted(this.items.map(item => (item.winter ? 3 : 1) * item.weight))
    this.drawCountry = weighted(countries.map(([, weight]) => weight))
    this.days = days.length
    this.invoice = 536365
    this.spoil = options.spoil
    this.spoilRandom = dice(options.seed + 1)
    /** Lines that may still come back, the newest over the oldest. */
    this.recent = []
    this.recentAt = 0
  }

  /** Begins a day; then `invoices` is called until it has `target` lines. */
  begin(index, day, target) {
    this.index = index
    this.date = day.toISOString().slice(0, 10)
    this.isWinter = day.getUTCMonth() >= 9
    this.isMonthEnd = day.getUTCDate() >= 27
    this.target = target
    this.lines = 0
    this.text = ''
    this.hasCharges = false
    this.hasBadDebt = index % 30 !== 12
  }

  /** One line of the file, and the bookkeeping that goes with it. */
  line(head, code, name, quantity, pennies, tail) {
    if (this.lines >= this.target) return
    this.lines += 1
    const isSpoilt = this.date === this.spoil && this.spoilRandom() < 0.03
    this.text += `${head}${isSpoilt ? '' : code},${name},${quantity}${this.at}${price(pennies)},${tail}\n`
  }

  stamp(minute) {
    this.at = `,${this.date} ${two(Math.floor(minute / 60))}:${two(minute % 60)}:00,`
  }

  /** The next invoice of the day, whatever kind it is. */
  next() {
    const minute = minuteAt(this.lines / this.target)
    this.stamp(minute)
    this.invoice += 1
    // Numbers are skipped now and then: orders that were begun and not finished.
    if (this.random() < 0.08) this.invoice += 1
    if (!this.hasBadDebt && this.lines > this.target / 2) return this.badDebt()
    if (this.isMonthEnd && !this.hasCharges) return this.charges()
    const kind = this.random()
    if (kind < 0.13) return this.cancellation()
    if (kind < 0.205) return this.correction()
    if (kind < 0.315) return this.webOrder()
    return this.order(minute)
  }

  /** An order of a known customer. */
  order(minute) {
    let customer = this.customers[this.drawCustomer(this.random)]
    for (let tries = 0; tries < 4 && customer.joinsOn > this.index; tries++) {
      customer = this.customers[this.drawCustomer(this.random)]
    }
    const country = customer.movesOn < this.index ? customer.movesTo : customer.country
    const head = `${this.invoice},`
    const tail = `${customer.number},${country}`
    const count = 1 + Math.floor(-Math.log(1 - this.random()) * (customer.wholesale ? 26 : 18))
    const packs = customer.wholesale ? largePacks : smallPacks
    const straddles = this.random() < 0.002
    for (let left = count; left > 0 && this.lines < this.target; left--) {
      if (straddles && left === count >> 1) this.stamp(minute + 1)
      const item = this.item()
      const quantity = this.random() < 0.0002 ? 1000 + Math.floor(this.random() * 3000) : pick(this.random, packs)
      const pennies = quantity >= 48 ? Math.round(item.pennies * 0.85) : item.pennies
      const code = this.code(item)
      const name = this.name(item)
      this.line(head, code, name, quantity, pennies, tail)
      // The same line twice: somebody was not sure that the first had been taken.
      if (this.random() < 0.01) this.line(head, code, name, quantity, pennies, tail)
      if (this.random() < 0.25) this.remember({ code, name, quantity, pennies, tail })
    }
    if (country !== 'United Kingdom' && this.random() < 0.5) this.extra(head, postage, 1, tail)
    if (this.random() < 0.012) this.extra(head, manual, 1, tail)
  }

  /** An order over the web without a customer's number: many lines, single pieces, dearer. */
  webOrder() {
    const head = `${this.invoice},`
    const country = this.random() < 0.97 ? 'United Kingdom' : pick(this.random, ['Hong Kong', 'Unspecified', 'EIRE'])
    const tail = `,${country}`
    const count = 1 + Math.floor(-Math.log(1 - this.random()) * 42)
    for (let left = count; left > 0 && this.lines < this.target; left--) {
      const item = this.item()
      const quantity = this.random() < 0.72 ? 1 : pick(this.random, smallPacks)
      this.line(head, this.code(item), this.name(item), quantity, Math.round(item.pennies * 1.65), tail)
    }
    if (count > 60) this.extra(head, webPostage, 1, tail)
    if (this.random() < 0.03) this.extra(head, pick(this.random, vouchers), 1, tail)
  }

  /** Part of an earlier order comes back; one in ten was bought before the files begin. */
  cancellation() {
    const head = `C${this.invoice},`
    if (this.recent.length === 0 || this.random() < 0.1) {
      const item = this.item()
      const customer = this.customers[this.drawCustomer(this.random)]
      const tail = `${customer.number},${customer.country}`
      if (this.random() < 0.1) return this.extra(head, discount, -1, tail)
      return this.line(head, item.code, this.name(item), -pick(this.random, smallPacks), item.pennies, tail)
    }
    const at = Math.floor(this.random() * this.recent.length)
    const { tail } = this.recent[at]
    const count = 1 + Math.floor(this.random() ** 2 * 6)
    for (let next = at; next < Math.min(at + count, this.recent.length); next++) {
      const sold = this.recent[next]
      // An invoice has one customer: what the next one bought stays for another day.
      if (sold.tail !== tail) return
      const pieces = this.random() < 0.6 ? sold.quantity : Math.ceil(sold.quantity * this.random())
      this.line(head, sold.code, sold.name, -Math.max(1, pieces), sold.pennies, tail)
    }
  }

  /** The warehouse corrects its stock: no price, no customer, a remark or nothing for a name. */
  correction() {
    const item = this.item()
    const pieces = 1 + Math.floor(this.random() ** 3 * 240)
    const name = this.random() < 0.65 ? '' : quote(pick(this.random, remarks))
    const quantity = this.random() < 0.55 ? -pieces : pieces
    this.line(`${this.invoice},`, item.code, name, quantity, 0, ',United Kingdom')
  }

  /** A debt that will not be paid is written off: one invoice up, one down with a negative price. */
  badDebt() {
    this.hasBadDebt = true
    const pennies = 50_000 + Math.floor(this.random() * 900_000)
    this.line(`A${this.invoice},`, 'B', 'Adjust bad debt', 1, pennies, ',United Kingdom')
    this.invoice += 1
    this.line(`A${this.invoice},`, 'B', 'Adjust bad debt', 1, -pennies, ',United Kingdom')
  }

  /** What banks and market places keep, booked as cancellations at the end of a month. */
  charges() {
    this.hasCharges = true
    this.line(`C${this.invoice},`, bankCharges[0], bankCharges[1], -1, bankCharges[2], ',United Kingdom')
    this.invoice += 1
    if (this.random() < 0.3) {
      const pennies = Math.round(marketFee[2] * (0.5 + this.random()))
      this.line(`C${this.invoice},`, marketFee[0], marketFee[1], -1, pennies, ',United Kingdom')
    }
  }

  extra(head, [code, name, pennies], quantity, tail) {
    this.line(head, code, name, quantity, pennies, tail)
  }

  item() {
    return this.items[(this.isWinter ? this.drawWinterItem : this.drawItem)(this.random)]
  }

  /** Codes with a letter are sometimes typed in lower case. */
  code(item) {
    return item.letter !== '' && this.random() < 0.02 ? item.code.toLowerCase() : item.code
  }

  /** Half-way through the files some items get another name. */
  name(item) {
    return quote(this.index * 2 < this.days ? item.printed : item.renamed)
  }

  remember(sold) {
    this.recent[this.recentAt] = sold
    this.recentAt = (this.recentAt + 1) % recentMax
  }
}

// ---------------------------------------------------------------------------------------------- the files

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n'
const chunkChars = 1 << 17

const hashOf = async path => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

const isSame = async (left, right) =>
  existsSync(right) && statSync(left).size === statSync(right).size && (await hashOf(left)) === (await hashOf(right))

/** Writes a day to a temporary name and puts it in place; leaves a file alone that is the same already. */
const writeDay = async (till, folder, level) => {
  const path = join(folder, `${till.date}.csv.gz`)
  const part = `${path}.part`
  const gzip = createGzip({ level })
  const file = createWriteStream(part)
  const written = once(file, 'finish')
  gzip.pipe(file)
  const flush = async () => {
    const text = till.text
    till.text = ''
    if (!gzip.write(text)) await once(gzip, 'drain')
  }
  till.text = header
  while (till.lines < till.target) {
    till.next()
    if (till.text.length > chunkChars) await flush()
  }
  await flush()
  gzip.end()
  await written
  if (await isSame(part, path)) {
    rmSync(part)
    return false
  }
  renameSync(part, path)
  return true
}

/** Day files of an earlier call with other flags would count as orders: they go. */
const removeOthers = (folder, days) => {
  const wanted = new Set(days.map(day => `${day.toISOString().slice(0, 10)}.csv.gz`))
  for (const name of readdirSync(folder)) {
    if (/^\d{4}-\d\d-\d\d\.csv\.gz(\.part)?$/.test(name) && !wanted.has(name)) rmSync(join(folder, name))
  }
}

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '60000' },
      days: { type: 'string', default: '60' },
      seed: { type: 'string', default: '7' },
      start: { type: 'string', default: '2025-10-13' },
      level: { type: 'string', default: '1' },
      spoil: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const whole = (name, least, most) => {
    const value = Number(values[name])
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new Error(`--${name} is "${values[name]}"; expected a whole number from ${least} to ${most}`)
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(values.start) || Number.isNaN(Date.parse(`${values.start}T00:00:00Z`))) {
    throw new Error(`--start is "${values.start}"; expected a day such as 2025-10-13`)
  }
  const here = dirname(fileURLToPath(import.meta.url))
  return {
    lines: whole('lines', 1, 20_000_000),
    days: whole('days', 1, 3650),
    seed: whole('seed', 0, 4_294_967_295),
    level: whole('level', 0, 9),
    start: values.start,
    spoil: values.spoil,
    out: values.out === undefined ? join(here, 'data', 'orders') : resolve(values.out),
  }
}

const main = async () => {
  const options = readOptions()
  const days = openDays(options.start, options.days)
  if (options.spoil !== undefined && !days.some(day => day.toISOString().startsWith(options.spoil))) {
    throw new Error(`--spoil is "${options.spoil}"; expected one of the days that are written, such as 2025-12-05`)
  }
  const till = new Till(options, days)
  const targets = linesByDay(till.random, days, options.lines)
  mkdirSync(options.out, { recursive: true })
  removeOthers(options.out, days)
  let changed = 0
  for (const [index, day] of days.entries()) {
    till.begin(index, day, targets[index])
    if (await writeDay(till, options.out, options.level)) changed += 1
  }
  const count = options.lines.toLocaleString('en')
  const where = relative(process.cwd(), options.out) || '.'
  const news = changed === 0 ? 'nothing new' : `${changed} written`
  console.log(`${count} order lines on ${days.length} days (${news}) in ${where}`)
}

main().catch(error => {
  console.error(`generate: ${error.message}`)
  // Errors of the system carry a code; the others are about the flags.
  process.exitCode = error.code === undefined ? 64 : 1
})
