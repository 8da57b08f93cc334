/** The kinds of node that a tree of DuckDB 1.5.5 can have, by the engine's own enumerations, and what lineage makes of each. */

/** In words, what flows; a kind without words is told as what cannot be known. */
type Kinds = Readonly<Record<string, string | undefined>>

/** Kinds that only a bound plan has, or that no SELECT can be written with. */
const none = (names: string): Kinds =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map(it => [it, undefined]),
  )

export const lineageKinds = {
  QueryNodeType: {
    SELECT_NODE: 'its list; FROM, WHERE, GROUP BY, HAVING and QUALIFY decide about rows',
    SET_OPERATION_NODE: 'see SetOperationType',
    RECURSIVE_CTE_NODE: 'both parts, round and round until nothing new comes',
    ...none('BOUND_SUBQUERY_NODE CTE_NODE STATEMENT_NODE'),
  },
  TableReferenceType: {
    BASE_TABLE: 'the columns of the table, or of the common table expression of that name',
    SUBQUERY: 'the columns of the query; it may name what stands to its left',
    JOIN: 'see JoinType and JoinRefType',
    TABLE_FUNCTION:
      'unnest: items of the list; range, generate_series, repeat, json_each and their like: the arguments; any other is told as unknown',
    EXPRESSION_LIST: 'each column from that place of every row of VALUES',
    EMPTY: 'nothing',
    PIVOT:
      'the aggregates, and what is turned decides which; the other way round the columns that are turned, their names are no values',
    ...none('INVALID CTE SHOW_REF COLUMN_DATA DELIM_GET BOUND_TABLE_REF'),
  },
  ExpressionClass: {
    CASE: 'its branches; conditions decide',
    CAST: 'what is cast',
    COLUMN_REF:
      'the column, a field of it, a name of the select list, a parameter of a lambda, a whole row, or a word of the session',
    COMPARISON: 'both sides',
    CONJUNCTION: 'all parts',
    CONSTANT: 'nothing',
    FUNCTION:
      'the arguments; an aggregate also has what it is filtered and ordered by; a function that is on no list is told as unknown',
    OPERATOR: 'all parts; of a list or a map the key decides, of a structure the field alone flows',
    STAR: 'each column that it stands for, with EXCLUDE, REPLACE, RENAME, LIKE and COLUMNS; a COLUMNS by an expression that is no test of names is told as unknown',
    SUBQUERY: 'see SubqueryType',
    WINDOW: 'the arguments; partition, order and frame decide',
    COLLATE: 'what is collated',
    LAMBDA:
      'its body, with the items of the list for the parameter; where no function takes a lambda, both sides of the arrow of JSON',
    POSITIONAL_REFERENCE: 'the column of FROM at that place',
    BETWEEN: 'all three',
    ...none(`INVALID AGGREGATE DEFAULT PARAMETER LAMBDA_REF TYPE BOUND_AGGREGATE BOUND_CASE BOUND_CAST BOUND_COLUMN_REF
      BOUND_COMPARISON BOUND_CONJUNCTION BOUND_CONSTANT BOUND_DEFAULT BOUND_FUNCTION BOUND_OPERATOR BOUND_PARAMETER
      BOUND_REF BOUND_SUBQUERY BOUND_WINDOW BOUND_BETWEEN BOUND_UNNEST BOUND_LAMBDA BOUND_LAMBDA_REF BOUND_EXPRESSION
      BOUND_EXPANDED`),
  },
  ResultModifierType: {
    LIMIT_MODIFIER: 'decides about rows',
    LIMIT_PERCENT_MODIFIER: 'decides about rows',
    ORDER_MODIFIER: 'decides about their order',
    DISTINCT_MODIFIER: 'what is compared decides about rows',
  },
  SetOperationType: {
    UNION: 'columns of both sides by their place',
    UNION_BY_NAME: 'columns of both sides by their name',
    EXCEPT: 'columns of the left; all columns decide about rows',
    INTERSECT: 'columns of the left; all columns decide about rows',
    ...none('NONE'),
  },
  JoinType: {
    INNER: 'columns of both sides; the condition decides about rows',
    LEFT: 'the same',
    RIGHT: 'the same; a column of USING is that of the right',
    FULL: 'the same; a column of USING is that of either side',
    SEMI: 'columns of the left; the condition decides about rows',
    ANTI: 'columns of the left; the condition decides about rows',
    ...none('INVALID MARK SINGLE RIGHT_SEMI RIGHT_ANTI'),
  },
  JoinRefType: {
    REGULAR: 'as the join says',
    NATURAL: 'by all names that both sides have',
    CROSS: 'no condition',
    POSITIONAL: 'no condition',
    ASOF: 'as the join says',
    ...none('DEPENDENT'),
  },
  SubqueryType: {
    SCALAR: 'its first column; what decides about its rows decides about the value',
    EXISTS: 'nothing; what decides about its rows decides',
    ANY: 'its columns and what they are compared with',
    ...none('INVALID NOT_EXISTS'),
  },
} as const satisfies Readonly<Record<string, Kinds>>

export type Enumeration = keyof typeof lineageKinds

/** Whether lineage knows what to make of a node of this kind. */
export const isFollowed = (enumeration: Enumeration, kind: string): boolean => {
  const kinds: Kinds = lineageKinds[enumeration]
  return kinds[kind] !== undefined
}
