/** Plans as files of the project: kept beside the catalogue, and handed around. */
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { planHash } from './create.ts'
import type { Plan } from './plan.ts'

/** Gives the path. */
export const writePlanFile = async (folder: string, plan: Plan): Promise<string> => {
  const path = join(folder, `${plan.id}.json`)
  await writeFile(path, `${JSON.stringify({ schema: 'weft.plan/1', ...plan }, null, 1)}\n`)
  return path
}

/** A plan by its file, or by its id among the files of the folder; undefined where there is none of ours. */
export const readPlanFile = async (folder: string, word: string): Promise<Plan | undefined> => {
  for (const path of [resolve(word), join(folder, `${basename(word, '.json')}.json`)]) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    try {
      const { schema, ...plan } = JSON.parse(text) as { schema: string } & Plan // its id is a hash of the rest, compared now
      if (schema === 'weft.plan/1' && planHash(plan) === plan.id) return plan
    } catch {
      // No plan of ours: the caller says that there is none of that name.
    }
  }
  return undefined
}
