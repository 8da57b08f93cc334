/** What each change of a contract means, as one table: the classifier looks verdicts up here and nowhere else. Pure. */

/** What a change is to somebody: it breaks what they built, offers more, or does not touch it. */
export type Effect = 'breaking' | 'additive' | 'none'

/** How the set of data that the contract permits moves. */
export type Direction = 'loosens' | 'tightens' | 'both' | 'neither'

export interface ChangeRule {
  /** What changed. */
  readonly what: string
  readonly direction: Direction
  /** For those who read the port. */
  readonly reader: Effect
  /** For those who have to deliver what the contract says. */
  readonly writer: Effect
  readonly why: string
}

const rule = (direction: Direction, reader: Effect, writer: Effect, what: string, why: string): ChangeRule => ({
  what,
  direction,
  reader,
  writer,
  why,
})
const loosens = (what: string, why: string): ChangeRule => rule('loosens', 'breaking', 'additive', what, why)
const tightens = (what: string, why: string): ChangeRule => rule('tightens', 'additive', 'breaking', what, why)
const both = (what: string, why: string): ChangeRule => rule('both', 'breaking', 'breaking', what, why)
const neither = (what: string, why: string): ChangeRule => rule('neither', 'none', 'none', what, why)
const news = (what: string, why: string): ChangeRule => rule('neither', 'additive', 'none', what, why)
const taken = (what: string, why: string): ChangeRule => rule('neither', 'breaking', 'none', what, why)

