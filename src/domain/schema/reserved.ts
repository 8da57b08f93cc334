/** Words that DuckDB, PostgreSQL or Trino reserve: who names something so has to quote it, in types too. Pure. */
const reserved = new Set(
  'all alter analyse anti asof at binary collation concurrently freeze glob lambda pivot_longer pivot_wider positional semi tablesample unpack verbose analyze and any array as asc asymmetric authorization between both by case cast check collate column constraint create cross current_date current_time current_timestamp current_user default deferrable delete desc describe distinct do drop else end escape except exists extract false fetch for foreign from full grant group grouping having ilike in initially inner insert intersect into is isnull join lateral leading left like limit listagg localtime localtimestamp natural not notnull null offset on only or order outer overlaps pivot placing primary qualify references returning right row select session_user show similar some summarize symmetric table then to trailing true uescape union unique unnest unpivot user using values variadic when where window with'.split(
    ' ',
  ),
)

/** Letters' case does not count. */
export const isReserved = (word: string): boolean => reserved.has(word.toLowerCase())
