/** The version of this build. */
import { readFileSync } from 'node:fs'

export const version = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version // our own package.json
}
