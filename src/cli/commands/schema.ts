/** `weft schema`: the JSON Schema of a kind of file. */
import { type Command, localContext, text } from '../command.ts'

export const schema: Command = {
  name: 'schema',
  summary: 'print the JSON Schema of a kind of file, for editors',
  arguments: [
    {
      name: '<kind>',
      what: 'Mesh, Domain, Chapter, Term, Pipeline, Policy, AccessAgreement, DataProduct, DataContract',
    },
  ],
  examples: ['weft schema Domain > domain.schema.json'],
  async run(cli, values) {
    const { schemaOperation } = await import('../../mesh/index.ts')
    const { kind, jsonSchema } = await schemaOperation.run(localContext(), { kind: text(values.kind) ?? '' })
    if (cli.isJson) cli.document('schema', { kind, jsonSchema })
    else cli.terminal.print(JSON.stringify(jsonSchema, null, 2))
    return 0
  },
}
