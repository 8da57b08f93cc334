/** `format` of a text as a regular expression (RE2, over the whole value). Sources: JSON Schema 2020-12 section 7.3 and the RFCs that it names. */

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = `${octet}(?:\\.${octet}){3}`
const group = '[0-9A-Fa-f]{1,4}'
/** RFC 4291 section 2.2: eight groups, one run of zeros left out, the last two groups perhaps as IPv4. */
const ipv6 = [
  `(?:${group}:){7}${group}`,
  `(?:${group}:){6}${ipv4}`,
  `(?:${group}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map(after => `(?:${group}:){1,${7 - after}}(?::${group}){1,${after}}`),
  `:(?::${group}){1,7}`,
  '::',
  `::(?:${group}:){0,5}${ipv4}`,
  ...[1, 2, 3, 4, 5].map(before => `(?:${group}:){1,${before}}:(?:${group}:){0,${5 - before}}${ipv4}`),
].join('|')
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const hostname = `${label}(?:\\.${label})*`
const date = '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?'
const zone = '(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])'
/** One or more of the parts, in this order. */
const some = (parts: readonly string[]): string =>
  parts
    .map(
      (part, index) =>
        part +
        parts
          .slice(index + 1)
          .map(later => `(?:${later})?`)
          .join(''),
    )
    .join('|')
const days = some(['[0-9]+Y', '[0-9]+M', '[0-9]+D'])
const hours = some(['[0-9]+H', '[0-9]+M', '[0-9]+(?:\\.[0-9]+)?S'])
const uriTail = "(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._~:/?#@!$&'()*+,;=\\[\\]-])*"

const formats: Readonly<Record<string, string>> = {
  uuid: '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}',
  email: `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]+)*@${hostname}`,
  uri: `[A-Za-z][A-Za-z0-9+.-]*:${uriTail}`,
  'uri-reference': uriTail,
  url: `(?:https?|ftp)://[^\\s/?#]+[^\\s]*`,
  ipv4,
  ipv6,
  hostname,
  date,
  time: `${time}${zone}?`,
  'date-time': `${date}[Tt ]${time}${zone}`,
  duration: `P(?:[0-9]+W|(?:${days})(?:T(?:${hours}))?|T(?:${hours}))`,
  byte: '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?',
  'json-pointer': '(?:/(?:[^~/]|~[01])*)*',
}

/** Names that say how to show a value, not what it looks like: every value has the format. */
const anything = new Set(['password', 'binary', 'regex'])

export const formatNames: readonly string[] = [...Object.keys(formats), ...anything].sort()

/** The expression that the whole value must match; `null` where every value does; undefined for a name that nobody knows. */
export const formatPattern = (name: string): string | null | undefined => {
  const lower = name.toLowerCase()
  if (anything.has(lower)) return null
  const body = formats[lower]
  return body === undefined ? undefined : `^(?:${body})$`
}
