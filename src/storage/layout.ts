/** Which key holds what: `<product>/<port>.v<N>/publications/<seq>.json` and `<product>/<port>.v<N>/<dataset>/{data,manifests,profile,rejects,samples}/`. */

export const portFolder = (productSlug: string, port: string, major: number): string =>
  `${productSlug}/${port}.v${major}`

export const datasetFolder = (productSlug: string, port: string, major: number, dataset: string): string =>
  `${portFolder(productSlug, port, major)}/${dataset}`

/** Below a dataset's folder: data is named by its content. */
export const dataKey = (sha256: string): string => `data/${sha256}.parquet`

/** Below a dataset's folder. */
export const manifestKey = (snapshot: string): string => `manifests/${snapshot}.json`

/** Below a dataset's folder. */
export const profileKey = (snapshot: string): string => `profile/${snapshot}.json`

/** Below a dataset's folder: what measuring a snapshot left behind for the next one. */
export const measuredKey = (snapshot: string): string => `profile/${snapshot}.measured.json`

/** Below a dataset's folder: lines of sources that are no rows. */
export const rejectsKey = (snapshot: string): string => `rejects/${snapshot}.parquet`

/** Below a dataset's folder: keys of rows that failed a check. */
export const failingKeysKey = (snapshot: string, check: string): string =>
  `samples/${snapshot}/${check.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.ndjson`

/** Below a port's folder; padded, so that listing sorts by number. */
export const publicationKey = (seq: number): string => `publications/${String(seq).padStart(9, '0')}.json`
