/** Products as they are found in the wild, in the form of the newest standard. Pure. */
import type { Remark } from '../contract/contract-lenient.ts'

/** A copy in which known slips are mended, with a remark for each. */
export const lenientProduct = (body: unknown): { readonly body: unknown; readonly remarks: readonly Remark[] } => {
  const remarks: Remark[] = []
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { body, remarks }
  const copy: Record<string, unknown> = { ...body }
  for (const key of ['inputPorts', 'outputPorts']) {
    const ports = copy[key]
    if (!Array.isArray(ports)) continue
    copy[key] = ports.map((port: unknown, index: number) => {
      if (typeof port !== 'object' || port === null || !('contractID' in port) || 'contractId' in port) return port
      const { contractID, ...rest } = port
      remarks.push({
        path: [key, index, 'contractID'],
        at: 'key',
        message: '"contractID" is written "contractId"',
        found: 'contractID',
        expected: 'contractId',
      })
      return { ...rest, contractId: contractID }
    })
  }
  return { body: copy, remarks }
}
