/** A throw-away PostgreSQL on loopback for tests: the machine's own, or the distribution's package unpacked beside the dependencies. Nothing of the machine is changed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface Postgres {
  /** Of a user who may make databases, without a database's name: `postgres://weft@127.0.0.1:7432/`. */
  readonly url: string
  stop(): Promise<void>
}

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../node_modules/.cache/weft-postgres/', import.meta.url))

/** Starts a server, or says why there is none. */
export const startPostgres = async (): Promise<Postgres | string> => {
  const bin = (await installedBin('/')) ?? (await installedBin(cache)) ?? (await unpack().catch(reasonOf))
  return bin.startsWith('/') ? start(bin).catch(reasonOf) : bin
}

const reasonOf = (error: unknown): string =>
  `no PostgreSQL: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'}`

/** The newest of Debian's layout below a root. */
const installedBin = async (root: string): Promise<string | undefined> => {
  const versions = await readdir(join(root, 'usr/lib/postgresql')).catch(() => [])
  for (const version of versions.sort((one, other) => Number(other) - Number(one))) {
    const bin = join(root, 'usr/lib/postgresql', version, 'bin')
    if ((await stat(join(bin, 'initdb')).catch(() => undefined)) !== undefined) return bin
  }
  return undefined
}

/** Downloads as any user may, and unpacks; the package's scripts are not run. */
const unpack = async (): Promise<string> => {
  const { stdout } = await run('apt-cache', ['depends', 'postgresql'])
  const server = /Depends: (postgresql-\d+)/.exec(stdout)?.[1]
  if (server === undefined) return 'no PostgreSQL: the distribution has no package of that name'
  await mkdir(cache, { recursive: true })
  const packages = [server, 'libpq5', ...(await librariesOf(server))]
  await run('apt-get', ['download', ...new Set(packages)], { cwd: cache, timeout: 50_000 })
  for (const name of await readdir(cache))
    if (name.endsWith('.deb')) await run('dpkg', ['-x', join(cache, name), cache])
  return (await installedBin(cache)) ?? 'no PostgreSQL: the package holds no server'
}

/** Libraries that the server needs and a small machine may lack; the compiler of expressions is not needed. */
const librariesOf = async (server: string): Promise<string[]> => {
  const { stdout } = await run('apt-cache', ['depends', server])
  return [...stdout.matchAll(/Depends: (lib(?:icu|xml2|ldap|lz4|zstd|gssapi)[^\s]*)/g)].flatMap(match => match[1] ?? [])
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** PostgreSQL refuses to run as root: root hands it to the user nobody. */
const nobody = 65534

const start = async (bin: string): Promise<Postgres> => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-postgres-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chown(folder, nobody, nobody)
  await chmod(folder, 0o700)
  const libraries = join(bin, '../../../..', 'lib')
  const options = {
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    cwd: folder,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, join(libraries, 'x86_64-linux-gnu'), join(libraries, 'aarch64-linux-gnu')].join(':'),
      LC_ALL: 'C.UTF-8',
    },
  }
  const data = join(folder, 'db')
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'weft', '--auth=trust', '--encoding=UTF8', '--no-sync'], options)
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'jit=off',
    'max_connections=200',
  ]
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap(one => ['-c', one])],
    {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  await isReady(server)
  return {
    url: `postgres://weft@127.0.0.1:${port}/`,
    stop: async () => {
      const exited = once(server, 'exit')
      server.kill('SIGINT')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const isReady = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', code => reject(new Error(`the server ended with ${code}`)))
  })
