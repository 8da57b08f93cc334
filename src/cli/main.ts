/** The command line: parses, opens what a command needs, prints what it answers, and ends with the exit code of commands.md. */
import { createInterface } from 'node:readline/promises'
import { defaultLimits, didYouMean, exitCodes, type Problem, WeftError } from '../base/index.ts'
import { hasErrors, problem } from '../base/problem.ts'
import type { Platform } from '../platform.ts'
import type { Cli, Command, Values } from './command.ts'
import { findProject } from './find-project.ts'
import { cliProblems } from './problem-kinds.ts'
import { printProblems } from './problems.ts'
import { Progress } from './progress.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

/** Runs a command line; sets the process's exit code. */
export const main = async (argv: readonly string[]): Promise<void> => {
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`${version()}\n`)
    return
  }
  let running: Command | undefined
  // `weft query ... | head` closes the pipe early, and that is all right.
  process.stdout.on('error', error => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error
    if (running?.isDoneUnheard !== true) process.exit(0)
  })
  const { buildProgram } = await import('./program.ts')
  let outcome: Promise<number> | undefined
  const program = buildProgram((command, values) => {
    running = command
    outcome = runCommand(command, values)
    return outcome
  })
  const isJson = argv.includes('--json')
  // What is wrong with a command line goes into the document too.
  let said = ''
  program.configureOutput({
    writeErr: text => {
      said += text
      process.stderr.write(text)
    },
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    process.exitCode = outcome === undefined ? 0 : await outcome
  } catch (error) {
    process.exitCode = usageCode(error)
    if (isJson && process.exitCode !== 0) process.stdout.write(`${JSON.stringify(usageDocument(argv, said))}\n`)
  }
}

const usageDocument = (argv: readonly string[], said: string): object => {
  const name = argv.find(it => !it.startsWith('-')) ?? 'weft'
  const message = (said.split('\n')[0] ?? '').replace(/^error: /, '')
  return {
    schema: `weft.${name}/1`,
    ok: false,
    problems: [problem(cliProblems, 'usage.wrong-command', message, { help: `weft ${name} --help` })],
  }
}

/** Commander has told what was wrong; `--help` is no mistake. */
const usageCode = (error: unknown): number => {
  if (error instanceof Error && 'exitCode' in error && 'code' in error)
    return error.exitCode === 0 ? 0 : exitCodes.usage
  throw error
}

export const runCommand = async (command: Command, values: Values): Promise<number> => {
  const session = new Session(command, values)
  try {
    return await command.run(session, values)
  } catch (error) {
    return await session.failed(error)
  } finally {
    await session.close()
  }
}

class Session implements Cli {
  readonly terminal: Terminal
  readonly isJson: boolean
  readonly isJsonLines: boolean
  readonly isUnattended: boolean
  readonly isVerbose: boolean
  readonly yes: boolean
  private readonly command: Command
  private readonly values: Values
  private readonly stop = new AbortController()
  private readonly progress: Progress
  private opened: Promise<Platform> | undefined
  private folder: string | undefined
  private interrupts = 0
  private readonly onInterrupt = (): void => this.interrupt()

  constructor(command: Command, values: Values) {
    this.command = command
    this.values = values
    this.isJsonLines = values.jsonl === true
    this.isJson = values.json === true
    this.isVerbose = values.verbose === true
    this.yes = values.yes === true
    this.isUnattended =
      values.input === false || process.stdin.isTTY !== true || process.env.CI === 'true' || this.isJson
    this.terminal = openTerminal(values.color === false ? false : undefined)
    this.progress = new Progress(this.terminal, this.isVerbose)
    process.on('SIGINT', this.onInterrupt)
    process.on('SIGTERM', this.onInterrupt)
    process.on('SIGHUP', this.onInterrupt)
  }

  get signal(): AbortSignal {
    return this.stop.signal
  }

  async project(): Promise<string> {
    this.folder ??= await findProject(typeof this.values.project === 'string' ? this.values.project : undefined)
    return this.folder
  }

  platform(options: { readonly warm?: boolean } = {}): Promise<Platform> {
    this.opened ??= this.open(options.warm === true)
    return this.opened
  }

  private async open(warm: boolean): Promise<Platform> {
    const project = await this.project()
    const { Platform } = await import('../platform.ts')
    const { values } = this
    const platform = await Platform.open({
      project,
      principal: await principalOf(values),
      purpose: typeof values.purpose === 'string' ? values.purpose : 'operations',
      signal: this.stop.signal,
      command: `weft ${this.command.name}`,
      version: version(),
      progress: event => {
        if (this.isJsonLines) this.event('progress', event)
        else if (!this.isJson) this.progress.take(event)
      },
      ...(typeof values.env === 'string' ? { environment: values.env } : {}),
      ...(process.env.WEFT_STORE === undefined || process.env.WEFT_STORE === ''
        ? {}
        : { store: process.env.WEFT_STORE }),
    })
    if (warm) platform.warm()
    if (typeof values.as === 'string') await this.refuseStranger(platform, values.as)
    return platform
  }

