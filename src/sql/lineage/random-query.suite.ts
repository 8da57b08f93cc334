/** Random SELECTs over three small tables, the same for the same seed, whose answer is the same however the engine goes about it. */

export interface RandomQuery {
  readonly sql: string
  /** Its columns are called o1, o2, ... */
  readonly width: number
}

/** Rows by an unbroken key, small domains, NULLs among them. */
export const randomTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  t1: { k: 'INTEGER', a: 'INTEGER', b: 'INTEGER', c: 'VARCHAR' },
  t2: { k: 'INTEGER', d: 'INTEGER', e: 'INTEGER', f: 'VARCHAR' },
  t3: { k: 'INTEGER', s: 'STRUCT("x" INTEGER, "y" INTEGER)', l: 'INTEGER[]' },
}

type Kind = 'int' | 'text'

interface Column {
  /** As it is named in an expression. */
  readonly sql: string
  readonly kind: Kind
}

interface Query {
  readonly sql: string
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[]
}

interface From {
  readonly sql: string
  readonly columns: readonly Column[]
}

type Ctes = readonly { readonly name: string; readonly columns: Query['columns'] }[]

/** Numbers of a linear congruential generator (Numerical Recipes, 1992). */
export const numbers = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export const randomQuery = (seed: number): RandomQuery => {
  const { sql, columns } = new Generator(numbers(seed)).query(3, [])
  const named = columns.map(({ name }, index) => `${name} as o${index + 1}`)
  return { sql: `select ${named.join(', ')} from (${sql}) as whole`, width: columns.length }
}

class Generator {
  private readonly next: (below: number) => number
  private count = 0

  constructor(next: (below: number) => number) {
    this.next = next
  }

  query(depth: number, ctes: Ctes): Query {
    if (depth === 0) return this.select(0, ctes)
    switch (this.next(12)) {
      case 0:
      case 1:
        return this.withCte(depth, ctes)
      case 2:
        return this.setOperation(depth, ctes)
      case 3:
        return this.starred(depth, ctes)
      case 4:
        return this.pivoted(depth, ctes)
      case 5:
        return this.recursive(ctes)
      default:
        return this.select(depth, ctes)
    }
  }

  private name(prefix: string): string {
    return `${prefix}${++this.count}`
  }

  private pick<T>(items: readonly T[]): T {
    const found = items[this.next(items.length)]
    if (found === undefined) throw new Error('nothing to choose from')
    return found
  }

  private chance(percent: number): boolean {
    return this.next(100) < percent
  }

  private withCte(depth: number, ctes: Ctes): Query {
    // A name may hide another one, a table's among them.
    const name = this.chance(30) ? this.pick(['t1', 't2', 'w1']) : this.name('w')
    const inner = this.query(depth - 1, ctes)
    const rest = ctes.filter(it => it.name !== name)
    const outer = this.query(depth - 1, [...rest, { name, columns: inner.columns }])
    const how = this.pick(['', '', ' materialized', ' not materialized'])
    return { sql: `with ${name} as${how} (${inner.sql}) ${outer.sql}`, columns: outer.columns }
  }

  private setOperation(depth: number, ctes: Ctes): Query {
    const kinds = Array.from({ length: 1 + this.next(2) }, (): Kind => this.pick(['int', 'int', 'text']))
    const [left, right] = [this.shaped(depth - 1, ctes, kinds), this.shaped(depth - 1, ctes, kinds)]
    if (this.chance(25)) {
      const same = `select ${right.columns.map((it, index) => `${it.name} as ${left.columns[index]?.name}`).join(', ')} from (${right.sql}) as r`
      return { sql: `(${left.sql}) union${this.pick(['', ' all'])} by name (${same})`, columns: left.columns }
    }
    const word = this.pick(['union all', 'union', 'except', 'intersect', 'except all', 'intersect all'])
    return { sql: `(${left.sql}) ${word} (${right.sql})`, columns: left.columns }
  }

  /** A select with columns of these kinds. */
  private shaped(depth: number, ctes: Ctes, kinds: readonly Kind[]): Query {
    const from = this.from(depth, ctes)
    return this.plain(from, kinds, depth)
  }

