import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { gitTree, writeTree } from './git-tree.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-git-tree-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a folder below the top of its repository is written as it was, without what lies beside it', async () => {
  const mesh = join(folder, 'data', 'mesh')
  await mkdir(join(mesh, 'domains'), { recursive: true })
  await writeFile(join(folder, 'other.yaml'), 'kind: Other\n')
  await writeFile(join(mesh, 'mesh.yaml'), 'kind: Mesh\n')
  await writeFile(join(mesh, 'domains', 'ä b.sql'), 'select 1\n')
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.org', ...args], { cwd: folder })
  }
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'first')
  await writeFile(join(mesh, 'mesh.yaml'), 'kind: Changed\n')

  const tree = await gitTree(mesh, 'HEAD')
  const to = join(folder, 'written')
  await writeTree(mesh, tree ?? '', to, defaultLimits)

  expect((await readdir(to)).sort()).toEqual(['domains', 'mesh.yaml'])
  expect(await readFile(join(to, 'mesh.yaml'), 'utf8')).toBe('kind: Mesh\n')
  expect(await readFile(join(to, 'domains', 'ä b.sql'), 'utf8')).toBe('select 1\n')
})
