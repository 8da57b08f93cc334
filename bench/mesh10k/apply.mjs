/**
 * Brings the catalogue of a mesh to where it would be after everything was applied and built, without building: definitions are applied by the
 * planner, then each port serves a snapshot with the key that a build would have given it. Run as a process of its own: `node apply.mjs <project>`.
 */

import { buildKey, buildOrder, inputFingerprints, servedPorts } from '../../dist/pipelines/index.js'
import { applyPlan } from '../../dist/planner/apply.js'
import { createPlan, planHash } from '../../dist/planner/create.js'
import { Platform } from '../../dist/platform.js'

const platform = await Platform.open({
  project: process.argv[2],
  principal: { kind: 'operator', name: 'bench' },
  purpose: 'bench',
  command: 'bench',
  version: '0',
  signal: new AbortController().signal,
})
const checked = await platform.parts.checkWithCatalogue(undefined)
const parts = await platform.parts.runs()
const { db } = parts.store
const plan = await createPlan(parts, checked, { breaking: [], removal: [] })
const context = { signal: new AbortController().signal, progress: () => {}, by: 'bench' }
const steps = plan.steps.filter(it => it.kind !== 'build')
// A few at a time: the body of a plan of all of them would be a hundred megabytes.
for (let from = 0; from < steps.length; from += 250) {
  const part = { ...plan, changes: [], reads: {}, steps: steps.slice(from, from + 250) }
  const applied = await applyPlan(parts, checked, { ...part, id: planHash(part) }, context, false)
  const failed = applied.steps.find(it => it.state !== 'done')
  if (failed !== undefined) throw new Error(JSON.stringify(failed))
}

const ids = new Map(
  (await db.selectFrom('entity').select(['id', 'kind', 'subject']).where('removed_at', 'is', null).execute()).map(
    it => [`${it.kind} ${it.subject}`, it.id],
  ),
)
const served = await servedPorts(parts)
const engine = await parts.engine()
const at = new Date()
const rows = { snapshot: [], publication: [], publication_dataset: [] }
for (const subject of buildOrder(checked.mesh, new Set(checked.mesh.products.keys()))) {
  const product = checked.mesh.products.get(subject)
  const key = buildKey(product, await inputFingerprints(parts, product, served), engine, at, parts.keepRows)
  for (const port of product.outputs) {
    const portId = ids.get(`outputPort ${port.subject}`)
    rows.publication.push({
      port_id: portId,
      env: parts.env,
      port: port.subject,
      seq: 1,
      reason: 'run',
      run_id: null,
      by: 'bench',
      at,
      mirrored: true,
    })
    const datasets = port.datasets.map(it => ({ dataset: it.subject, snapshot: parts.effects.id(), buildKey: key }))
    served.set(port.subject, { seq: 1, datasets })
    for (const { dataset, snapshot } of datasets) {
      const datasetId = ids.get(`dataset ${dataset}`)
      rows.publication_dataset.push({ port_id: portId, seq: 1, dataset_id: datasetId, dataset, snapshot_id: snapshot })
      rows.snapshot.push({
        id: snapshot,
        env: parts.env,
        dataset_id: datasetId,
        dataset,
        run_id: '',
        contract_hash: '',
        model_hash: '',
        schema_hash: '',
        build_key: key,
        content_hash: '',
        layout: 'owned',
        uri: '',
        manifest_hash: '',
        revision: 0,
        rows: 1,
        bytes: 1,
        files: 1,
        reused_files: 0,
        state: 'kept',
        created_at: at,
      })
    }
  }
}
for (const [table, all] of Object.entries(rows))
  for (let from = 0; from < all.length; from += 500)
    await db
      .insertInto(table)
      .values(all.slice(from, from + 500))
      .execute()
await platform.close()
