/** The pages of docs/reference, made from the code: commands, problem codes, kinds of files, limits, SQL, expressions. */
import { exitCodes, limits } from '../../src/base/index.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { cliProblems } from '../../src/cli/problem-kinds.ts'
import { commonOptions } from '../../src/cli/program.ts'
import { type ChangeRule, changeRules } from '../../src/domain/index.ts'
import { describeKind, documentKinds } from '../../src/mesh/index.ts'
import { operations, problemKinds } from '../../src/platform.ts'
import { allowedFunctions, allowedTableFunctions, lineageKinds } from '../../src/sql/index.ts'
import { changeDifferences } from '../parity/change-differences.ts'
import { differences } from '../parity/differences.ts'
import { basicKeys } from '../parity/standard.ts'
import { checkKeys } from '../parity/standard-quality.ts'

const note = '<!-- Made from the code by `npm run docs`; do not edit. -->'

/** Text by file name. */
export const referencePages = (): ReadonlyMap<string, string> =>
  new Map([
    ['README.md', index()],
    ['commands.md', commandPage()],
    ['problems.md', problemPage()],
    ['kinds.md', kindPage()],
    ['limits.md', limitPage()],
    ['operations.md', operationPage()],
    ['sql.md', sqlPage()],
    ['lineage.md', lineagePage()],
    ['expressions.md', expressionPage()],
    ['checks.md', checkPage()],
    ['changes.md', changePage()],
  ])

const page = (title: string, ...lines: readonly string[]): string => `# ${title}\n\n${note}\n\n${lines.join('\n')}\n`

