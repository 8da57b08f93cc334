/** ODCS 3.2.0 `servers`: where a contract's data lies, by type of server. */
import { z } from 'zod'
import { also, keysBy } from '../documents.ts'
import { customProperties, role, stableId } from './contract-parts.ts'

/** The keys of each type beside the common ones: those it must have, those it may have (`$defs.ServerSource` of the standard's JSON Schema). */
const keysOfType = {
  api: { must: 'location', may: '' },
  athena: { must: 'schema', may: 'stagingDir catalog regionName workgroup' },
  azure: { must: 'location format', may: 'encoding delimiter' },
  bigquery: { must: 'project dataset', may: '' },
  btrieve: { must: 'host database', may: 'port' },
  clickhouse: { must: 'host port database', may: '' },
  cloudsql: { must: 'host port database schema', may: '' },
  custom: {
    must: '',
    may: 'account catalog database dataset delimiter endpointUrl format encoding host location path port project region regionName schema serviceName stagingDir warehouse stream',
  },
  databricks: { must: 'catalog schema', may: 'host' },
  db2: { must: 'host port database', may: 'schema' },
  denodo: { must: 'host port', may: 'database' },
  dremio: { must: 'host port', may: 'schema' },
  duckdb: { must: 'database', may: 'schema' },
  exasol: { must: 'host', may: 'port schema' },
  fastobjects: { must: 'database', may: 'host port' },
  glue: { must: 'account database', may: 'location format encoding' },
  hana: { must: 'host', may: 'port database schema' },
  hive: { must: 'host database', may: 'port' },
  iceberg: { must: 'catalog catalogUrl', may: 'namespace warehouse' },
  impala: { must: 'host database', may: 'port' },
  informix: { must: 'host database', may: 'port' },
  ingres: { must: 'database host', may: 'port' },
  kafka: { must: 'host', may: 'format encoding' },
  kinesis: { must: '', may: 'region format encoding' },
  local: { must: 'path format', may: 'encoding' },
  mysql: { must: 'host port database', may: '' },
  oracle: { must: 'host port serviceName', may: '' },
  poet: { must: 'database', may: 'host port' },
  postgres: { must: 'host port database schema', may: '' },
  postgresql: { must: 'host port database schema', may: '' },
  presto: { must: 'host', may: 'catalog schema' },
  pubsub: { must: 'project', may: '' },
  redshift: { must: 'database schema', may: 'host region account' },
  s3: { must: 'location', may: 'endpointUrl format encoding delimiter' },
  sftp: { must: 'location', may: 'format encoding delimiter' },
  snowflake: { must: 'account database schema', may: 'host port warehouse' },
  sqlserver: { must: 'host database schema', may: 'port' },
  synapse: { must: 'host port database', may: '' },
  teradata: { must: 'host', may: 'port database' },
  trino: { must: 'host port catalog schema', may: '' },
  vectorwise: { must: 'database host', may: 'port' },
  versant: { must: 'database', may: 'host port' },
  vertica: { must: 'host port database schema', may: '' },
  zen: { must: 'host database', may: 'port' },
} as const satisfies Record<string, { must: string; may: string }>

export type ServerType = keyof typeof keysOfType

/** Types of servers, by name. */
export const serverTypes = Object.keys(keysOfType) as [ServerType, ...ServerType[]] // the keys of this very list

const text = z.string().optional()
const common = ['id', 'server', 'type', 'description', 'environment', 'roles', 'customProperties']
const words = (list: string): string[] => (list === '' ? [] : list.split(' '))

const shape = also(
  z.strictObject({
    id: stableId.optional(),
    server: z.string().describe('Name of the server.'),
    type: z.enum(serverTypes).describe('Kind of the server.'),
    description: text,
    environment: text.describe('Environment that it belongs to.'),
    roles: z.array(role).optional(),
    customProperties: customProperties.optional(),
    account: text,
    catalog: text,
    catalogUrl: text,
    database: text,
    dataset: text,
    delimiter: text,
    encoding: text,
    endpointUrl: text,
    format: text.describe('Format of the files.'),
    host: text,
    location: text.describe('URL of the data.'),
    namespace: text,
    path: text.describe('Path or glob; a relative one starts at the root.'),
    port: z.union([z.int(), z.string()]).optional(),
    project: text,
    region: text,
    regionName: text,
    schema: text,
    serviceName: text,
    stagingDir: text,
    stream: text,
    warehouse: text,
    workgroup: text,
  }),
  (value, report) => {
    const { type, location } = value
    if (type !== 'sftp' || typeof location !== 'string' || /^sftp:\/\/.*/.test(location)) return
    report({
      path: ['location'],
      code: 'document.wrong-value',
      message: 'the location of an sftp server starts with sftp://',
      found: location,
      expected: 'sftp://host/path',
    })
  },
)

export const server = keysBy(shape, value => {
  // A type that is unknown has been told already; with it, no key can be called wrong.
  if (!isServerType(value.type)) return { of: 'a server', allowed: Object.keys(shape.shape), required: [] }
  const { must, may } = keysOfType[value.type]
  return {
    of: `a server of type ${value.type}`,
    allowed: [...common, ...words(must), ...words(may)],
    required: words(must),
  }
})

const isServerType = (type: unknown): type is ServerType => typeof type === 'string' && Object.hasOwn(keysOfType, type)
