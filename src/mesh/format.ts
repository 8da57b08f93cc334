/** `weft fmt`: patches a definition's text and nothing else. A line that needs no change keeps every byte. Pure. */
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'

export interface Formatted {
  readonly text: string
  /** What was changed, by line from 1. */
  readonly changes: readonly { readonly line: number; readonly what: string }[]
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly what: string
}

/** Space at the ends of lines, a missing or doubled last line end, tabs after a key, and versions that YAML takes for numbers. JSON is left alone. */
export const formatFile = (text: string): Formatted => {
  if (/^\s*[{[]/.test(text)) return { text, changes: [] }
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false })
  if (document.errors.length > 0) return { text, changes: [] }
  const kept = blockTexts(document)
  const edits = [...versionEdits(document), ...spaceEdits(text, kept), ...endEdits(text)]
  return apply(text, edits)
}

/** Offsets of block scalars and of quoted texts over several lines: space at the ends of their lines can be meant. */
const blockTexts = (document: ReturnType<typeof parseDocument>): [number, number][] => {
  const found: [number, number][] = []
  visit(document, {
    Scalar: (_, node) => {
      const isBlock = node.type?.startsWith('BLOCK') === true
      if (node.range && (isBlock || node.type?.startsWith('QUOTE')))
        found.push([node.range[0], node.range[isBlock ? 2 : 1]])
    },
  })
  return found
}

/** `version: 1.0` would be the number 1: quoted, it says what was written. */
const versionEdits = (document: ReturnType<typeof parseDocument>): Edit[] => {
  const edits: Edit[] = []
  const look = (node: unknown): void => {
    if (isSeq(node)) node.items.forEach(look)
    if (!isMap(node)) return
    for (const pair of node.items) {
      const { key, value } = pair
      const isVersion = isScalar(key) && (key.value === 'version' || key.value === 'dataContractVersion')
      if (isVersion && isScalar(value) && typeof value.value === 'number' && value.range && value.source !== undefined)
        edits.push({
          from: value.range[0],
          to: value.range[1],
          text: `"${value.source}"`,
          what: 'quotes a version that is read as a number',
        })
      look(value)
    }
  }
  look(document.contents)
  return edits
}

const spaceEdits = (text: string, kept: readonly [number, number][]): Edit[] => {
  const edits: Edit[] = []
  for (const match of text.matchAll(/[ \t]+(?=\r?\n|$)/g)) {
    const from = match.index
    if (match[0] === '' || kept.some(([start, end]) => from >= start && from < end)) continue
    edits.push({ from, to: from + match[0].length, text: '', what: 'takes away space at the end of a line' })
  }
  return edits
}

const endEdits = (text: string): Edit[] => {
  if (text === '') return []
  const end = /(\r?\n)*$/.exec(text)?.[0] ?? ''
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  if (end === lineEnd) return []
  // A block scalar that keeps its last lines (`|+`) means them.
  if (/[|>]\d?\+/.test(text) && end !== '') return []
  return [{ from: text.length - end.length, to: text.length, text: lineEnd, what: 'ends the file with one line end' }]
}

const apply = (text: string, edits: readonly Edit[]): Formatted => {
  const sorted = [...edits].sort((a, b) => a.from - b.from)
  let result = ''
  let at = 0
  const changes: { line: number; what: string }[] = []
  for (const edit of sorted) {
    if (edit.from < at) continue
    result += text.slice(at, edit.from) + edit.text
    at = edit.to
    changes.push({ line: text.slice(0, edit.from).split('\n').length, what: edit.what })
  }
  return { text: result + text.slice(at), changes }
}