/** A cell of a table: no bars, no line ends. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const index = (): string =>
  page(
    'Reference',
    '- [Commands](commands.md): what can be typed, and the exit codes',
    '- [Problems](problems.md): every code, why it is a problem, how to mend it',
    '- [Kinds of files](kinds.md): every key of every kind of definition',
    '- [Checks](checks.md): every key of the standard that promises something of data, how it is checked, and where we judge otherwise than another tool',
    '- [Changes](changes.md): what each change of a contract is to those who read a port and to those who write it, and which version follows',
    '- [Limits](limits.md): every limit, its default, what it holds back',
    '- [SQL](sql.md): what a statement of a reader or a model may call',
    '- [Lineage](lineage.md): what columns are made from, kind by kind of what a statement is made of',
    '- [Expressions](expressions.md): the small language of policies',
    '- [Operations](operations.md): what commands are made of',
  )

const commandPage = (): string =>
  page(
    'Commands',
    'Every command takes:',
    '',
    '| option | what |',
    '|---|---|',
    ...commonOptions.map(it => `| \`${cell(it.flags)}\` | ${cell(it.what)} |`),
    '',
    ...commands.flatMap(it => [
      `## weft ${it.name}`,
      '',
      `${it.summary[0]?.toUpperCase()}${it.summary.slice(1)}.`,
      ...(it.about === undefined ? [] : ['', it.about]),
      '',
      ...table([
        ...(it.arguments ?? []).map(one => [one.name, one.what] as const),
        ...(it.options ?? []).map(one => [one.flags, one.what] as const),
      ]),
      '```sh',
      ...it.examples,
      '```',
      '',
    ]),
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    '| 0 | done |',
    '| 2 | only with `--detailed-exitcode`: there are changes |',
    ...Object.entries(exitCodes).map(([kind, code]) => `| ${code} | ${meanings[kind] ?? kind} |`),
  )

const meanings: Readonly<Record<string, string>> = {
  failed: 'failed while running',
  checks: 'checks of data failed, nothing bad was published',
  blocked: 'blocked: a breaking change or removal that is not allowed, a stale plan',
  usage: 'wrong usage',
  invalid: 'invalid definitions',
  unreachable: 'store or storage unreachable or locked',
  forbidden: 'not allowed',
  interrupted: 'interrupted; nothing is half done',
}

const table = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.length === 0
    ? []
    : ['| | |', '|---|---|', ...rows.map(([name, what]) => `| \`${cell(name)}\` | ${cell(what)} |`), '']

const problemPage = (): string =>
  page(
    'Problems',
    'Each problem has a code that never changes. `weft explain <code>` prints the same.',
    '',
    ...Object.entries({ ...problemKinds, ...cliProblems })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([code, it]) => [`## ${code}`, '', `${it.title} (${it.severity}).`, '', it.why, '', it.mend, '']),
  )

const kindPage = (): string =>
  page(
    'Kinds of files',
    '`DataProduct` is ODPS 1.1 (also 1.0), `DataContract` is ODCS 3.2 (back to 3.0), both of [Bitol](https://bitol.io); the rest is our own. `weft schema <kind>` prints a JSON Schema for editors.',
    '',
    ...documentKinds.flatMap(kind => [
      `## ${kind}`,
      '',
      '| key | type | | |',
      '|---|---|---|---|',
      ...describeKind(kind).map(
        it => `| \`${cell(it.path)}\` | ${cell(it.type)} | ${it.required ? 'needed' : ''} | ${cell(it.description)} |`,
      ),
      '',
    ]),
  )

const limitPage = (): string =>
  page(
    'Limits',
    'Set by `limits` in mesh.yaml, for all domains; `limits` of a domain and of a pipeline are closer and win. Sizes are written `2GB`, times `15min`.',
    '',
    '| name | default | what |',
    '|---|---|---|',
    ...Object.entries(limits).map(([name, it]) => `| \`${name}\` | ${inWords(it.value, it.unit)} | ${cell(it.what)} |`),
  )

const inWords = (value: number, unit: string): string => {
  if (unit === 'bytes') return value >= 1024 ** 3 ? `${value / 1024 ** 3}GB` : `${value / 1024 ** 2}MB`
  if (unit === 'ms')
    return value >= 3_600_000 ? `${value / 3_600_000}h` : value >= 60_000 ? `${value / 60_000}min` : `${value / 1000}s`
  return value.toLocaleString('en-US')
}

const operationPage = (): string =>
  page(
    'Operations',
    'Commands are made of these; other faces of the platform will be made of the same list.',
    '',
    '| name | effect | permission | what |',
    '|---|---|---|---|',
    ...[...operations]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(it => `| \`${it.name}\` | ${it.effect} | \`${it.permission}\` | ${cell(it.summary)} |`),
  )

const lineagePage = (): string =>
  page(
    'Lineage',
    'What each column of a statement is made from, and what decides about it, follows from the tree that DuckDB makes of the statement. These are',
    'all kinds of node that the engine has, and what flows through each. What lineage cannot know it tells, and never leaves it out without a word.',
    ...Object.entries(lineageKinds).flatMap(([enumeration, kinds]) => {
      const all = Object.entries<string | undefined>(kinds)
      const others = all.filter(([, words]) => words === undefined).map(([kind]) => `\`${kind}\``)
      return [
        '',
        `## ${enumeration}`,
        '',
        '| kind | what flows |',
        '|---|---|',
        ...all.flatMap(([kind, words]) => (words === undefined ? [] : [`| \`${kind}\` | ${cell(words)} |`])),
        ...(others.length === 0 ? [] : ['', `Told as unknown: ${others.join(', ')}.`]),
      ]
    }),
  )

const sqlPage = (): string =>
  page(
    'SQL',
    "Statements are single SELECTs in DuckDB's dialect. What they may consist of is a closed list; what is not on it is refused, also when a newer engine brings it.",
    '',
    '## Functions',
    '',
    [...allowedFunctions]
      .sort()
      .map(it => `\`${it}\``)
      .join(', '),
    '',
    '## Table functions',
    '',
    [...allowedTableFunctions]
      .sort()
      .map(it => `\`${it}\``)
      .join(', '),
  )

const expressionPage = (): string =>
  page(
    'Expressions',
    'Rules of policies are written in a small language: typed, checked when the file is read, without loops or side effects.',
    '',
    '```',
    'expr    = or ;  or = and { "or" and } ;  and = not { "and" not } ;  not = [ "not" ] cmp',
    'cmp     = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "matches") sum ] | "exists" path | "(" expr ")"',
    'sum     = value { ("+" | "-") value }',
    'value   = text | number | "true" | "false" | "null" | duration | list | call | path',
    'call    = ("count" | "lower" | "upper" | "length" | "today" | "now") "(" [ expr { "," expr } ] ")"',
    'list    = "[" [ expr { "," expr } ] "]" ;  path = name { "." name }',
    '```',
    '',
    'In standards, paths are those of the files with their links followed (`product.team.owner`, `column.tags`); a path through a list is the list of its values. In filters they are columns, `principal`, `purpose` and `lookup`. Null is false in standards and follows SQL in filters.',
  )

const checkPage = (): string =>
  page(
    'Checks',
    'What ODCS 3.2 can promise of data, and how Weft checks it. Every line but those that promise nothing has rows in the tests that keep it and rows that break it. No check looks at a sample.',
    '',
    '| key | how it is checked | limits |',
    '|---|---|---|',
    ...[...basicKeys, ...checkKeys].map(it => `| ${cell(it.key)} | ${cell(it.how)} | ${cell(it.limits ?? '')} |`),
    '',
    '## Other verdicts than those of datacontract-cli',
    '',
    '`npm run test:parity` lets both judge the same contracts with the same data, check by check. They differ here and nowhere else:',
    '',
    '| where | why |',
    '|---|---|',
    ...differences.map(it => `| ${cell(it.what)} | ${cell(it.why)} |`),
  )

const changePage = (): string =>
  page(
    'Changes',
    'What a change of a contract is to those who read by it and to those who have to deliver it. A change breaks readers where it loosens what was promised, or means something else; it breaks writers where it tightens. Ports are read, so that the version follows from the readers: what breaks them needs a new major, what offers more a new minor, anything else a patch. `weft plan` and `weft diff` judge by this table and by nothing else.',
    '',
    '| id | what changed | the data permitted | readers | writers | why |',
    '|---|---|---|---|---|---|',
    ...Object.entries<ChangeRule>(changeRules).map(
      ([id, it]) =>
        `| \`${id}\` | ${cell(it.what)} | ${directions[it.direction]} | ${it.reader} | ${it.writer} | ${cell(it.why)} |`,
    ),
    '',
    '## Types',
    '',
    'A type is widened where every value of the old one is a value of the new one, exactly: whole numbers of more bits, unsigned into signed of more bits; decimals with no fewer digits on either side of the point; whole numbers into decimals with enough digits, up to 32 bits into DOUBLE and up to 16 into FLOAT; FLOAT into DOUBLE; DATE into TIMESTAMP; seconds, milliseconds and microseconds in that order; UUID and JSON into VARCHAR. The other way round it is narrowed. All else is changed: an instant with a zone beside one without, nanoseconds (which reach from 1677 to 2262 only), decimals and doubles. Structures, lists and maps are compared by what lies inside.',
    '',
    '## Other verdicts than those of datacontract-cli',
    '',
    '`npm run test:parity` lets both judge the golden pairs of contracts, for readers and for writers. They differ here and nowhere else:',
    '',
    '| where | pairs | why |',
    '|---|---|---|',
    ...changeDifferences.map(it => `| ${cell(it.what)} | ${Object.keys(it.pairs).length} | ${cell(it.why)} |`),
  )

const directions: Readonly<Record<ChangeRule['direction'], string>> = {
  loosens: 'grows',
  tightens: 'shrinks',
  both: 'is other',
  neither: 'stays',
}
