/** After any edits, with what earlier processes kept and without, files are found to be the same, with the same problems at the same places, and plans are the same, whether all that is applied is loaded or only what differs. `WEFT_EDITS` says how many edits (24). */
import { cp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type Problem, WeftError } from '../src/base/index.ts'
import { applyPlan } from '../src/planner/apply.ts'
import type { Allowed } from '../src/planner/blocked.ts'
import { planHash } from '../src/planner/create.ts'
import { type CheckedMesh, checkMesh, createPlan, type Plan } from '../src/planner/index.ts'
import { ownedBy } from '../src/planner/lineage.ts'
import { Platform } from '../src/platform.ts'
import { temporaryFolder } from './support/mesh.ts'

const edits = Number(process.env.WEFT_EDITS ?? 24)
const nothing: Allowed = { breaking: [], removal: [] }
/** A permission loads all that is applied, since it may name anything; this one allows nothing that anybody does here. */
const all: Allowed = { breaking: [], removal: ['policy/retention'] }
const context = { signal: new AbortController().signal, progress: () => {}, by: 'test' }

afterEach(() => {
  vi.useRealTimers()
})

const randomFrom = (seed: number) => {
  let state = seed * 7919 + 13
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'domains'), { recursive: true, withFileTypes: true }))
    .filter(it => it.isFile() && /\.(yaml|sql)(\.away)?$/.test(it.name))
    .map(it => join(it.parentPath, it.name))
    .sort()

/** What somebody may do to a file. Each gives the text anew, or undefined for a file that goes or comes back. */
const acts: Readonly<Record<string, (text: string, pick: (below: number) => number) => string>> = {
  removesLine: (text, pick) => {
    const lines = text.split('\n')
    lines.splice(pick(lines.length), 1)
    return lines.join('\n')
  },
  // As long as before.
  changesLetter: (text, pick) => {
    const at = pick(text.length)
    return `${text.slice(0, at)}${text[at] === 'e' ? 'a' : text[at] === ' ' || text[at] === '\n' ? text[at] : 'e'}${text.slice(at + 1)}`
  },
  addsLine: text => `# looked at\n${text}`,
  renames: text => text.replaceAll('country', 'land'),
  loosens: text => text.replace(/ +required: true\n/, ''),
  breaks: text => text.replace(':', ': ['),
  deprecates: text => text.replace('status: active', 'status: deprecated'),
  retires: text => text.replace('status: deprecated', 'status: retired'),
  countsAnother: text => text.replace('sum(', 'max('),
  says: text => text.replace('description: ', 'description: Now '),
}

const editOne = async (folder: string, original: string, pick: (below: number) => number): Promise<string> => {
  const files = await filesOf(folder)
  const file = files[pick(files.length)] ?? ''
  const word = ['mends', 'goes', ...Object.keys(acts)][pick(Object.keys(acts).length + 2)] ?? 'mends'
  if (word === 'mends') await cp(join(original, 'domains'), join(folder, 'domains'), { recursive: true })
  else if (file.endsWith('.away')) await rename(file, file.slice(0, -'.away'.length))
  else if (word === 'goes') await rename(file, `${file}.away`)
  else await writeFile(file, acts[word]?.(await readFile(file, 'utf8'), pick) ?? '')
  return `${word} ${file}`
}

const told = (checked: CheckedMesh): readonly Problem[] =>
  JSON.parse(JSON.stringify([...checked.problems, ...checked.bindProblems]))

const lineages = ({ models }: CheckedMesh) => models.map(({ dataset, lineage }) => ({ dataset, lineage }))

const original = join(import.meta.dirname, '../examples/shop')

const shop = async () => {
  const folder = await temporaryFolder()
  await cp(original, folder, {
    recursive: true,
    filter: path => !/\/(\.weft|data)(\/|$)/.test(path.slice(original.length)),
  })
  const platform = await Platform.open({
    project: folder,
    principal: { kind: 'operator', name: 'test' },
    purpose: 'test',
    command: 'test',
    version: '0',
    signal: context.signal,
  })
  const parts = await platform.parts.runs()
  const check = { project: folder, engine: platform.parts.engine, scratch: folder }
  return { folder, platform, parts, check, cache: join(folder, '.weft', 'dev', 'cache') }
}

