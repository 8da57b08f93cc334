/** Lineage as a tree for people, and as text that draws it elsewhere. Pure. */
import { oncePer } from '../base/index.ts'
import type { Shown, ShownEdge, ShownNode } from '../lineage/index.ts'
import { printable, type Style, width } from './terminal.ts'

interface Look {
  readonly style: (text: string, ...styles: Style[]) => string
  /** With the place in SQL of each edge. */
  readonly isVerbose: boolean
}

interface Line {
  readonly text: string
  readonly how: string
  readonly place: string
}

/** Upstream first, then downstream; what was shown before is named, and not unfolded again. */
export const lineageTree = (shown: Shown, look: Look): string[] => {
  const roots = shown.nodes.filter(it => it.hop === 0)
  const sides = [
    { title: 'made from', sign: -1 },
    { title: 'used by', sign: 1 },
  ].filter(({ sign }) => shown.nodes.some(it => Math.sign(it.hop) === sign))
  if (sides.length === 0) return [printable(shown.subject), look.style('  nothing next to it', 'dim')]
  const lines = sides.flatMap(({ title, sign }, index) => {
    const tops = roots.filter(it => nextTo(shown, it, sign).length > 0)
    const trees = tops.flatMap(root => branch(shown, root, sign, '', new Set([root.subject])))
    const heading: Line = { text: title, how: '', place: '' }
    return [
      ...(index === 0 ? [] : [{ text: '', how: '', place: '' }]),
      ...(sides.length > 1 ? [heading] : []),
      ...trees,
    ]
  })
  const wide = Math.min(90, Math.max(...lines.map(it => width(it.text))))
  return lines.map(({ text, how, place }) => {
    if (how === '') return text
    const space = ' '.repeat(Math.max(2, wide + 2 - width(text)))
    return `${text}${space}${look.style(how, 'cyan')}${look.isVerbose && place !== '' ? look.style(`  ${place}`, 'dim') : ''}`
  })
}

/** The nodes one hop further, with the edges that lead there. */
const nextTo = (shown: Shown, node: ShownNode, sign: number): { node: ShownNode; edges: ShownEdge[] }[] => {
  const found = new Map<string, { node: ShownNode; edges: ShownEdge[] }>()
  const bySubject = indexOf(shown)
  for (const edge of bySubject.edges.get(`${sign} ${node.subject}`) ?? []) {
    const subject = sign < 0 ? edge.from : edge.to
    const next = bySubject.nodes.get(subject)
    if (next === undefined || subject === node.subject) continue
    const one = found.get(subject) ?? { node: next, edges: [] }
    found.set(subject, one)
    one.edges.push(edge)
  }
  // What values are made from comes before what decides about them.
  const isValue = ({ edges }: { edges: readonly ShownEdge[] }): boolean => edges.some(it => values.has(it.how))
  return [...found.values()].sort((a, b) => Number(isValue(b)) - Number(isValue(a)))
}

const values: ReadonlySet<string> = new Set(['copied', 'renamed', 'computed', 'aggregated'])

interface Index {
  readonly nodes: ReadonlyMap<string, ShownNode>
  /** By `<sign> <subject>`: edges that lead on from there. */
  readonly edges: ReadonlyMap<string, readonly ShownEdge[]>
}

const indexOf = oncePer((shown: Shown): Index => {
  const edges = new Map<string, ShownEdge[]>()
  const add = (key: string, edge: ShownEdge): void => {
    edges.set(key, [...(edges.get(key) ?? []), edge])
  }
  for (const edge of shown.edges) {
    add(`-1 ${edge.to}`, edge)
    add(`1 ${edge.from}`, edge)
  }
  return { nodes: new Map(shown.nodes.map(it => [it.subject, it])), edges }
})

const branch = (shown: Shown, node: ShownNode, sign: number, indent: string, seen: Set<string>): Line[] => {
  const next = nextTo(shown, node, sign).filter(it => it.node.hop !== 0)
  const own = indent === '' ? [{ text: printable(node.subject), how: '', place: '' }] : []
  const isMore = (node.more ?? 0) > 0 && Math.sign(node.hop || sign) === sign
  const lines = next.flatMap(({ node: to, edges }, index) => {
    const isLast = index === next.length - 1 && !isMore
    const isAgain = seen.has(to.subject)
    seen.add(to.subject)
    const line: Line = {
      text: `${indent}${isLast ? '└─ ' : '├─ '}${printable(to.subject)}${isAgain ? ' (above)' : ''}`,
      how: howsOf(edges),
      place: placesOf(edges),
    }
    return isAgain ? [line] : [line, ...branch(shown, to, sign, `${indent}${isLast ? '   ' : '│  '}`, seen)]
  })
  const more = isMore ? [{ text: `${indent}└─ +${node.more}`, how: '', place: '' }] : []
  return [...own, ...lines, ...more]
}

const howsOf = (edges: readonly ShownEdge[]): string =>
  [...new Set(edges.map(it => (it.via === 'derived' ? it.how : it.via)))].join(', ')

const placesOf = (edges: readonly ShownEdge[]): string =>
  [
    ...new Set(edges.flatMap(it => (it.file === undefined ? [] : [printable(`${it.file}:${it.line}:${it.column}`)]))),
  ].join(' ')

export const isDrawing = (format: string): format is 'mermaid' | 'dot' => format === 'mermaid' || format === 'dot'

/** What is outside of the mesh is called as its contract writes it: a name may not become a part of the drawing. */
const escaped = {
  mermaid: (text: string): string => text.replace(/[#"<>&]/g, char => `#${char.charCodeAt(0)};`),
  dot: (text: string): string => text.replace(/["\\]/g, '\\$&'),
} as const

/** A graph for mermaid or Graphviz, with one arrow for each pair. */
export const drawing = (format: 'mermaid' | 'dot', shown: Shown): string => {
  const ids = new Map(shown.nodes.map((node, index) => [node.subject, `n${index}`]))
  const pairs = new Map<string, { from: string; to: string; edges: ShownEdge[] }>()
  for (const edge of shown.edges) {
    const [from, to] = [ids.get(edge.from), ids.get(edge.to)]
    if (from === undefined || to === undefined) continue
    const pair = pairs.get(`${from} ${to}`) ?? { from, to, edges: [] }
    pairs.set(`${from} ${to}`, pair)
    pair.edges.push(edge)
  }
  const quoted = (text: string): string => `"${escaped[format](printable(text))}"`
  const nodes = shown.nodes.map(({ subject, hop }) => {
    const id = ids.get(subject)
    if (format === 'mermaid') return `  ${id}[${quoted(subject)}]`
    return `  ${id} [label=${quoted(subject)}${hop === 0 ? ', style=bold' : ''}];`
  })
  const arrows = [...pairs.values()].map(({ from, to, edges }) =>
    format === 'mermaid'
      ? `  ${from} -->|${quoted(howsOf(edges))}| ${to}`
      : `  ${from} -> ${to} [label=${quoted(howsOf(edges))}];`,
  )
  const body = [...nodes, ...arrows].join('\n')
  return format === 'mermaid'
    ? `flowchart LR\n${body}`
    : `digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n${body}\n}`
}
