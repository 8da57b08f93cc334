/** `weft init`: a first mesh, small or the example shop. */
import { type Command, localContext, text } from '../command.ts'
import { several } from '../terminal.ts'

export const init: Command = {
  name: 'init',
  summary: 'make a mesh that passes `weft check` at once',
  isDoneUnheard: true,
  arguments: [{ name: '[dir]', what: 'an empty folder or one that is not there yet (the current one)' }],
  options: [{ flags: '--example <name>', what: 'shop: the mesh of a web shop, with a generator of its data' }],
  examples: ['weft init bakery', 'weft init --example shop shop'],
  async run(cli, values) {
    const { initOperation } = await import('../../mesh/index.ts')
    const example = text(values.example)
    const { folder, files } = await initOperation.run(localContext(), {
      folder: text(values.dir) ?? '.',
      ...(example === undefined ? {} : { example }),
    })
    if (cli.isJson) {
      cli.document('init', { folder, files })
      return 0
    }
    const shown = text(values.dir)
    cli.terminal.print(`${cli.terminal.style('ok', 'green')}  ${several(files.length, 'file')} in ${folder}`)
    const go = shown === undefined || shown === '.' ? '' : `cd ${shown} && `
    cli.terminal.remark(`next  ${go}${example === 'shop' ? 'node generate.mjs && weft plan' : 'weft plan'}`)
    return 0
  },
}