export const changeRules = {
  'dataset.added': tightens('a dataset is new', 'readers have more to read; whoever writes has more to deliver'),
  'dataset.removed': loosens('a dataset is gone', 'whoever reads it finds nothing'),
  'dataset.renamed': both('a dataset has another name', 'whoever names it finds nothing'),
  'dataset.granularity': both(
    'one row stands for something else',
    'counts and sums over the rows have another meaning',
  ),
  'dataset.granularity-said': news('it is said what one row stands for', 'readers know more; no row is another'),
  'dataset.granularity-unsaid': loosens('it is no longer said what one row stands for', 'a row may stand for anything'),
  'dataset.physical': rule(
    'neither',
    'none',
    'breaking',
    'a dataset has another physical name',
    'readers go by its name; whoever delivers must use the new physical one',
  ),
  'dataset.order': neither('columns stand in another order', 'columns are read by name'),
  'key.added': tightens('there is a primary key now', 'readers can tell rows apart; rows that repeat are refused'),
  'key.removed': loosens('there is no primary key any more', 'rows may repeat, so joins may multiply'),
  'key.changed': both('the primary key has other columns', 'rows are told apart by something else'),
  'key.order': neither('the columns of the primary key stand in another order', 'the same columns tell rows apart'),
  'column.added': tightens('a column is new', 'readers have more to read; whoever writes has more to deliver'),
  'column.removed': loosens('a column is gone', 'whoever names it fails'),
  'column.renamed': both('a column has another name', 'whoever names it fails'),
  'column.alias': tightens(
    'a column is served under a second name',
    'both names are there for a time, so readers can move when it suits them',
  ),
  'column.deprecated': news('a column is marked deprecated', 'it is still there; readers are told that it will go'),
  'column.undeprecated': neither('a column is no longer deprecated', 'it stays as it was'),
  'column.physical': rule(
    'neither',
    'none',
    'breaking',
    'a column has another physical name',
    'readers go by its name; whoever delivers must use the new physical one',
  ),
  'column.partition': neither('partitions follow another column', 'where rows lie changes no row'),
  'column.encrypted': taken(
    'the column that holds the encrypted value is another',
    'whoever decrypts it finds nothing',
  ),
  'type.widened': rule(
    'loosens',
    'breaking',
    'additive',
    'a type holds more values than before',
    'values may come that do not fit what readers declared, and they calculate in the type of the column',
  ),
  'type.narrowed': rule(
    'tightens',
    'breaking',
    'breaking',
    'a type holds fewer values than before',
    'readers calculate in the type of the column: what fitted may overflow; values that do not fit are refused',
  ),
  'type.changed': both('a type is another', 'what readers do with the values fails or means something else'),
  'type.logical': both(
    'the logical type is another and the physical one the same',
    'other engines and formats go by the logical type',
  ),
  'type.zone': both('values without a zone are read in another', 'every instant moves'),
  'null.allowed': loosens('a column may be null', 'readers that do not expect NULL fail or miscount'),
  'null.refused': tightens('a column is required', 'readers need not mind NULL any more; rows with NULL are refused'),
  'unique.removed': loosens('values may repeat', 'joins may multiply rows'),
  'unique.added': tightens('values may not repeat', 'rows that repeat a value are refused'),
  'enum.gained': loosens('an enumeration gains values', 'readers meet values that they do not know'),
  'enum.lost': tightens('an enumeration loses values', 'every value left is known; rows with the others are refused'),
  'enum.removed': loosens('an enumeration is gone', 'readers meet values that they do not know'),
  'enum.added': tightens('there is an enumeration now', 'rows with other values are refused'),
  'limit.added': tightens('a limit on values is new', 'readers may rely on it; values beyond it are refused'),
  'limit.removed': loosens('a limit on values is gone', 'readers meet values that could not come'),
  'limit.tightened': tightens('a limit is tighter', 'every value left was allowed before; others are refused'),
  'limit.loosened': loosens('a limit is looser', 'readers meet values that could not come'),
  'limit.changed': both(
    'a limit is another and neither tighter nor looser for certain',
    'values may come that could not, and values that could are refused',
  ),
  'unit.changed': both('the unit is another', 'the same number means another amount'),
  'unit.said': news('the unit is said', 'readers know more; no value is another'),
  'unit.unsaid': loosens('the unit is no longer said', 'a number may mean any amount'),
  'meaning.changed': both('the definition or term behind it is another', 'the same value means something else'),
  'meaning.said': news('a definition or term is linked', 'readers know more; no value is another'),
  'meaning.unsaid': neither('a definition or term is no longer linked', 'no value is another'),
  'check.added': tightens('a check that holds publications is new', 'readers may rely on it; data that fails it stops'),
  'check.removed': loosens('a check that held publications is gone', 'data may come that was stopped before'),
  'check.tightened': tightens('a check is stricter', 'readers may rely on more; data that fails it stops'),
  'check.loosened': loosens('a check is less strict', 'data may come that was stopped before'),
  'check.changed': both(
    'a check asks something else',
    'data may come that was stopped before, and data that came is stopped',
  ),
  'check.advice': neither('a check that only warns, or that Weft does not run, is another', 'it stops no data'),
  'promise.added': tightens('a service level is new', 'readers may rely on it; somebody has to keep it'),
  'promise.removed': loosens('a service level is gone', 'readers who rely on it are left without'),
  'promise.tightened': tightens('a service level is better', 'readers get more; it is harder to keep'),
  'promise.loosened': loosens('a service level is worse', 'readers who rely on it get less'),
  'promise.changed': both('a service level is another', 'what readers rely on and what has to be kept are both other'),
  'retention.shortened': both(
    'rows are kept for a shorter time',
    'rows that readers rely on go; older ones must be gone',
  ),
  'contract.id': both('the contract has another id', 'products that name it find nothing'),
  'contract.version': neither('the version is another', 'it follows what changed, and changes nothing itself'),
  'contract.active': news('the contract holds', 'what was proposed or fading is promised'),
  'contract.unpromised': loosens('the contract is only proposed', 'nothing of it is promised any more'),
  'contract.deprecated': news('the contract is deprecated', 'all is still served; readers are told that it will go'),
  'contract.retired': loosens('the contract is retired', 'nothing is served any more'),
  'server.added': news('there is one more server', 'readers may choose'),
  'server.removed': taken('a server is gone', 'whoever reads there finds nothing'),
  'server.changed': both(
    'a server is elsewhere or delivers otherwise',
    'whoever reads there finds nothing, or another form',
  ),
  'role.added': news('there is one more role', 'readers may ask for it'),
  'role.removed': taken('a role is gone', 'readers who hold it lose what it allowed'),
  'role.changed': taken('a role allows something else', 'readers who hold it may lose what it allowed'),
  'price.raised': taken('the price is higher, or there is one now', 'readers agreed to another price'),
  'price.lowered': news('the price is lower, or there is none any more', 'readers pay less'),
  'price.changed': taken('the price is in another currency or for another unit', 'readers agreed to another price'),
  'port.added': news('an output port is new', 'there is more to read'),
  'port.removed': loosens('an output port is gone', 'whoever reads it finds nothing'),
  'port.kind': both('an output port is of another kind', 'it is read in another way'),
  words: neither('words, tags and people', 'no row and no promise is another'),
} as const satisfies Record<string, ChangeRule>

export type ChangeRuleId = keyof typeof changeRules
