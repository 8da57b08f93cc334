/** Semantic versions (semver.org 2.0.0), as far as contracts use them. Pure. */

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** `2.1.0`, also `2.1` and `v2`; undefined where it is no version. */
export const parseVersion = (text: string): Version | undefined => {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+].*)?$/.exec(text.trim())
  if (match === null) return undefined
  return { major: Number(match[1]), minor: Number(match[2] ?? 0), patch: Number(match[3] ?? 0) }
}

/** The first number; 0 where it is no version. */
export const majorOf = (text: string | undefined): number => (text === undefined ? 0 : (parseVersion(text)?.major ?? 0))