  private starred(depth: number, ctes: Ctes): Query {
    const inner = this.query(depth - 1, ctes)
    const [first] = inner.columns
    if (first === undefined) return inner
    const source = `(${inner.sql}) as q`
    const column: Column = { sql: first.name, kind: first.kind }
    switch (this.next(5)) {
      case 0:
        return { sql: `from ${source}`, columns: inner.columns }
      case 1: {
        const value = first.kind === 'int' ? `${first.name} + 1` : `upper(${first.name})`
        return { sql: `select * replace (${value} as ${first.name}) from ${source}`, columns: inner.columns }
      }
      case 2: {
        const renamed = this.name('x')
        const columns = inner.columns.map((it, index) => (index === 0 ? { ...it, name: renamed } : it))
        return { sql: `select q.* rename (${first.name} as ${renamed}) from ${source}`, columns }
      }
      case 3:
        return { sql: `select max(columns(*)) from ${source}`, columns: inner.columns }
      default: {
        if (inner.columns.length < 2) return { sql: `select columns('.*') from ${source}`, columns: inner.columns }
        const condition = this.condition([column], 0)
        return {
          sql: `select * exclude (${first.name}) from ${source} where ${condition}`,
          columns: inner.columns.slice(1),
        }
      }
    }
  }

  private pivoted(depth: number, ctes: Ctes): Query {
    const from = this.from(depth - 1, ctes)
    const [g, v, w] = [this.name('c'), this.name('c'), this.name('c')]
    const int = (): string => this.int(from.columns, 0)
    if (this.chance(50)) {
      const inner = `select ${this.text(from.columns, 0)} as ${g}, ${int()} as ${v}, ${int()} as ${w} from ${from.sql}`
      const sql = `select "a" as ${g}_a, "b" as ${g}_b, ${w} from (${inner}) as p pivot (sum(${v}) for ${g} in ('a', 'b') group by ${w})`
      const columns = [`${g}_a`, `${g}_b`, w].map(name => ({ name, kind: 'int' as const }))
      return { sql, columns }
    }
    const inner = `select ${int()} as ${g}, ${int()} as ${v}, ${int()} as ${w} from ${from.sql}`
    const nulls = this.chance(50) ? ' include nulls' : ''
    return {
      sql: `select value_of, name_of, ${w} from (${inner}) as p unpivot${nulls} (value_of for name_of in (${g}, ${v}))`,
      columns: [
        { name: 'value_of', kind: 'int' },
        { name: 'name_of', kind: 'text' },
        { name: w, kind: 'int' },
      ],
    }
  }

  private recursive(ctes: Ctes): Query {
    const from = this.from(0, ctes)
    const [name, n, m] = [this.name('r'), this.name('c'), this.name('c')]
    const start = `select ${this.int(from.columns, 0)} as ${n}, ${this.int(from.columns, 0)} as ${m} from ${from.sql}`
    const step = `select ${n} + 1, ${m} + t2.e from ${name} join t2 on t2.k = ${n} where ${n} < 6`
    const body = ctes.some(it => it.name === 't2') ? `select ${n} + 1, ${m} from ${name} where ${n} < 6` : step
    return {
      sql: `with recursive ${name}(${n}, ${m}) as (${start} union${this.pick(['', ' all'])} ${body}) select ${n}, ${m} from ${name}`,
      columns: [
        { name: n, kind: 'int' },
        { name: m, kind: 'int' },
      ],
    }
  }

  private select(depth: number, ctes: Ctes): Query {
    const from = this.from(depth, ctes)
    const kinds = Array.from({ length: 1 + this.next(3) }, (): Kind => this.pick(['int', 'int', 'text']))
    switch (this.next(5)) {
      case 0:
      case 1:
        return this.grouped(from, depth)
      case 2:
        return this.windowed(from, depth)
      default:
        return this.plain(from, kinds, depth)
    }
  }

  private plain(from: From, kinds: readonly Kind[], depth: number): Query {
    const columns = kinds.map(kind => ({ name: this.name('c'), kind }))
    const items = columns.map(it => `${this.value(it.kind, from.columns, depth)} as ${it.name}`)
    const distinct = this.chance(15) ? 'distinct ' : ''
    // Rows that are equal can change places: whichever of them a limit takes.
    const limit = this.chance(15) ? ` order by all limit ${1 + this.next(4)}` : ''
    const where = this.where(from, depth, columns)
    return { sql: `select ${distinct}${items.join(', ')} from ${from.sql}${where}${limit}`, columns }
  }

  /** Sometimes by a name of the select list. */
  private where(from: From, depth: number, columns: Query['columns']): string {
    if (this.chance(50)) return ''
    const own = columns.find(it => it.kind === 'int')
    if (own !== undefined && this.chance(20)) return ` where ${own.name} > ${this.next(4)}`
    return ` where ${this.condition(from.columns, depth)}`
  }

