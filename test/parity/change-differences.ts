/** Where Weft means to judge a change of a contract otherwise than datacontract-cli, with the reason. */

export interface ChangeDifference {
  readonly what: string
  readonly why: string
  /** What datacontract-cli says of each. */
  readonly other: 'none' | 'breaking' | 'cannot tell'
  /** Golden pairs, with whose verdict differs. */
  readonly pairs: Readonly<Record<string, 'reader' | 'writer' | 'both'>>
}

export const changeDifferences: readonly ChangeDifference[] = [
  {
    what: 'types that hold all values of the old one, for writers',
    why: 'what was delivered still fits; datacontract-cli compares types as words',
    other: 'breaking',
    pairs: {
      'a whole number of more bits': 'writer',
      'unsigned into a wider signed one': 'writer',
      'a decimal of more digits': 'writer',
      'a decimal with more digits on both sides': 'writer',
      'a whole number into a decimal that holds it': 'writer',
      'a float into a double': 'writer',
      'a date into an instant': 'writer',
      'a UUID into a text': 'writer',
      'a field of items of another type': 'writer',
    },
  },
  {
    what: 'one type in two spellings, and fields that are said in a type',
    why: 'TEXT is VARCHAR, and a STRUCT says its fields as properties do; datacontract-cli compares types as words',
    other: 'breaking',
    pairs: {
      'the same type in another word': 'both',
      'the same structure said by parts': 'both',
      'a field more in a type': 'reader',
    },
  },
  {
    what: 'formats of numbers and texts, and zones',
    why: 'the format decides which numbers and texts there may be, the zone which instants; datacontract-cli does not look at them',
    other: 'none',
    pairs: {
      'a logical type of fewer bits where it is all that is said': 'both',
      'another format of texts': 'both',
      'another zone for instants without one': 'both',
    },
  },
  {
    what: 'multipleOf',
    why: 'it limits the values like any other bound; datacontract-cli does not check it',
    other: 'none',
    pairs: { 'a coarser step': 'writer', 'a finer step': 'reader', 'a step that does not divide': 'both' },
  },
  {
    what: 'patterns, queries and units of checks that cannot be compared',
    why: 'what cannot be told to be harmless is not; datacontract-cli warns and lets it pass',
    other: 'cannot tell',
    pairs: {
      'another pattern': 'both',
      'a check by another query': 'both',
      'rows are counted and not percents': 'both',
    },
  },
  {
    what: 'queries in another layout',
    why: 'layout is no part of a query',
    other: 'cannot tell',
    pairs: { 'a query in another layout': 'both' },
  },
  {
    what: 'a check of a dataset that names its column in `arguments`',
    why: 'arguments are free in the standard, and Weft runs it; datacontract-cli does not',
    other: 'none',
    pairs: { 'a check more': 'writer' },
  },
  {
    what: 'physical names, for readers',
    why: 'readers of a port go by its logical names; datacontract-cli reads the table itself',
    other: 'breaking',
    pairs: { 'another physical name': 'reader', 'another physical name of a dataset': 'reader' },
  },
  {
    what: 'service levels other than freshness by its own name',
    why: 'they are promised as much as columns are; datacontract-cli looks at none but freshness',
    other: 'none',
    pairs: {
      'later than promised': 'reader',
      'sooner than promised': 'writer',
      'less often': 'reader',
      'rows are kept for longer': 'writer',
      'rows are kept for a shorter time': 'both',
      'less available': 'reader',
      'more available': 'writer',
      'supported until earlier': 'reader',
      'a service level less': 'reader',
      'a service level more': 'writer',
      'measured on something else': 'both',
    },
  },
  {
    what: 'what rows and values stand for: granularity, units, terms, encrypted names',
    why: 'the same value means something else, and no check finds out; datacontract-cli judges by what its checks find',
    other: 'none',
    pairs: {
      'a row stands for something else': 'both',
      'it is not said any more what a row stands for': 'reader',
      'another unit': 'both',
      'no unit any more': 'reader',
      'another term': 'both',
      'the encrypted value lies elsewhere': 'reader',
    },
  },
  {
    what: 'the contract itself: status, id, servers, roles, price',
    why: 'readers lose what they had or agreed to; datacontract-cli judges by what its checks find',
    other: 'none',
    pairs: {
      retired: 'reader',
      'only a proposal': 'reader',
      'another id': 'both',
      'a server less': 'reader',
      'a server elsewhere': 'both',
      'a role less': 'reader',
      'a role that allows something else': 'reader',
      'a higher price': 'reader',
      'another currency': 'reader',
    },
  },
]