/** A plan without its builds is done in a moment, and brings the catalogue as far. */
const withoutBuilds = (plan: Plan): Plan => {
  const unbuilt = { ...plan, steps: plan.steps.filter(it => it.kind !== 'build') }
  return { ...unbuilt, id: planHash(unbuilt) }
}

test('what was kept changes no plan and no problem', { timeout: 300_000 }, async () => {
  const { folder, platform, parts, check, cache } = await shop()
  const random = randomFrom(Number(process.env.WEFT_SEED ?? 1))
  const hourMs = 3_600_000
  let plans = 0
  let refused = 0
  const planOf = async (checked: CheckedMesh, allowed = nothing): Promise<unknown> => {
    try {
      const { id: _id, allowed: _allowed, ...plan } = await createPlan(parts, checked, allowed)
      return plan
    } catch (error) {
      if (!(error instanceof WeftError)) throw error
      return JSON.parse(JSON.stringify(error.problems))
    }
  }
  try {
    for (let step = 0; step < edits; step++) {
      const what = step === 0 ? 'nothing' : await editOne(folder, original, random)
      // Later, files lie still for long enough to be kept; with a clock that was set back, they do not.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (random(5) === 0 ? -hourMs : hourMs) })
      if (random(4) === 0) for (const it of await readdir(cache)) await truncate(join(cache, it), random(20_000))
      const kept = await checkMesh({ ...check, cache })
      const again = await checkMesh({ ...check, cache })
      vi.useRealTimers()
      const fresh = await checkMesh(check)
      for (const it of [kept, again]) {
        expect(told(it), `${step}: ${what}`).toEqual(told(fresh))
        expect([...it.reads], `${step}: ${what}`).toEqual([...fresh.reads])
        expect(lineages(it), `${step}: ${what}`).toEqual(lineages(fresh))
      }
      const plan = await planOf(fresh)
      expect(await planOf(kept), `${step}: ${what}`).toEqual(plan)
      expect(await planOf(again), `${step}: ${what}`).toEqual(plan)
      expect(await planOf(again, all), `${step}: ${what}`).toEqual(plan)
      if (Array.isArray(plan)) {
        refused++
        continue
      }
      plans++
      const made = await createPlan(parts, again, nothing)
      if (made.blocked.length > 0 || random(3) > 0) continue
      await applyPlan(parts, again, withoutBuilds(made), context, false)
      const after = await planOf(await checkMesh({ ...check, cache }))
      expect(after, `${step}: applied`).toEqual(await planOf(await checkMesh(check)))
    }
    expect(plans).toBeGreaterThan(edits / 5)
    expect(refused).toBeGreaterThan(0)
  } finally {
    vi.useRealTimers()
    await platform.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('lineage is written in full from models that an earlier process has bound', { timeout: 60_000 }, async () => {
  const { folder, platform, parts, check, cache } = await shop()
  try {
    await checkMesh({ ...check, cache })
    const kept = await checkMesh({ ...check, cache, engine: () => Promise.reject(new Error('nothing is bound again')) })
    await applyPlan(parts, kept, withoutBuilds(await createPlan(parts, kept, nothing)), context, false)
    const rows = await parts.store.db
      .selectFrom('lineage_edge as e')
      .innerJoin('lineage_node as f', 'f.id', 'e.from_id')
      .innerJoin('lineage_node as t', 't.id', 'e.to_id')
      .select(['f.subject as from', 't.subject as to'])
      .where('e.until', 'is', null)
      .execute()
    const fresh = await checkMesh(check)
    const owners = [...fresh.mesh.products.keys(), ...fresh.mesh.others.map(it => it.subject)]
    const edges = owners.flatMap(it => ownedBy(fresh, it)).flatMap(it => it.edges)
    expect(rows.map(it => `${it.from} ${it.to}`).sort()).toEqual(
      edges.map(it => `${it.from.subject} ${it.to.subject}`).sort(),
    )
    expect(edges.filter(it => it.level === 'column').length).toBeGreaterThan(50)
  } finally {
    await platform.close()
    await rm(folder, { recursive: true, force: true })
  }
})
