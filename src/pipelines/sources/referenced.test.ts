import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/mesh.ts'
import { verifyReferenced } from './referenced.ts'

test('a referenced file is good until it is touched', async () => {
  const path = join(await temporaryFolder(), 'a.parquet')
  await writeFile(path, 'one')
  const it = await stat(path, { bigint: true })
  const file = { path, uri: 'a.parquet', bytes: 3, etag: `${it.size}-${it.mtimeNs}` }

  await verifyReferenced([file])

  await writeFile(path, 'more')
  await expect(verifyReferenced([file])).rejects.toMatchObject({ code: 'source.changed' })
  await rm(path)
  await expect(verifyReferenced([file])).rejects.toThrow('cannot be found')
})
