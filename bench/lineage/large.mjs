/** Statements that grow: lines of one SELECT, and a chain of common table expressions that each read the one before. */

const lines = count =>
  `select\n${Array.from({ length: count }, (_, at) => `  case when a > ${at} then b + c * ${at} else coalesce(d, ${at}) end as c${at}`).join(',\n')}\nfrom t`

const chain = count => {
  const parts = Array.from(
    { length: count },
    (_, at) =>
      `q${at + 1} as (select *, c${at % 5} + b as d${at + 1} from (select * exclude (d${at}) from q${at}) where c${at % 3} > 0)`,
  )
  return `with q0 as (select a as c0, b as c1, c as c2, d as c3, a + b as c4, b, 0 as d0 from t), ${parts.join(',\n')} select * from q${count}`
}

const unions = count =>
  Array.from({ length: count }, (_, at) => `select a + ${at} as k, b, c from t`).join('\nunion all\n')

/** By name: a text of a size, and the sizes that it is measured at. */
export const growing = {
  'lines of a SELECT': { text: lines, sizes: [1250, 2500, 5000] },
  'chained common table expressions': { text: chain, sizes: [125, 250, 500] },
  'parts of a UNION': { text: unions, sizes: [125, 250, 500] },
}

export const growingTables = { t: { a: 'INTEGER', b: 'INTEGER', c: 'INTEGER', d: 'INTEGER' } }
