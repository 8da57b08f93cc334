/**
 * The trees that a SELECT may have: each kind of node with its fields, and what each field may hold. A closed list, after DuckDB 1.5.5's serializer:
 * a kind or a field that a newer engine adds is refused wherever it says anything.
 */

/**
 * `plain`: no node inside, only texts, numbers and lists of them; `constant`: a literal, whatever its type; `nothing`: null, false, empty or absent;
 * a name of `choices`: a node of one of its kinds; a name of `structures`: exactly that.
 */
export type Content = 'plain' | 'constant' | 'nothing' | keyof typeof choices | keyof typeof structures

type Shape = Readonly<Record<string, string>>

const callFields = {
  function_name: 'plain',
  schema: 'plain',
  catalog: 'plain',
  children: 'expression',
  filter: 'expression',
  order_bys: 'modifier',
  distinct: 'plain',
  is_operator: 'plain',
  export_state: 'nothing',
} as const satisfies Shape

/** Nodes that say their kind: expressions by `class`, all others by `type`. */
export const choices = {
  query: {
    SELECT_NODE: {
      modifiers: 'modifier',
      cte_map: 'ctes',
      select_list: 'expression',
      from_table: 'table',
      where_clause: 'expression',
      group_expressions: 'expression',
      group_sets: 'plain',
      aggregate_handling: 'plain',
      having: 'expression',
      sample: 'sample',
      qualify: 'expression',
    },
    SET_OPERATION_NODE: {
      modifiers: 'modifier',
      cte_map: 'ctes',
      setop_type: 'plain',
      left: 'query',
      right: 'query',
      setop_all: 'plain',
    },
    RECURSIVE_CTE_NODE: {
      modifiers: 'modifier',
      cte_map: 'ctes',
      cte_name: 'plain',
      union_all: 'plain',
      left: 'query',
      right: 'query',
      aliases: 'plain',
      key_targets: 'expression',
    },
  },
  table: {
    BASE_TABLE: {
      sample: 'sample',
      catalog_name: 'plain',
      schema_name: 'plain',
      table_name: 'plain',
      column_name_alias: 'plain',
      at_clause: 'nothing',
    },
    EMPTY: { sample: 'nothing' },
    EXPRESSION_LIST: { sample: 'sample', expected_names: 'plain', expected_types: 'type', values: 'expression' },
    JOIN: {
      sample: 'sample',
      left: 'table',
      right: 'table',
      condition: 'expression',
      join_type: 'plain',
      ref_type: 'plain',
      using_columns: 'plain',
      delim_flipped: 'nothing',
      duplicate_eliminated_columns: 'nothing',
    },
    PIVOT: {
      sample: 'sample',
      source: 'table',
      aggregates: 'expression',
      unpivot_names: 'plain',
      pivots: 'pivot',
      groups: 'plain',
      column_name_alias: 'plain',
      include_nulls: 'plain',
    },
    SUBQUERY: { sample: 'sample', subquery: 'statement', column_name_alias: 'plain' },
    TABLE_FUNCTION: { sample: 'sample', function: 'tableCall', column_name_alias: 'plain', with_ordinality: 'plain' },
  },
  expression: {
    BETWEEN: { input: 'expression', lower: 'expression', upper: 'expression' },
    CASE: { case_checks: 'caseCheck', else_expr: 'expression' },
    CAST: { child: 'expression', cast_type: 'type', try_cast: 'plain' },
    COLLATE: { child: 'expression', collation: 'plain' },
    COLUMN_REF: { column_names: 'plain' },
    COMPARISON: { left: 'expression', right: 'expression' },
    CONJUNCTION: { children: 'expression' },
    CONSTANT: { value: 'constant' },
    FUNCTION: callFields,
    LAMBDA: { lhs: 'expression', expr: 'expression' },
    OPERATOR: { children: 'expression' },
    POSITIONAL_REFERENCE: { index: 'plain' },
    STAR: {
      relation_name: 'plain',
      exclude_list: 'plain',
      replace_list: 'replacement',
      columns: 'plain',
      expr: 'expression',
      qualified_exclude_list: 'qualifiedName',
      rename_list: 'renaming',
    },
    SUBQUERY: { subquery_type: 'plain', subquery: 'statement', child: 'expression', comparison_type: 'plain' },
    WINDOW: {
      function_name: 'plain',
      schema: 'plain',
      catalog: 'plain',
      children: 'expression',
      partitions: 'expression',
      orders: 'order',
      start: 'plain',
      end: 'plain',
      start_expr: 'expression',
      end_expr: 'expression',
      offset_expr: 'expression',
      default_expr: 'expression',
      ignore_nulls: 'plain',
      filter_expr: 'expression',
      exclude_clause: 'plain',
      distinct: 'plain',
      arg_orders: 'order',
    },
  },
  modifier: {
    DISTINCT_MODIFIER: { distinct_on_targets: 'expression' },
    LIMIT_MODIFIER: { limit: 'expression', offset: 'expression' },
    LIMIT_PERCENT_MODIFIER: { limit: 'expression', offset: 'expression' },
    ORDER_MODIFIER: { orders: 'order' },
  },
  order: {
    ASCENDING: { null_order: 'plain', expression: 'expression' },
    DESCENDING: { null_order: 'plain', expression: 'expression' },
    ORDER_DEFAULT: { null_order: 'plain', expression: 'expression' },
  },
  typeInfo: {
    ARRAY_TYPE_INFO: { extension_info: 'nothing', child_type: 'type', size: 'plain' },
    DECIMAL_TYPE_INFO: { extension_info: 'nothing', width: 'plain', scale: 'plain' },
    LIST_TYPE_INFO: { extension_info: 'nothing', child_type: 'type' },
    STRUCT_TYPE_INFO: { extension_info: 'nothing', child_types: 'namedType' },
    UNBOUND_TYPE_INFO: {
      extension_info: 'nothing',
      name: 'plain',
      catalog: 'nothing',
      schema: 'nothing',
      user_type_modifiers: 'constant',
    },
  },
} as const satisfies Record<string, Record<string, Shape>>

