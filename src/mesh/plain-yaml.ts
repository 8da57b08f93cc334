/**
 * Plain YAML to values, three times faster than the reader that knows places. Whatever is not plain (anchors, tags, several documents) and whatever
 * is wrong is left to that reader, which tells why and where. Pure.
 */
import { CORE_SCHEMA, load } from 'js-yaml'

/** The values of a text; undefined where it is not certain that the other reader finds the same ones. */
export const plainBody = (text: string): { readonly body: object } | undefined => {
  if (notPlain.test(text)) return undefined
  try {
    const body = load(text, { schema: CORE_SCHEMA })
    return typeof body === 'object' && body !== null ? { body } : undefined
  } catch {
    return undefined
  }
}

/**
 * Tabs, control characters and breaks of lines that the readers take differently; markers of documents; anchors, aliases, tags and what is
 * reserved; keys that are no texts; text right behind a bracket; breaks of lines that are escaped; numbers without end.
 * Found too often rather than too seldom: what a description says may look like any of these.
 */
const notPlain =
  /[^\n\x20-\x7E\xA0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]|^ *(?:---|\.\.\.)|(?:^ *|[[{,:-] *)[&*!%@`?]|(?:^|[\s[{,-])(?:~|[Nn]ull|NULL|)\s*:(?:[\s,\]}]|$)|[[{,]\s*:|(?:^|[{,])\s*(?:~|[Nn]ull|NULL)|\\$|[}\]][^\s,\]}:]|<<|[\d.][eE][-+]?\d{3}|\d{300}|__proto__/m
