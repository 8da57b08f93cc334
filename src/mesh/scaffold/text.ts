/** Definitions as texts: new ones written whole, lists of those that are there grown by one entry with every other byte kept. Pure. */
import { Document, isMap, isPair, isScalar, isSeq, parseDocument, stringify } from 'yaml'

/** A definition's text. `remark` becomes its first line. */
export const definitionText = (remark: string, body: object): string => {
  const document = new Document(body, { aliasDuplicateObjects: false })
  // Words such as `no` are quoted, because readers of older YAML take them for truth values.
  return `# ${remark}\n${document.toString({ lineWidth: 0, flowCollectionPadding: true })}`
}

/** The text with one more entry at the end of the list under a key of the outermost level; the list is made where there is none. */
export const withEntry = (text: string, key: string, entry: object): string => {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false })
  const { contents } = document
  const flow = text.trimStart().startsWith('{') ? JSON.stringify(entry) : inline(entry)
  if (!isMap(contents)) return text
  const pair = contents.items.find(it => isPair(it) && isScalar(it.key) && it.key.value === key)
  const list = pair?.value
  if (isSeq(list) && list.items.length > 0 && list.range) {
    const last = list.items.at(-1)
    const end = isNode(last) ? last.range[1] : list.range[1]
    if (list.flow === true) return `${text.slice(0, end)}, ${flow}${text.slice(end)}`
    const start = text.lastIndexOf('\n', list.range[0] - 1) + 1
    const indent = ' '.repeat(list.range[0] - start)
    const lineEnd = text.indexOf('\n', trimmedEnd(text, end) - 1)
    const at = lineEnd < 0 ? text.length : lineEnd + 1
    const before = lineEnd < 0 ? '\n' : ''
    return `${text.slice(0, at)}${before}${indent}- ${flow}\n${text.slice(at)}`
  }
  if (pair !== undefined) {
    // `inputPorts: []`, or a key with nothing after it.
    const value = isNode(pair.value) ? pair.value.range : undefined
    const keyEnd = isNode(pair.key) ? pair.key.range[1] : 0
    const colon = text.indexOf(':', keyEnd) + 1
    const end = isSeq(list) && value !== undefined ? value[1] : colon
    return `${text.slice(0, colon)}\n  - ${flow}${text.slice(end)}`
  }
  return `${text.endsWith('\n') || text === '' ? text : `${text}\n`}${key}:\n  - ${flow}\n`
}

const isNode = (value: unknown): value is { readonly range: readonly [number, number, number] } =>
  typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range)

/** A block node's range may reach over the line ends behind it. */
const trimmedEnd = (text: string, end: number): number => {
  let at = end
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at--
  return at + 1
}

const inline = (entry: object): string =>
  stringify(entry, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()
