/** Products as they are found in the wild, in the form of the newest standard. Pure. */
import {
  type Body,
  changeEach,
  isBody,
  type Lenient,
  mendAnnotations,
  mendHeader,
  type Remark,
  rename,
} from '../remark.ts'
import { productVersions } from './product-versions.ts'

/** A copy in which known slips are mended, with a remark for each. What is no object stays as it is. */
export const lenientProduct = (body: unknown): Lenient => {
  const remarks: Remark[] = []
  if (!isBody(body)) return { body, remarks }
  const copy: Body = { ...body }
  mendHeader(copy, productVersions, remarks)
  mendType(copy, remarks)
  for (const key of ['inputPorts', 'outputPorts']) {
    changeEach(
      copy,
      key,
      [],
      (port, path) => {
        for (const wrong of ['contractID', 'contract_id', 'dataContractId'])
          rename(port, wrong, 'contractId', path, remarks)
        mendAnnotations(port, path, remarks)
      },
      remarks,
    )
  }
  return { body: copy, remarks }
}

/** 1.0 had no `type`; what kind of product it is stood among the custom properties. */
const mendType = (product: Body, remarks: Remark[]): void => {
  const { apiVersion, type, customProperties } = product
  if (type !== undefined || apiVersion === productVersions[0] || !Array.isArray(customProperties)) return
  const index = customProperties.findIndex(
    (it: unknown) =>
      isBody(it) && (it.property === 'type' || it.property === 'productType') && typeof it.value === 'string',
  )
  const found: unknown = customProperties[index]
  if (!isBody(found)) return
  product.type = found.value
  remarks.push({
    path: ['customProperties', index],
    at: 'value',
    message: `the kind of the product is a key since 1.1; read as type: ${String(found.value)}`,
    found: String(found.property),
    expected: 'type',
    now: ['type'],
  })
}