  /** Only a person of the mesh can be acted for, and only where the catalogue is one's own. */
  private async refuseStranger(platform: Platform, name: string): Promise<void> {
    if (process.env.WEFT_STORE !== undefined && process.env.WEFT_STORE !== '')
      throw new WeftError(
        'forbidden',
        problem(cliProblems, 'usage.not-yours', '--as works on a catalogue of your own only', { found: name }),
      )
    const people = await platform.people()
    if (people.includes(name)) return
    throw new WeftError(
      'usage',
      problem(cliProblems, 'usage.wrong-value', `nobody in the mesh is called "${name}"`, {
        found: name,
        expected: people.slice(0, 12).join(', '),
        help: didYouMean(name, people),
      }),
    )
  }

  document(name: string, body: object, problems: readonly Problem[] = []): void {
    this.progress.stop()
    const document = {
      schema: `weft.${name}/1`,
      ok: !hasErrors(problems),
      ...body,
      ...(problems.length > 0 ? { problems } : {}),
    }
    this.terminal.out.write(`${JSON.stringify(document, null, this.terminal.out.isTTY ? 2 : 0)}\n`)
  }

  event(event: string, body: object): void {
    this.terminal.out.write(`${JSON.stringify({ event, ...body })}\n`)
  }

  async problems(problems: readonly Problem[]): Promise<void> {
    this.progress.stop()
    const statement = typeof this.values.sql === 'string' ? this.values.sql : undefined
    await printProblems(this.terminal, this.folder, problems, await this.shownMax(), statement)
  }

  /** As the mesh sets it, where there is one that can be read. */
  private async shownMax(): Promise<number> {
    const platform = await this.opened?.catch(() => undefined)
    return (platform?.limits ?? defaultLimits).problemsShownMax
  }

  async ask(question: string): Promise<boolean> {
    return /^y(es)?$/i.test(await this.answer(`${question} [y/N] `))
  }

  async askText(question: string, otherwise = ''): Promise<string> {
    const answer = await this.answer(`${question}${otherwise === '' ? '' : ` [${otherwise}]`}: `)
    return answer === '' ? otherwise : answer
  }

  private async answer(question: string): Promise<string> {
    this.progress.stop()
    const reader = createInterface({ input: process.stdin, output: process.stderr })
    try {
      return (await reader.question(question, { signal: this.stop.signal })).trim()
    } finally {
      reader.close()
    }
  }

  /** Says what went wrong and gives the exit code. */
  async failed(error: unknown): Promise<number> {
    this.progress.stop()
    const isInterrupted = this.stop.signal.aborted
    if (!(error instanceof WeftError) && !isInterrupted) return this.bug(error)
    const problems = error instanceof WeftError ? error.problems : []
    const kind = isInterrupted ? 'interrupted' : error instanceof WeftError ? error.kind : 'failed'
    if (this.isJson) this.document(this.command.name, { ok: false }, problems)
    else if (this.isJsonLines) this.event('end', { ok: false, problems })
    else await this.problems(problems)
    if (kind === 'interrupted' && !this.isJson) this.terminal.remark('stopped; nothing is half done')
    return exitCodes[kind]
  }

  private bug(error: unknown): number {
    const message = error instanceof Error ? error.message : String(error)
    const found = problem(cliProblems, 'weft.bug', `Weft has a bug: ${message.split('\n')[0]}`, {
      help: 'set WEFT_DEBUG=1 to see where; please tell us.',
    })
    if (this.isJson) this.document(this.command.name, { ok: false }, [found])
    else
      this.terminal.remark(
        `${this.terminal.styleRemark('error[weft.bug]', 'red', 'bold')}: ${found.message}\n   = help: ${found.help}`,
      )
    if (process.env.WEFT_DEBUG !== undefined && error instanceof Error) this.terminal.remark(error.stack)
    return exitCodes.failed
  }

  async close(): Promise<void> {
    this.progress.stop()
    const platform = await this.opened?.catch(() => undefined)
    const waiting = platform?.waiting ?? []
    if (waiting.length > 0)
      this.terminal.remark(`goes on for ${waiting.join(', ')}, which other terminals wait for; Ctrl-C stops that too`)
    await platform?.close()
    process.off('SIGINT', this.onInterrupt)
    process.off('SIGTERM', this.onInterrupt)
    process.off('SIGHUP', this.onInterrupt)
  }

  private interrupt(): void {
    this.interrupts++
    if (this.interrupts > 1) process.exit(exitCodes.interrupted)
    this.progress.stop()
    this.terminal.remark('stopping; press Ctrl-C again to stop at once')
    this.stop.abort()
  }
}

const principalOf = async (values: Values) => {
  if (typeof values.as === 'string') return { kind: 'person' as const, name: values.as }
  const { userInfo } = await import('node:os')
  try {
    return { kind: 'operator' as const, name: userInfo().username }
  } catch {
    return { kind: 'operator' as const, name: 'operator' }
  }
}
