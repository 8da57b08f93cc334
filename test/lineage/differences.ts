/** Where sqlglot says something else of a column. What is right, by hand, stands in `cases.sql`, and the tests hold us to it. */

export interface Difference {
  readonly what: string
  /** `wrong`: it says what is not so; `unknown`: it has no answer; `meant`: both can be said, and we mean to say less. */
  readonly kind: 'wrong' | 'unknown' | 'meant'
  readonly why: string
  /** Statements with their columns that differ. */
  readonly cases: Readonly<Record<string, readonly string[]>>
}

export const differences: readonly Difference[] = [
  {
    what: 'a value that goes round a recursion into another column',
    kind: 'wrong',
    why: 'it looks at what a recursion starts from, and at nothing that comes round',
    cases: {
      'with recursive r(p, q) as (select a, c from u union select q, p from r) select p, q from r': ['p', 'q'],
      'with recursive r(p, q, o) as (select a, c, 0 from u union all select q, o, p from r where o < 2) select p, q, o from r':
        ['p', 'q', 'o'],
    },
  },
  {
    what: 'columns of the query around a subquery',
    kind: 'wrong',
    why: 'it leaves them out, also where the subquery delivers them',
    cases: {
      'select (with recursive r(i) as (select t.a union all select i + 1 from r where i < 9) select max(i) from r) as i from t':
        ['i'],
      'select t.b, x.k from t, lateral (select t.a + u.c as k from u where u.a = t.a) x': ['k'],
      'select t.b, x.k from t left join lateral (select max(u.c) as k from u where u.a = t.a) x on true': ['k'],
      'select x.k, y.j from t, (select t.a as k) x, (select x.k + 1 as j) y': ['k', 'j'],
      'select (select t.a + c from u limit 1) as k from t': ['k'],
      'select (select x.a from (select t.a) x) as k from t': ['k'],
      'select (select (select t.a + u.c) from u limit 1) as k from t': ['k'],
    },
  },
  {
    what: 'sets BY NAME',
    kind: 'wrong',
    why: 'it takes columns by their place, and misses those of the second query alone',
    cases: {
      'select a, e from v union by name select e, b as a from v': ['a', 'e'],
      'select a, c from u union all by name select e, a from v': ['a', 'c', 'e'],
      'select A, c from u union by name select a as "C", e as "a" from v': ['A', 'c'],
    },
  },
  {
    what: 'EXCEPT and INTERSECT',
    kind: 'meant',
    why: 'values come from the left; the right only decides which rows there are',
    cases: {
      'select a from t except select c from u': ['a'],
      'select a from t intersect select c from u': ['a'],
      'select a from t intersect all (select c from u union all select e from v)': ['a'],
      '(select a from t except select c from u) union all select e from v': ['a'],
    },
  },
  {
    what: 'a column of USING and NATURAL, but where both sides may be missing',
    kind: 'meant',
    why: 'its value is that of one side; sqlglot puts a COALESCE over both',
    cases: {
      'select a, c from t join u using (a)': ['a'],
      'select a, t.a as x, u.a as y from t left join u using (a)': ['a'],
      'select a, t.a as x from t right join u using (a)': ['a'],
      'select a, c, e from u join v using (a) join w on w.k = a': ['a'],
      'select a, d, c from t natural join u': ['a', 'd'],
      'select * from u natural join v': ['a'],
      'select a, d, c from t asof join u using (a, d)': ['a', 'd'],
      'select a, d, c from t asof left join u using (a, d)': ['a', 'd'],
      'select * from (select a from t) x join (select a, e from v) y using (a)': ['a'],
    },
  },
  {
    what: 'a table with other names for its columns',
    kind: 'wrong',
    why: 'it takes those names for columns of the table',
    cases: {
      'select * from u x(p, q, r) join v y(p, f, g) using (p)': ['p', 'q', 'r', 'f', 'g'],
      'select p, q from u as x(p, q)': ['p', 'q'],
      'select x.* from u as x(p, q)': ['p', 'q'],
    },
  },
  {
    what: 'a star inside of EXISTS',
    kind: 'wrong',
    why: 'no value of it matters, only whether there is a row',
    cases: {
      'select not exists (from u where u.a = t.a) as k, (select count(*) from u) as j from t': ['k'],
    },
  },
  {
    what: 'stars by the form of a name',
    kind: 'unknown',
    why: 'it takes `* LIKE` for a comparison',
    cases: {
      "select * like 'q%' from w": ['q1', 'q2', 'q3'],
      "select * not like 'q%' from w": ['k'],
      "select * similar to 'q[12]' from w": ['q1', 'q2'],
      "select * glob 'q*' from w": ['q1', 'q2', 'q3'],
      "select * not similar to 'q.*', * exclude (k) like '%1' from w": ['k', 'q1'],
    },
  },
  {
    what: 'COLUMNS',
    kind: 'unknown',
    why: 'it does not expand it',
    cases: {
      "select columns('q[13]') from w": ['q1', 'q3'],
      'select columns(*) + 1 from w': ['k', 'q1', 'q2', 'q3'],
      'select columns(* exclude (k)) * k from w': ['q1', 'q2', 'q3'],
      "select columns(['k', 'q2']) from w": ['k', 'q2'],
      "select columns(c -> c like 'q%' and c <> 'q2') from w": ['q1', 'q3'],
      "select columns(lambda c: c in ('k', 'q3')) from w": ['k', 'q3'],
      'select min(columns(*)) as "min_\\0", max(columns(\'q(1)\')) as "top\\1" from w': [
        'min_k',
        'min_q1',
        'min_q2',
        'min_q3',
        'top1',
      ],
      "select columns('q1') + columns('q1') as twice from w": ['twice'],
      "select coalesce(*columns('q.')) as k from w": ['k'],
      'select greatest(*columns(* exclude (k))) as top, k from w': ['top'],
      'select columns(w.*) from w, u': ['k', 'q1', 'q2', 'q3'],
      'select columns(* replace (q1 + k as q1)) from w': ['k', 'q1', 'q2', 'q3'],
      'select coalesce(columns(\'q[12]\'), k) as "\\0" from w': ['q1', 'q2'],
      "select sum(columns('q1')) over (order by k) as run from w": ['run'],
    },
  },
  {
    what: 'a table as one value',
    kind: 'unknown',
    why: 'it takes the name for a column of nothing',
    cases: {
      'select t from u as t': ['t'],
    },
  },
  {
    what: 'a structure that becomes columns',
    kind: 'unknown',
    why: 'it makes one column of it',
    cases: {
      'select s.* from t': ['y'],
      'select unnest(s) from t': ['y'],
      'select unnest(s, recursive := true) from t': ['z'],
      'select unnest(ls, recursive := true) from t': ['q'],
      'select unnest([{k: a, o: e}, {k: b, o: a}], max_depth := 2) from v': ['k', 'o'],
      'select unnest([{k: a, j: e}, {k: b, o: a}], max_depth := 2) from v': ['k', 'j', 'o'],
    },
  },
  {
    what: 'PIVOT and UNPIVOT',
    kind: 'unknown',
    why: 'it cannot read the short form or several columns, and has one pivot more or less in the long one; names of columns are no values',
    cases: {
      'select * from v pivot (count(*) for a in (1, 2) b in (3, 4) group by e)': ['e', '2_4'],
      'from (pivot v on a in (1, 2) using sum(e) group by b)': ['b', '1', '2'],
      'from (pivot v on a in (1, 2) using sum(e))': ['b', '1', '2'],
      'with p as (pivot v on a in (1, 2) using max(e) as top group by b) select b, "1_top" as k from p': ['b', 'k'],
      'select * from w unpivot (val for name in (q1, q2, q3))': ['name'],
      'from (unpivot w on q1, q2 into name quarter value val)': ['k', 'q3', 'quarter', 'val'],
      'from (unpivot w on columns(* exclude (k)) into name quarter value val)': ['k', 'quarter', 'val'],
      'select * from w unpivot ((first_half, second_half) for part in ((q1, q2), (q3, k)))': ['part'],
      "select * from w unpivot include nulls (val for name in (q1 as 'first', q2 as 'second'))": ['name'],
      'select name, sum(value) as k from (unpivot w on q1, q2, q3) group by name': ['k'],
      'from (unpivot (select a, b from v) on a, b into name n value x)': ['x'],
    },
  },
  {
    what: 'VALUES alone',
    kind: 'unknown',
    why: 'it knows lineage of SELECT only',
    cases: {
      "values (1, 'a')": ['col0', 'col1'],
    },
  },
  {
    what: 'functions that make rows',
    kind: 'unknown',
    why: 'their columns are columns of nothing',
    cases: {
      'select i from range(3) as r(i)': ['i'],
      'select range as i from range(0, 10, 2)': ['i'],
      'select x.i, a from t, generate_series(1, t.a) as x(i)': ['i'],
      'select x.key, x.value, who from ev, json_each(j) as x': ['key', 'value'],
      'select x.p from pick(2) as x(p, q)': ['p'],
    },
  },
  {
    what: 'the number of a row',
    kind: 'wrong',
    why: 'it is no value of the list',
    cases: {
      'select a, e, o from t, unnest(l) with ordinality as x(e, o)': ['o'],
    },
  },
  {
    what: 'calls behind a point: `b.upper()`',
    kind: 'unknown',
    why: 'it does not see the column before the point',
    cases: {
      'select b.upper() as k from t': ['k'],
      'select l.list_transform(lambda x: x + a).list_sum() as k from t': ['k'],
      'select t.a.abs() as k from t': ['k'],
      'select t.b.lower().concat(a) as k from t': ['k'],
    },
  },
  {
    what: 'a structure that has the name of its table',
    kind: 'unknown',
    why: 'it looks for a column of the table',
    cases: {
      'select own.a, own.o, own.own.a as i from own': ['a', 'o', 'i'],
    },
  },
  {
    what: 'a field behind catalogue or schema',
    kind: 'unknown',
    why: 'it takes at most three parts before a column',
    cases: {
      'select t.s.x, main.t.s.y.z from t': ['z'],
    },
  },
  {
    what: 'fields of structures',
    kind: 'meant',
    why: 'it names whatever is in the structure, we what is in the field',
    cases: {
      'select x.s.x as f from (select s from t union all select {x: a, y: {z: e}} from v) x': ['f'],
      'select st.k, st.j from (select {k: a, j: b} as st from t)': ['k', 'j'],
      'select st.i.j as k from (select {i: {j: a, h: b}} as st from t)': ['k'],
      'select struct_pack(k := a, j := b).j as i from t': ['i'],
      'select struct_insert(s, n := a).n as k, struct_insert(s, n := a).x as j from t': ['k', 'j'],
      'select st.p.x as k from (select {p: s, o: a} as st from t)': ['k'],
      'select list({k: a, j: b})[1].k as i from t': ['i'],
      'select max({k: a, j: b}).j as k, first(s).y.z as j from t': ['k'],
    },
  },
  {
    what: 'columns by their number',
    kind: 'unknown',
    why: 'it takes the number for text',
    cases: {
      'select #1 as k, #3 as j from u': ['k', 'j'],
    },
  },
]
