/** The kinds of definitions and their schemas, which types, editors' schemas and reference docs are made from. */
import type { z } from 'zod'
import { type AgreementDocument, agreementDocument } from '../../access/documents.ts'
import { type ContractDocument, contractDocument, type ProductDocument, productDocument } from '../../domain/index.ts'
import { type PolicyDocument, policyDocument } from '../../governance/index.ts'
import { type PipelineDocument, pipelineDocument } from '../../pipelines/documents.ts'
import { type ChapterDocument, chapterDocument } from './chapter.ts'
import { type DomainDocument, domainDocument } from './domain.ts'
import { type MeshDocument, meshDocument } from './mesh.ts'
import { type TermDocument, termDocument } from './term.ts'

export interface DocumentTypes {
  readonly Mesh: MeshDocument
  readonly Domain: DomainDocument
  readonly Chapter: ChapterDocument
  readonly Term: TermDocument
  readonly Pipeline: PipelineDocument
  readonly Policy: PolicyDocument
  readonly AccessAgreement: AgreementDocument
  readonly DataProduct: ProductDocument
  readonly DataContract: ContractDocument
}

export type DocumentKind = keyof DocumentTypes

export const documentSchemas: Readonly<Record<DocumentKind, z.ZodType>> = {
  Mesh: meshDocument,
  Domain: domainDocument,
  Chapter: chapterDocument,
  Term: termDocument,
  Pipeline: pipelineDocument,
  Policy: policyDocument,
  AccessAgreement: agreementDocument,
  DataProduct: productDocument,
  DataContract: contractDocument,
}

export const documentKinds = Object.keys(documentSchemas) as DocumentKind[] // the record has exactly these keys