/** Nodes whose place says what they are. */
export const structures = {
  statement: { node: 'query', named_param_map: 'nothing' },
  ctes: { map: 'namedCte' },
  namedCte: { key: 'plain', value: 'cte' },
  cte: { aliases: 'plain', query: 'statement', materialized: 'plain', key_targets: 'expression' },
  tableCall: { class: 'plain', ...callFields },
  caseCheck: { when_expr: 'expression', then_expr: 'expression' },
  sample: { sample_size: 'constant', is_percentage: 'plain', method: 'plain', seed: 'plain' },
  pivot: { pivot_expressions: 'expression', unpivot_names: 'plain', entries: 'pivotEntry', pivot_enum: 'nothing' },
  pivotEntry: { values: 'constant', star_expr: 'expression' },
  replacement: { key: 'plain', value: 'expression' },
  renaming: { key: 'qualifiedName', value: 'plain' },
  qualifiedName: { catalog: 'plain', schema: 'plain', table: 'plain', column: 'plain' },
  type: { id: 'plain', type_info: 'typeInfo' },
  namedType: { first: 'plain', second: 'type' },
} as const satisfies Record<string, Shape>

/** What any node may have. */
export const commonFields: ReadonlySet<string> = new Set(['class', 'type', 'alias', 'position'])

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Kinds of OPERATOR expressions. */
export const operatorKinds = words(`
  ARRAY_CONSTRUCTOR ARRAY_EXTRACT ARRAY_SLICE COMPARE_IN COMPARE_NOT_IN GROUPING_FUNCTION OPERATOR_COALESCE
  OPERATOR_IS_NOT_NULL OPERATOR_IS_NULL OPERATOR_NOT OPERATOR_NULLIF OPERATOR_TRY OPERATOR_UNPACK STRUCT_EXTRACT
`)

/** Types that a value can be cast to; the first word of each name. UNBOUND is a type by its name, see `namedTypes`. */
export const typeIds = words(`
  ARRAY BIGINT BIGNUM BIT BLOB BOOLEAN DATE DECIMAL DOUBLE FLOAT HUGEINT INTEGER INTERVAL LIST MAP SMALLINT STRUCT TIME
  TIMESTAMP TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_S TIME_NS TINYINT UBIGINT UHUGEINT UINTEGER UNBOUND UNION USMALLINT
  UTINYINT UUID VARCHAR
`)

/** Types that the parser leaves to be found by name. */
export const namedTypes = words('enum json')
