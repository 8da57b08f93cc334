/** The life of ports for people: majors side by side, those that end with who still reads them, and what is retired. */
import { type ProductStatus, type RetiredStatus, readerWords } from '../planner/index.ts'
import { printable, type Terminal } from './terminal.ts'

const readersShownMax = 8

/** Nothing where every port is the only one of its product and stays. */
export const printLife = (
  { print, style }: Terminal,
  products: readonly ProductStatus[],
  retired: readonly RetiredStatus[],
): void => {
  const ports = products.flatMap(it =>
    it.ports.length > 1 || it.ports.some(port => port.life.status === 'deprecated') ? it.ports : [],
  )
  const told = ports.filter(
    it =>
      it.life.status === 'deprecated' ||
      isOneOfMajors(
        it.port,
        ports.map(one => one.port),
      ),
  )
  for (const { port, life, readers } of told) {
    print()
    print(`${port}  ${life.status === 'deprecated' ? style(life.words ?? life.status, 'yellow') : life.status}`)
    for (const it of readers.slice(0, readersShownMax)) print(`  > ${printable(readerWords(it))}`)
    if (readers.length > readersShownMax) print(`    and ${readers.length - readersShownMax} more; --json has all`)
    if (readers.length === 0) print(style('  nobody reads it', 'dim'))
  }
  if (retired.length === 0) return
  print()
  print('Retired')
  for (const { port, at, by, successor, reason, keptUntil } of retired) {
    const instead = successor === undefined ? '' : `; read ${successor} instead`
    print(`  ${port}  on ${at.slice(0, 10)} by ${by}${instead}; kept until ${keptUntil.slice(0, 10)}`)
    if (reason !== undefined) print(style(`    ${printable(reason)}`, 'dim'))
  }
}

const withoutMajor = (port: string): string => port.slice(0, port.lastIndexOf('.'))

const isOneOfMajors = (port: string, ports: readonly string[]): boolean =>
  ports.some(it => it !== port && withoutMajor(it) === withoutMajor(port))
