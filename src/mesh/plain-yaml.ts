/**
 * Plain YAML to values, three times faster than the reader that knows places. Whatever is not plain (anchors, tags, several documents) and whatever
 * is wrong is left to that reader, which tells why and where. Pure.
 */
import { CORE_SCHEMA, load } from 'js-yaml'

/** The values of a text; undefined where it is not certain that the other reader finds the same ones. */
export const plainBody = (text: string): { readonly body: object } | undefined => {
  if (text.startsWith(' ') || unusual.test(text) || notPlain.test(text)) return undefined
  try {
    const body = load(text, { schema: CORE_SCHEMA })
    return typeof body === 'object' && body !== null ? { body } : undefined
  } catch {
    return undefined
  }
}

/**
 * Tabs, control characters and breaks of lines that the readers take differently; escapes of characters that are none; lines that are longer than
 * a key may be, and much space. Found too often rather than too seldom: what a description says may look like any of these and of the next ones.
 */
const unusual = /[^\n\x20-\x7E\xA0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]|\\U|\\u[dD]|\\$|^[^\n]{1000}|\s{100}/m

/** Markers of documents; anchors, aliases, tags and what is reserved; keys that are no texts; text right behind a bracket; numbers without end. */
const notPlain =
  /^ *(?:---|\.\.\.)|(?:^ *|[[{,:-] *)[&*!%@`?]|(?:^|[\s[{,-])(?:~|[Nn]ull|NULL|)\s*:(?:[\s,\]}]|$)|[[{,]\s*:|(?:^|[{,])\s*(?:~|(?:[Nn]ull|NULL)\b)|\][^\s,\]}:]|(?<!\$\{\w{0,60})\}[^\s,\]}:]|<<|[\d.][eE][-+]?\d{3}|\d{300}|0x[\da-fA-F]{200}|__proto__/m
