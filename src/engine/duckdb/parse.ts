/** DuckDB's own trees of SELECTs. Texts are bound as one list, never pasted into a statement: one call for many costs a fraction of one call each. */
import type { ParsedSelect, ParseFailure, Session } from '../engine.ts'

const textsPerCall = 400

export const parseTexts = async (
  session: Session,
  texts: readonly string[],
): Promise<(ParsedSelect | ParseFailure)[]> => {
  const parsed: (ParsedSelect | ParseFailure)[] = []
  for (let from = 0; from < texts.length; from += textsPerCall) {
    const part = texts.slice(from, from + textsPerCall)
    const rows = await session.rows(
      'select json_serialize_sql(text)::varchar as tree from (select unnest(?::varchar[]) as text)',
      [part],
    )
    parsed.push(...rows.map(row => resultOf(String(row.tree))))
  }
  return parsed
}

const resultOf = (json: string): ParsedSelect | ParseFailure => {
  if (!json.startsWith('{"error":true')) return { ok: true, json }
  const failure = JSON.parse(json) as { error_message?: string; position?: string } // the shape that json_serialize_sql gives errors
  const position = failure.position === undefined ? Number.NaN : Number(failure.position)
  return {
    ok: false,
    message: failure.error_message ?? 'cannot be parsed',
    ...(Number.isInteger(position) ? { position } : {}),
  }
}
