/** Groups of partitions that a long build has finished: one that was ended, by a person or by a kill, goes on behind them. */
import { appendFile, mkdir, mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuiltFile } from './packing.ts'
import type { PartitionName } from './table.ts'

interface Line {
  readonly partitions: readonly (readonly [PartitionName, string])[]
  readonly files: readonly BuiltFile[]
}

export class Journal {
  private readonly folder: string
  private readonly path: string
  private readonly lines: Line[]

  /** The folder is made where it is not there. */
  static async open(folder: string): Promise<Journal> {
    await mkdir(folder, { recursive: true })
    const path = join(folder, 'finished.ndjson')
    const text = await readFile(path, 'utf8').catch(() => '')
    const lines: Line[] = []
    for (const line of text.split('\n').filter(it => it !== '')) {
      try {
        lines.push(JSON.parse(line) as Line) // written by add only; a half-written one does not parse
      } catch {
        // The last group was being written down when the process ended: it is built again.
      }
    }
    // A torn line at the end would take the next one with it.
    await writeFile(`${path}.draft`, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    await rename(`${path}.draft`, path)
    return new Journal(folder, path, lines)
  }

  private constructor(folder: string, path: string, lines: Line[]) {
    this.folder = folder
    this.path = path
    this.lines = lines
  }

  /** Partitions that were finished with these very keys and whose files are there, and the files that have them: maybe with others. */
  async finished(
    keys: ReadonlyMap<PartitionName, string>,
  ): Promise<{ readonly partitions: ReadonlySet<PartitionName>; readonly files: readonly BuiltFile[] }> {
    const partitions = new Set<PartitionName>()
    const files: BuiltFile[] = []
    for (const line of this.lines) {
      const sizes = await Promise.all(
        line.files.map(file =>
          stat(file.path).then(
            it => it.size,
            () => -1,
          ),
        ),
      )
      if (line.files.some((file, index) => file.bytes !== sizes[index])) continue
      const same = line.partitions.filter(([name, key]) => keys.get(name) === key && !partitions.has(name))
      for (const [name] of same) partitions.add(name)
      if (same.length > 0) files.push(...line.files)
    }
    return { partitions, files }
  }

  async add(
    partitions: readonly PartitionName[],
    keys: ReadonlyMap<PartitionName, string>,
    files: readonly BuiltFile[],
  ): Promise<void> {
    const line: Line = { partitions: partitions.map(name => [name, keys.get(name) ?? '']), files }
    this.lines.push(line)
    await appendFile(this.path, `${JSON.stringify(line)}\n`)
  }

  /** A new folder for the next group: one of an earlier group may be named by a line. */
  newFolder(): Promise<string> {
    return mkdtemp(join(this.folder, 'group-'))
  }
}
