import { describe, expect, test } from 'vitest'
import { lenientProduct } from './product-lenient.ts'

describe('products as they are found', () => {
  test('a product of the newest form stays as it is', () => {
    const body = { apiVersion: 'v1.1.0', type: 'aggregate', outputPorts: [{ name: 'a', contractId: 'b' }] }
    expect(lenientProduct(body)).toEqual({ body, remarks: [] })
  })

  test('1.0 has the kind of a product among its custom properties', () => {
    const customProperties = [{ property: 'productType', value: 'aggregate' }]
    const { body, remarks } = lenientProduct({ apiVersion: 'v1.0.0', customProperties })
    expect(body).toEqual({ apiVersion: 'v1.0.0', customProperties, type: 'aggregate' })
    expect(remarks).toMatchObject([{ path: ['customProperties', 0], expected: 'type' }])
    expect(lenientProduct({ apiVersion: 'v1.1.0', customProperties }).remarks).toEqual([])
  })

  test('a contract named by a key of another spelling', () => {
    const { body, remarks } = lenientProduct({ inputPorts: [{ name: 'a', contractID: 'b' }] })
    expect(body).toEqual({ inputPorts: [{ name: 'a', contractId: 'b' }] })
    expect(remarks).toMatchObject([{ path: ['inputPorts', 0, 'contractID'], at: 'key', expected: 'contractId' }])
  })

  test('a description as a text, tags as a text', () => {
    const { body, remarks } = lenientProduct({ description: 'All orders.', tags: 'shop, orders' })
    expect(body).toEqual({ description: { purpose: 'All orders.' }, tags: ['shop', 'orders'] })
    expect(remarks.map(it => it.path.join('.'))).toEqual(['description', 'tags'])
  })
})
