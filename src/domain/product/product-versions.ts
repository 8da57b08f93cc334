/** Versions of ODPS (Bitol) that are read, newest first. */
export const productVersions = ['v1.1.0', 'v1.0.0', 'v0.9.0'] as const
