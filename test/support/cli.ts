/** The built command line in a process of its own, as a person or a script runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

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
}