  private grouped(from: From, depth: number): Query {
    const key = { name: this.name('c'), kind: this.pick<Kind>(['int', 'text']) }
    const value = { name: this.name('c'), kind: 'int' as const }
    const more = { name: this.name('c'), kind: 'int' as const }
    const keySql = this.value(key.kind, from.columns, Math.min(depth, 1))
    const items = [`${keySql} as ${key.name}`, `${this.aggregate(from, depth)} as ${value.name}`]
    if (this.chance(50)) items.push(`${this.aggregate(from, depth)} as ${more.name}`)
    const by = this.pick(['1', 'all', `grouping sets ((1), ())`])
    const having = this.chance(25) ? ` having ${this.aggregate(from, 0)} > ${this.next(4)}` : ''
    const where = this.chance(40) ? ` where ${this.condition(from.columns, depth)}` : ''
    const group = by === 'all' || by === '1' ? by : `grouping sets ((${keySql}), ())`
    const columns = items.length === 3 ? [key, value, more] : [key, value]
    return { sql: `select ${items.join(', ')} from ${from.sql}${where} group by ${group}${having}`, columns }
  }

  private aggregate(from: From, depth: number): string {
    const x = this.int(from.columns, Math.min(depth, 1))
    const filter = this.chance(25) ? ` filter (where ${this.condition(from.columns, 0)})` : ''
    switch (this.next(7)) {
      case 0:
        return `count(*)${filter}`
      case 1:
        return `count(distinct ${x})${filter}`
      case 2:
        return `(max(${x})${filter})`
      case 3:
        return `(list_sum(list_sort(list(${x})${filter})))`
      case 4:
        return `coalesce(min(${x})${filter}, ${this.next(5)})`
      default:
        return `(sum(${x})${filter})`
    }
  }

  private windowed(from: From, depth: number): Query {
    const columns = [0, 1].map(() => ({ name: this.name('c'), kind: 'int' as const }))
    const over = (): string => {
      const parts = [
        ...(this.chance(60) ? [`partition by ${this.value(this.pick<Kind>(['int', 'text']), from.columns, 0)}`] : []),
        `order by ${this.int(from.columns, 0)}`,
      ]
      return `over (${parts.join(' ')})`
    }
    const x = this.int(from.columns, 0)
    const window = this.pick([
      `rank() ${over()}`,
      `sum(${x}) ${over()}`,
      `count(*) ${over()}`,
      `max(${x}) ${over()}`,
      `dense_rank() ${over()}`,
    ])
    const qualify = this.chance(30) ? ` qualify rank() ${over()} <= ${1 + this.next(3)}` : ''
    const [first, second] = columns
    const items = `${window} as ${first?.name}, ${this.int(from.columns, depth)} as ${second?.name}`
    return { sql: `select ${items} from ${from.sql}${this.where(from, depth, [])}${qualify}`, columns }
  }

  private from(depth: number, ctes: Ctes): From {
    const left = this.relation(depth, ctes)
    if (this.chance(45)) return left
    const hides = (name: string): boolean => ctes.some(it => it.name === name)
    const base = hides('t1') || hides('t2')
    const shape = this.next(base ? 4 : 8)
    const right = this.relation(Math.max(0, depth - 1), ctes)
    const both = [...left.columns, ...right.columns]
    const on = `${this.int(left.columns, 0)} = ${this.int(right.columns, 0)}`
    switch (shape) {
      case 0:
        return { sql: `${left.sql} join ${right.sql} on ${on}`, columns: both }
      case 1:
        return { sql: `${left.sql} ${this.pick(['left', 'right', 'full'])} join ${right.sql} on ${on}`, columns: both }
      case 2:
        return { sql: `${left.sql} ${this.pick(['semi', 'anti'])} join ${right.sql} on ${on}`, columns: left.columns }
      case 3: {
        const [v, w] = [this.name('c'), this.name('q')]
        const inner = `select max(${this.int(right.columns, 0)}) as ${v} from ${right.sql} where ${this.int(right.columns, 0)} <= ${this.int(left.columns, 0)}`
        return {
          sql: `${left.sql}, lateral (${inner}) as ${w}`,
          columns: [...left.columns, { sql: `${w}.${v}`, kind: 'int' }],
        }
      }
      case 4:
      case 5: {
        const [x, y] = [this.name('q'), this.name('q')]
        const kind = this.pick(['join', 'left join', 'full join', 'right join'])
        const how = this.chance(70) ? [`${kind}`, ' using (k)'] : [`natural ${kind}`, '']
        const columns: Column[] = [
          { sql: 'k', kind: 'int' },
          { sql: `${x}.a`, kind: 'int' },
          { sql: 'e', kind: 'int' },
          { sql: 'c', kind: 'text' },
          { sql: `${y}.f`, kind: 'text' },
        ]
        return { sql: `t1 as ${x} ${how[0]} t2 as ${y}${how[1]}`, columns }
      }
      case 6: {
        const [x, y] = [this.name('q'), this.name('q')]
        return {
          sql: `t1 as ${x} asof ${this.pick(['', 'left '])}join t2 as ${y} on ${x}.b >= ${y}.k`,
          columns: [
            { sql: `${x}.a`, kind: 'int' },
            { sql: `${y}.d`, kind: 'int' },
            { sql: `${y}.f`, kind: 'text' },
          ],
        }
      }
      default: {
        const [x, y] = [this.name('q'), this.name('q')]
        return {
          sql: `t3 as ${x}, unnest(${x}.l) as ${y}(v)`,
          columns: [
            { sql: `${y}.v`, kind: 'int' },
            { sql: `${x}.s.x`, kind: 'int' },
            { sql: `${x}.k`, kind: 'int' },
          ],
        }
      }
    }
  }

