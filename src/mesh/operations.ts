/** Operations of this slice: mesh.format, schema.show. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { didYouMean, type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import { discover } from './discover.ts'
import { type DocumentKind, documentKinds, documentProblems, jsonSchemaOf } from './documents/index.ts'
import { formatFile } from './format.ts'
import { meshLimits } from './load.ts'
import { readProject } from './project.ts'

export interface FormattedFile {
  readonly file: string
  readonly changes: readonly { readonly line: number; readonly what: string }[]
}

export const formatOperation = operation({
  name: 'mesh.format',
  effect: 'local',
  permission: 'mesh.write',
  summary: 'Patches definitions to the house form; lines that need no change keep every byte.',
  input: z.object({ check: z.boolean().default(false) }),
  async run(
    { parts }: OperationContext<{ readonly project: string }>,
    input,
  ): Promise<{ files: number; changed: readonly FormattedFile[] }> {
    const project = await readProject(parts.project, undefined)
    const found = discover(parts.project, project.roots, meshLimits(project))
    const changed: FormattedFile[] = []
    for (const { file, path } of found.definitions) {
      const text = await readFile(path, 'utf8')
      const formatted = formatFile(text)
      if (formatted.text === text) continue
      changed.push({ file, changes: formatted.changes })
      if (!input.check) await replaceFile(path, formatted.text)
    }
    return { files: found.definitions.length, changed }
  },
})

/** A reader sees the old text or the new one, never half of it. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${process.pid}.part`
  await writeFile(draft, text)
  await rename(draft, path)
}

export const schemaOperation = operation({
  name: 'schema.show',
  effect: 'local',
  permission: 'mesh.read',
  summary: 'Shows the JSON Schema of a kind of file, for editors.',
  input: z.object({ kind: z.string() }),
  async run(_: OperationContext<unknown>, input): Promise<{ kind: DocumentKind; jsonSchema: object }> {
    const lower = input.kind.toLowerCase()
    const kind = documentKinds.find(it => it.toLowerCase() === lower)
    if (kind === undefined) {
      throw new WeftError(
        'usage',
        problem(documentProblems, 'document.wrong-value', `no kind of file is called "${input.kind}"`, {
          found: input.kind,
          expected: documentKinds.join(', '),
          help: didYouMean(input.kind, documentKinds),
        }),
      )
    }
    return { kind, jsonSchema: jsonSchemaOf(kind) }
  },
})
