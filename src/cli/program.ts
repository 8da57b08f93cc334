/** The list of commands as a commander program. */
import { Command as Commander } from 'commander'
import type { Command, Values } from './command.ts'
import { commands } from './commands/index.ts'
import { version } from './version.ts'

/** Options that every command takes. */
export const commonOptions = [
  { flags: '--project <dir>', what: 'the folder of the mesh (the nearest one upwards with a mesh.yaml)' },
  { flags: '--env <name>', what: "the environment (the mesh's default)" },
  { flags: '--as <person>', what: "act as a person of the mesh; only on a laptop's own catalogue, and audited" },
  { flags: '--purpose <word>', what: 'what it is for; kept in the audit (operations)' },
  { flags: '--json', what: 'one JSON document on stdout' },
  { flags: '--jsonl', what: 'one JSON object per event on stdout (apply, run, test)' },
  { flags: '-y, --yes', what: 'answer every question with yes' },
  { flags: '--no-input', what: 'ask nothing; what would be asked is an error' },
  { flags: '-v, --verbose', what: 'show more, such as the steps of a plan' },
  { flags: '--no-color', what: 'no colours' },
] as const

/** `run` is called with the command that was chosen and all values: arguments by name, options by their long name in camel case. */
export const buildProgram = (run: (command: Command, values: Values) => Promise<number>): Commander => {
  const program = new Commander('weft')
    .description('Data products described in files: checked, planned, built, published, served.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText('after', '\nBegin with: weft init --example shop shop && cd shop && weft check')
  for (const command of commands) {
    const sub = program.command(command.name).description(command.summary).exitOverride()
    for (const argument of command.arguments ?? []) sub.argument(argument.name, argument.what)
    for (const { flags, what, isList } of command.options ?? []) {
      if (isList) sub.option(flags, what, (value: string, all: readonly string[]) => [...all, value], [])
      else sub.option(flags, what)
    }
    for (const { flags, what } of commonOptions) sub.option(flags, what)
    const after = [
      command.about,
      command.examples.length === 0 ? undefined : `Examples:\n${command.examples.map(it => `  ${it}`).join('\n')}`,
    ]
    sub.addHelpText('after', after.flatMap(it => (it === undefined ? [] : [`\n${it}`])).join('\n'))
    sub.action(async () => {
      const names = (command.arguments ?? []).map(it => it.name.replace(/[<>[\].]/g, ''))
      const named = Object.fromEntries(names.map((name, index) => [name, sub.processedArgs[index]]))
      await run(command, { ...sub.opts(), ...named })
    })
  }
  return program
}