  private relation(depth: number, ctes: Ctes): From {
    const alias = this.name('q')
    const named = (sql: string, columns: Query['columns']): From => ({
      sql: `${sql} as ${alias}`,
      columns: columns.map(it => ({ sql: `${alias}.${it.name}`, kind: it.kind })),
    })
    const cte = ctes.length > 0 && this.chance(50) ? this.pick(ctes) : undefined
    if (cte !== undefined) return named(cte.name, cte.columns)
    if (depth > 0 && this.chance(35)) {
      const inner = this.query(depth - 1, ctes)
      return named(`(${inner.sql})`, inner.columns)
    }
    const name = this.pick(['t1', 't2', 't3'])
    const hidden = ctes.find(it => it.name === name)
    if (hidden !== undefined) return named(name, hidden.columns)
    const columns: Query['columns'] =
      name === 't3'
        ? [
            { name: 's.x', kind: 'int' },
            { name: "s['y']", kind: 'int' },
            { name: 'l[1]', kind: 'int' },
            { name: 'k', kind: 'int' },
          ]
        : Object.entries(randomTables[name] ?? {}).map(([column, type]) => ({
            name: column,
            kind: type === 'VARCHAR' ? 'text' : 'int',
          }))
    return named(name, columns)
  }

  private value(kind: Kind, columns: readonly Column[], depth: number): string {
    return kind === 'int' ? this.int(columns, depth) : this.text(columns, depth)
  }

  private int(columns: readonly Column[], depth: number): string {
    const ints = columns.filter(it => it.kind === 'int')
    const column = (): string => (ints.length === 0 ? String(this.next(4)) : this.pick(ints).sql)
    if (depth === 0 || this.chance(40)) return column()
    const inner = (): string => this.int(columns, depth - 1)
    switch (this.next(11)) {
      case 0:
        return `(${inner()} + ${inner()})`
      case 1:
        return `(case when ${this.condition(columns, 0)} then ${inner()} else ${inner()} end)`
      case 2:
        return `coalesce(${inner()}, ${inner()})`
      case 3:
        return `length(${this.text(columns, depth - 1)})`
      case 4:
        return `(select max(z.l[1]) from t3 as z where z.k = ${column()})`
      case 5:
        return `list_sum(list_transform([${inner()}, ${column()}], lambda z: z + ${column()}))`
      case 6:
        return `{p: ${inner()}, r: ${column()}}.${this.pick(['p', 'r'])}`
      case 7:
        return `len(list_filter([${column()}, ${column()}], lambda z: z > ${column()}))`
      case 8:
        return `nullif(${inner()}, ${column()})`
      case 9:
        return `[${column()}, ${column()}][1 + (coalesce(abs(${column()}), 0) % 2)]`
      default:
        return `greatest(${inner()}, ${column()})`
    }
  }

  private text(columns: readonly Column[], depth: number): string {
    const texts = columns.filter(it => it.kind === 'text')
    if (texts.length === 0) return `chr(97 + (coalesce(abs(${this.int(columns, 0)}), 0) % 3)::integer)`
    const column = this.pick(texts).sql
    if (depth === 0 || this.chance(50)) return column
    switch (this.next(3)) {
      case 0:
        return `(${column} || ${this.text(columns, depth - 1)})`
      case 1:
        return `(case ${column} when 'a' then ${this.text(columns, depth - 1)} else 'b' end)`
      default:
        return `upper(${column})`
    }
  }

  private condition(columns: readonly Column[], depth: number): string {
    const x = this.int(columns, 0)
    switch (this.next(depth > 0 ? 8 : 5)) {
      case 0:
        return `${x} > ${this.next(4)}`
      case 1:
        return `${x} is not null`
      case 2:
        return `${this.text(columns, 0)} = 'a'`
      case 3:
        return `${x} between 1 and ${1 + this.next(4)}`
      case 4:
        return `not (${x} = ${this.int(columns, 0)})`
      case 5:
        return `${x} in (select z.s.y from t3 as z where z.k < 5)`
      case 6:
        return `exists (select 1 from t3 as z where z.s.x = ${x})`
      default:
        return `(${this.condition(columns, depth - 1)} or ${this.condition(columns, 0)})`
    }
  }
}
