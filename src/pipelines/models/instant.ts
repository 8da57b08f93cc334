/** The run's instant, bound once: every model of a run sees the same `now()`. */
import { quoteName, quoteText, type Session } from '../../engine/index.ts'

const zoned = ['now', 'current_timestamp', 'get_current_timestamp', 'transaction_timestamp']
const local = ['localtimestamp', 'current_localtimestamp']
const days = ['current_date', 'today']
const times = ['current_time', 'get_current_time', 'localtime', 'current_localtime']

/** Replaces the engine's clock functions by constants, in UTC. A macro of ours comes before a built-in function of the same name. */
export const bindInstant = async (session: Session, nowMs: number): Promise<void> => {
  const instant = new Date(nowMs).toISOString()
  const text = instant.slice(0, 23).replace('T', ' ')
  const values: [readonly string[], string][] = [
    [zoned, `${quoteText(`${text}+00`)}::timestamptz`],
    [local, `${quoteText(text)}::timestamp`],
    [days, `${quoteText(instant.slice(0, 10))}::date`],
    [times, `${quoteText(instant.slice(11, 23))}::time`],
  ]
  const macros = values.flatMap(([names, value]) =>
    names.map(name => `create or replace macro ${quoteName(name)}() as ${value}`),
  )
  await session.run(macros.join(';\n'))
}
