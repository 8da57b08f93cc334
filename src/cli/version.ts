/** The version of this build. */
import { readFileSync } from 'node:fs'
import { inPackage } from '../base/package.ts'

export const version = (): string => {
  const text = readFileSync(inPackage('package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version // our own package.json
}
