/** The built command line in a process of its own, as a person or a script runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/weft.cjs', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a command to its end. */
export const weft = async (args: readonly string[], options: CliOptions = {}): Promise<Ran> => {
  const child = start(args, options)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin?.end(options.input ?? '')
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, stdout, stderr }
}

/** Starts a command and leaves it running. */
export const start = (args: readonly string[], options: CliOptions = {}): ChildProcess =>
  spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', WEFT_STORE: '', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })

/** A command that runs beside the test. */
export interface Going {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves when its stdout or stderr has said it; fails where it ends without. */
  said(what: RegExp): Promise<void>
}

const going = new Set<ChildProcess>()

/** Ended with the test, if it has not by itself. */
export const watch = (args: readonly string[], options: CliOptions = {}): Going => {
  const child = start(args, options)
  going.add(child)
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const tell = (): void => {
    for (const it of watchers) it()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    tell()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    tell()
  })
  const ended = new Promise<Ran>(resolve =>
    child.on('close', code => {
      going.delete(child)
      resolve({ code, stdout, stderr })
      tell()
    }),
  )
  const said = (what: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (what.test(stdout + stderr)) resolve()
        else if (child.exitCode !== null) reject(new Error(`ended with ${child.exitCode}: ${stderr}`))
      }
      watchers.add(look)
      look()
    })
  return { child, ended, said }
}

afterEach(() => {
  for (const child of going) child.kill('SIGKILL')
})

/** The document of `--json`, with the exit code. */
export const weftJson = async <T = Record<string, unknown>>(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{
  readonly code: number | null
  readonly document: T & { readonly ok: boolean; readonly problems?: readonly JsonProblem[] }
}> => {
  const { code, stdout, stderr } = await weft([...args, '--json'], options)
  try {
    return { code, document: JSON.parse(stdout) }
  } catch {
    throw new Error(`weft ${args.join(' ')} printed no JSON (exit ${code}):\n${stdout}\n${stderr}`)
  }
}

export interface JsonProblem {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly found?: string
  readonly expected?: string
  readonly help?: string
  readonly subject?: string
  readonly touches?: readonly {
    readonly kind: string
    readonly name: string
    readonly owner: string
    readonly how: string
  }[]
}
