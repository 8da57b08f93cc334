/** Which connection of mesh.yaml a contract's server means, and the secret that goes with it. Pure but for the asking. */
import picomatch from 'picomatch'
import { didYouMean, problem, WeftError } from '../../base/index.ts'
import type { Connection, Contract, Mesh, Server } from '../../domain/index.ts'
import { pipelineProblems } from '../problems.ts'

/** Gives a secret's value by its name at the moment of use; undefined where nobody has set it. */
export type SecretOf = (name: string) => string | undefined

/** `WEFT_SECRET_WAREHOUSE` for the secret `warehouse`. */
export const secretVariable = (name: string): string =>
  `WEFT_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`

export const environmentSecret: SecretOf = name => process.env[secretVariable(name)]

/** The connection that the server names by its custom property `connection`, or the only one to the same host and database. Throws `source.no-connection`. */
export const connectionOf = (mesh: Mesh, contract: Contract, server: Server, domain: string): Connection => {
  const all = Object.entries(mesh.connections).filter(([, it]) => it.type === 'postgres')
  const { connection: named, host, database } = server.options
  const fits = all.filter(([name, it]) =>
    named === undefined ? it.host === host && (it.database ?? database) === database : name === named,
  )
  const [found] = fits
  const refuse = (message: string, more: { found?: string; expected?: string; help?: string | undefined }): WeftError =>
    new WeftError(
      'invalid',
      problem(pipelineProblems, 'source.no-connection', message, {
        place: server.place,
        subject: contract.subject,
        ...more,
      }),
    )
  if (found === undefined || fits.length > 1) {
    const names = all.map(([name]) => name)
    throw refuse(`the source ${contract.id} names no connection of the mesh`, {
      found: typeof named === 'string' ? named : `${String(host ?? '')}/${String(database ?? '')}`,
      expected: names.length === 0 ? 'connections in mesh.yaml' : `custom property connection: ${names.join(', ')}`,
      help: typeof named === 'string' ? didYouMean(named, names) : undefined,
    })
  }
  const [name, connection] = found
  if (connection.domains !== undefined && !connection.domains.some(glob => picomatch(glob)(domain)))
    throw refuse(`domain ${domain} may not use the connection ${name}`, {
      found: domain,
      expected: connection.domains.join(', '),
    })
  return connection
}
