/** Models that read tables and each other, made from a seed: the same ones each time. */

const sources = Array.from({ length: 20 }, (_, table) => ({
  name: `source_${table}`,
  columns: [
    'id',
    'parent_id',
    'day',
    'amount',
    'quantity',
    'status',
    'country',
    'note',
    ...Array.from({ length: 4 + (table % 5) }, (_, column) => `extra_${column}`),
  ],
}))

const numbers = seed => {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** `{ sources, models }`, each with its columns; models have a text too. A model reads sources and the models before it. */
export const generatedModels = count => {
  const next = numbers(7)
  const models = []
  const some = (list, amount) =>
    [...list]
      .map(it => [next(1_000_000), it])
      .sort(([a], [b]) => a - b)
      .slice(0, amount)
      .map(([, it]) => it)
  const table = () => {
    const recent = models.slice(-200)
    return recent.length > 0 && next(3) > 0 ? recent[next(recent.length)] : sources[next(sources.length)]
  }
  const styles = [
    (left, right) => {
      const [a, b] = [some(left.columns.slice(1), 5), some(right.columns.slice(1), 3)]
      return {
        columns: ['id', ...a.map(it => `l_${it}`), ...b.map((_, at) => `r_${at}`), 'merged'],
        text: `with l as (select * from ${left.name} where ${a[0]} is not null),
r as (select id, ${b.join(', ')} from ${right.name})
select l.id, ${a.map(it => `l.${it} as l_${it}`).join(', ')}, ${b.map((it, at) => `r.${it} as r_${at}`).join(', ')},
  coalesce(l.${a[1]}, r.${b[0]}) as merged
from l left join r on l.id = r.id`,
      }
    },
    left => {
      const [key, ...values] = some(left.columns.slice(1), 6)
      return {
        columns: ['id', 'key', 'n', ...values.map((_, at) => `v_${at}`)],
        text: `select min(id) as id, ${key} as key, count(*) as n, ${values
          .map(
            (it, at) =>
              `${['sum', 'max', 'min', 'count'][at % 4]}(case when ${key} > 0 then ${it} else 0 end) as v_${at}`,
          )
          .join(', ')}
from ${left.name} group by ${key} having count(*) > 1`,
      }
    },
    left => {
      const [by, ...rest] = some(left.columns.slice(1), 5)
      return {
        columns: ['id', ...rest.map(it => `k_${it}`), 'place', 'before'],
        text: `select id, ${rest.map(it => `${it} as k_${it}`).join(', ')}, place, before from (
  select *, row_number() over (partition by ${by} order by id) as place, lag(${rest[0]}) over (order by ${by}) as before
  from ${left.name}) numbered where place <= 10`,
      }
    },
    (left, right) => {
      const [a, b] = [some(left.columns.slice(1), 6), some(right.columns.slice(1), 6)]
      return {
        columns: ['id', ...a.map((_, at) => `u_${at}`)],
        text: `select id, ${a.map((it, at) => `${it} as u_${at}`).join(', ')} from ${left.name}
union all
select id, ${b.join(', ')} from ${right.name}`,
      }
    },
    (left, right, third) => {
      const [a] = some(left.columns.slice(1), 1)
      const [b, c] = some(right.columns.slice(1), 2)
      const [d, e] = some(third.columns.slice(1), 2)
      return {
        columns: ['id', 'a', 'b', 'c', 'd', 'e', 'share', 'label', 'n'],
        text: `with first_part as (select id, ${a} as a from ${left.name}),
second_part as (select id, ${b} as b, ${c} as c from ${right.name}),
third_part as (select id, ${d} as d, ${e} as e from ${third.name}),
joined as (
  select f.id, f.a, s.b, s.c, t.d, t.e from first_part f join second_part s on f.id = s.id left join third_part t on t.id = s.id
),
shares as (select *, b / nullif(sum(b) over (partition by a), 0) as share from joined)
select id, a, b, c, d, e, share, case when share > 0.5 then 'most' when d is null then 'none' else 'some' end as label,
  (select count(*) from ${left.name}) as n
from shares where e is not null order by id`,
      }
    },
  ]
  for (let at = 0; at < count; at++) {
    const made = styles[at % styles.length](table(), table(), table())
    models.push({ name: `model_${at}`, ...made })
  }
  return { sources, models }
}
