/** Statements that were right, with tokens left out, doubled, exchanged, or taken from another statement; the same ones from the same seed. */

type Below = (limit: number) => number

/** Words, numbers, texts, names in quotes and signs; spaces and comments go. */
const tokensOf = (sql: string): string[] =>
  sql.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_]\w*|\d+(?:\.\d+)?|::|->>|->|<=|>=|<>|!=|\|\||:=|[^\s\w]/g) ?? []

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** From a bracket to the one that closes it, or a few tokens. */
const part = (tokens: readonly string[], below: Below): { readonly from: number; readonly to: number } => {
  const from = below(tokens.length)
  const opening = tokens.findIndex((it, at) => at >= from && it in closing)
  if (opening < 0 || below(3) === 0) return { from, to: Math.min(tokens.length, from + 1 + below(6)) }
  let depth = 0
  for (let at = opening; at < tokens.length; at++) {
    if ((tokens[at] ?? '') in closing) depth++
    else if (Object.values(closing).includes(tokens[at] ?? '') && --depth === 0) return { from: opening, to: at + 1 }
  }
  return { from: opening, to: tokens.length }
}

const kindOf = (token: string): string =>
  /^(select|from|where|group|order|by|as|on|using|join|with|and|or|union|all|having|over|limit|case|when|then|else|end|in|is|not)$/i.test(
    token,
  )
    ? token.toLowerCase()
    : /^[A-Za-z_"]/.test(token)
      ? 'name'
      : /^[\d']/.test(token)
        ? 'literal'
        : /^[-+*/%<>=|]/.test(token)
          ? 'operator'
          : token

/** A place with a token of the same kind; the first where there is none. */
const placeOf = (tokens: readonly string[], like: string, below: Below): number => {
  const places = tokens.flatMap((it, at) => (kindOf(it) === kindOf(like) ? [at] : []))
  return places[below(places.length)] ?? 0
}

const mutated = (tokens: readonly string[], others: readonly string[], below: Below): string[] => {
  const changed = [...tokens]
  const at = below(changed.length)
  const [here, there] = [part(tokens, below), part(others, below)]
  // Most mutants change what stands at a place, so that many are SQL still.
  switch (below(12)) {
    case 0:
      changed.splice(at, 1)
      return changed
    case 1:
      changed.splice(at, 0, changed[at] ?? '')
      return changed
    case 2:
    case 3:
    case 4:
    case 5: {
      const other = placeOf(changed, changed[at] ?? '', below)
      const [a = '', b = ''] = [changed[at], changed[other]]
      changed[at] = b
      changed[other] = a
      return changed
    }
    case 6:
    case 7:
    case 8:
    case 9:
      changed[at] = others[placeOf(others, changed[at] ?? '', below)] ?? ''
      return changed
    case 10:
      changed.splice(here.from, here.to - here.from, ...others.slice(there.from, there.to))
      return changed
    default:
      changed.splice(here.from, 0, ...tokens.slice(here.from, here.to))
      return changed
  }
}

/** So many statements, each changed once to three times. */
export const mutants = (statements: readonly string[], count: number, below: Below): string[] => {
  const all = statements.map(tokensOf)
  const any = (): readonly string[] => all[below(all.length)] ?? []
  return Array.from({ length: count }, () => {
    let tokens = [...any()]
    for (let times = 1 + below(3); times > 0 && tokens.length > 0; times--) tokens = mutated(tokens, any(), below)
    return tokens.join(' ')
  })
}
