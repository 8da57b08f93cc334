/** JSON: an array of records, one record, or a record on each line. Objects are structures and arrays lists, as the contract declares them. */
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { exactJson, recordShape } from './exact-json.ts'
import { inParts, type Lander, writeRows } from './land-part.ts'
import { originName } from './rejects.ts'

export const landJson: Lander = async request => {
  const { session, dataset, files, folder } = request
  const scratch = join(folder, 'plain')
  await mkdir(scratch)
  const record = recordShape(
    dataset.columns.map(it => ({ name: it.physicalName ?? it.name, type: it.sourceType ?? it.type })),
  )
  try {
    // Messages of the engine name the file.
    const paths = await inParts(files, async (file, index) => {
      const own = join(scratch, String(index))
      await mkdir(own)
      return exactJson(file, join(own, basename(file.path).replace(/\.(gz|zst)$/i, '')), record)
    })
    await session.define(['__weft_json'], {
      kind: 'json',
      files: paths,
      columns: dataset.columns.map(({ name, type, physicalName, sourceType }) => ({
        name,
        type,
        ...(physicalName === undefined ? {} : { storedName: physicalName }),
        ...(sourceType === undefined ? {} : { storedType: sourceType }),
      })),
      origin: { name: originName, of: files.map((_, index) => index) },
    })
    const parts = await writeRows(request, 'part', 'select * from __weft_json')
    return { parts, rejects: [], lines: new Map(), drift: [], types: new Map() }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
