-- Hard cases of column lineage. Under each stands what the values of its columns are made from, by hand:
-- columns by `|`, inputs by spaces; what only decides about a value or a row is not among them. `wide` begins the line where more may be.
-- # Tables
create table t (a integer, b varchar, s struct(x integer, y struct(z integer)), l integer[], m map(varchar, integer), ls struct(p integer, q varchar)[], d date);
create table u (a integer, c integer, d date);
create table v (a integer, b integer, e integer);
create table w (k integer, q1 integer, q2 integer, q3 integer);
create table n (id integer, parent integer, label varchar);
create table ev (seen timestamp, who integer, price decimal(10, 2), j json);
create table own (own struct(a integer, o integer), a integer);
create table "Mixed Case" ("Odd Name" integer, "select" varchar);
create schema z;
create macro plus(x, y) as x + y + (select max(c) from u);
create macro pick(n) as table select a, e from v where b = n;
create table z.t (a integer, zz integer);
-- # Common table expressions
with c as (select a, b from t) select a, b from c;
-- a: t.a | b: t.b
with c as (select a as k from t), e as (select k + 1 as j from c) select j from e;
-- j: t.a
with c(p, q) as (select a, c from u) select q, p from c;
-- q: u.c | p: u.a
with c as materialized (select a from t) select x.a, y.a as a2 from c x, c y;
-- a: t.a | a2: t.a
with c as not materialized (select a from t) select a from c;
-- a: t.a
with t as (select a, e from v) select a, e from t;
-- a: v.a | e: v.e
with t as (select a from t) select a from t;
-- a: t.a
with c as (select a from t) select (with c as (select c as a from u) select max(a) from c) as i, a from c;
-- i: u.c | a: t.a
with c as (select a from t) select * from (with c as (select e as a from v) select a from c) x, c y;
-- a: v.e | a: t.a
with c as (select a from t), c2 as (with c as (select c as a from u) select a from c) select c.a, c2.a as k from c, c2;
-- a: t.a | k: u.c
with unused as (select c from u) select a from t;
-- a: t.a
with c as (values (1, 2), (3, 4)) select col0, col1 from c;
-- col0: | col1:
with c as (from t select a, b) from c select b;
-- b: t.b
with a as (select a from t), b as (select a from a), c as (select a from b) select a from c union all select a from a;
-- a: t.a
with c as (select a, a + 1 as b from v) select c.*, c.b as again from c;
-- a: v.a | b: v.a | again: v.a
select k from (with c as (select e as k from v) select * from c);
-- k: v.e
with c as (select a from t union all select c from u) select a from c;
-- a: t.a u.c
with c as (select * from t join u using (a)) select c, b from c;
-- c: u.c | b: t.b
with C as (select A from T) select c.a from c;
-- a: t.a
with v as (select 1 as a) select a from v;
-- a:
-- # Recursion
with recursive r(i) as (select a from u union all select i + 1 from r where i < 3) select i from r;
-- i: u.a
with recursive r as (select id, parent, label as path from n union all select n.id, n.parent, r.path || n.label from n join r on n.parent = r.id) select * from r;
-- id: n.id | parent: n.parent | path: n.label
with recursive r(p, q) as (select a, c from u union select q, p from r) select p, q from r;
-- p: u.a u.c | q: u.a u.c
with recursive r(p, q, o) as (select a, c, 0 from u union all select q, o, p from r where o < 2) select p, q, o from r;
-- p: u.a u.c | q: u.a u.c | o: u.a u.c
with recursive r as (select a, 0 as depth from u union all select v.b, depth + 1 from r join v on v.a = r.a) select max(depth) as depth, max(a) as top from r;
-- depth: | top: u.a v.b
with recursive r as (select id, label from n where parent is null union all select n.id, r.label from n, r where n.parent = r.id), s as (select label, count(id) as many from r group by 1) select label, many from s;
-- label: n.label | many: n.id
with recursive r(k, x) using key (k) as (select a, c from u union select r.k, r.x + v.e from r join v on v.a = r.k) select k, x from r;
-- k: u.a | x: u.c v.e
with recursive once as (select a from t) select a from once;
-- a: t.a
with recursive r as (select a as i from u union all (with step as (select i + 1 as i from r where i < 9) select i from step)) select i from r;
-- i: u.a
select (with recursive r(i) as (select t.a union all select i + 1 from r where i < 9) select max(i) from r) as i from t;
-- i: t.a
-- # Sets
select a, b from v union all select a, c from u;
-- a: v.a u.a | b: v.b u.c
select a from t union select c from u union select e from v;
-- a: t.a u.c v.e
select a, e from v union by name select e, b as a from v;
-- a: v.a v.b | e: v.e
select a, c from u union all by name select e, a from v;
-- a: u.a v.a | c: u.c | e: v.e
select a from t except select c from u;
-- a: t.a
select a from t intersect select c from u;
-- a: t.a
select a from t intersect all (select c from u union all select e from v);
-- a: t.a
(select a from t) union all (select c from u order by a limit 1) order by 1;
-- a: t.a u.c
select * from (select a, c from u union all select a, e from v) x(p, q);
-- p: u.a v.a | q: u.c v.e
select a + 1 as k from t union all select length(b) from t;
-- k: t.a t.b
select s from t union all select {x: a, y: {z: e}} from v;
-- s: t.s v.a v.e
select x.s.x as f from (select s from t union all select {x: a, y: {z: e}} from v) x;
-- f: t.s.x v.a
from u select a union all from v select e;
-- a: u.a v.e
select null as k union all select a from u;
-- k: u.a
select 'x' as tag, a from u union all select 'y', e from v;
-- tag: | a: u.a v.e
(select a from t except select c from u) union all select e from v;
-- a: t.a v.e
select A, c from u union by name select a as "C", e as "a" from v;
-- A: u.a v.e | c: u.c v.a
-- # Joins
select t.a, u.c from t join u on t.a = u.a;
-- a: t.a | c: u.c
select a, c from t join u using (a);
-- a: t.a | c: u.c
select a, t.a as x, u.a as y from t left join u using (a);
-- a: t.a | x: t.a | y: u.a
select a, t.a as x from t right join u using (a);
-- a: u.a | x: t.a
select a from t full join u using (a);
-- a: t.a u.a
select * from u full join v using (a);
-- a: u.a v.a | c: u.c | d: u.d | b: v.b | e: v.e
select a, c, e from u join v using (a) join w on w.k = a;
-- a: u.a | c: u.c | e: v.e
select a from t full join u using (a) full join v using (a);
-- a: t.a u.a v.a
select a, d, c from t natural join u;
-- a: t.a | d: t.d | c: u.c
select * from u natural join v;
-- a: u.a | c: u.c | d: u.d | b: v.b | e: v.e
select * from u natural full join v;
-- a: u.a v.a | c: u.c | d: u.d | b: v.b | e: v.e
select b from t semi join u on t.a = u.a;
-- b: t.b
select * from v anti join u using (a);
-- a: v.a | b: v.b | e: v.e
select x.b, y.b as b2 from t x cross join v y;
-- b: t.b | b2: v.b
select t.b, u.c from t asof join u on t.a = u.a and t.d >= u.d;
-- b: t.b | c: u.c
select a, d, c from t asof join u using (a, d);
-- a: t.a | d: t.d | c: u.c
select a, d, c from t asof left join u using (a, d);
-- a: t.a | d: t.d | c: u.c
select b, c from t positional join u;
-- b: t.b | c: u.c
select t.b, x.k from t, lateral (select t.a + u.c as k from u where u.a = t.a) x;
-- b: t.b | k: t.a u.c
select t.b, x.k from t left join lateral (select max(u.c) as k from u where u.a = t.a) x on true;
-- b: t.b | k: u.c
select x.k, y.j from t, (select t.a as k) x, (select x.k + 1 as j) y;
-- k: t.a | j: t.a
select p.label, c.label as child from n p join n c on c.parent = p.id;
-- label: n.label | child: n.label
select * from (select a from t) x join (select a, e from v) y using (a);
-- a: t.a | e: v.e
select u.*, e from u, v where u.a = v.a;
-- a: u.a | c: u.c | d: u.d | e: v.e
select b, c from (t join u on t.a = u.a);
-- b: t.b | c: u.c
select w.q1, u.c from w join (u join v on u.a = v.a) on w.k = u.a;
-- q1: w.q1 | c: u.c
select main.t.a as k, z.t.zz from t join z.t on main.t.a = z.t.a;
-- k: t.a | zz: z.t.zz
select x.a, y.a as a2 from main.t x join z.t y on x.a = y.a;
-- a: t.a | a2: z.t.a
select coalesce(u.c, v.e) as k from u left join v on u.a = v.a;
-- k: u.c v.e
select * from u x(p, q, r) join v y(p, f, g) using (p);
-- p: u.a | q: u.c | r: u.d | f: v.b | g: v.e
-- # Subqueries
select (select max(c) from u) as k from t;
-- k: u.c
select (select max(c) from u where u.a = t.a) as k, b from t;
-- k: u.c | b: t.b
select (select t.a + c from u limit 1) as k from t;
-- k: t.a u.c
select exists (select 1 from u where u.a = t.a) as k from t;
-- k:
select a in (select c from u) as k from t;
-- k: t.a u.c
select a > any (select c from u) as k, a = all (select e from v) as j from t;
-- k: t.a u.c | j: t.a v.e
select a from t where a in (select c from u where u.d = t.d);
-- a: t.a
select array(select c from u) as k from t;
-- k: u.c
select a from (select a from (select a from (select a from t) w1) w2) w3;
-- a: t.a
select k from (select a as k, c from u) x where c > (select avg(e) from v where v.a = x.k);
-- k: u.a
select (select x.a from (select t.a) x) as k from t;
-- k: t.a
select (select (select t.a + u.c) from u limit 1) as k from t;
-- k: t.a u.c
select (select b from v where v.a = t.a limit 1) as k, b from t;
-- k: v.b | b: t.b
select (select sum(c) over () from u limit 1) as k from t;
-- k: u.c
select (a, 1) in (select c, e from u, v) as k from t;
-- k: t.a u.c v.e
select case when exists (select 1 from u) then a else 0 end as k from t;
-- k: t.a
select not exists (from u where u.a = t.a) as k, (select count(*) from u) as j from t;
-- k: | j:
select max((select c from u where u.a = t.a)) as k from t;
-- k: u.c
select a from t order by (select max(c) from u) limit (select 1);
-- a: t.a
select x.* from (select a, (select c from u limit 1) as c from t) x;
-- a: t.a | c: u.c
-- # Stars
select * from u;
-- a: u.a | c: u.c | d: u.d
select * exclude (c) from u;
-- a: u.a | d: u.d
select * exclude c from u;
-- a: u.a | d: u.d
select * replace (c + a as c) from u;
-- a: u.a | c: u.a u.c | d: u.d
select * rename (c as k) from u;
-- a: u.a | k: u.c | d: u.d
select * exclude (d) replace (a * 2 as a) rename (c as k) from u;
-- a: u.a | k: u.c
select u.* exclude (d), v.* exclude (a, b) from u, v;
-- a: u.a | c: u.c | e: v.e
select * exclude (v.a, d) from u join v on u.a = v.a;
-- a: u.a | c: u.c | b: v.b | e: v.e
select *, a + c as k from u;
-- a: u.a | c: u.c | d: u.d | k: u.a u.c
select * like 'q%' from w;
-- q1: w.q1 | q2: w.q2 | q3: w.q3
select * not like 'q%' from w;
-- k: w.k
select * similar to 'q[12]' from w;
-- q1: w.q1 | q2: w.q2
select * glob 'q*' from w;
-- q1: w.q1 | q2: w.q2 | q3: w.q3
select s.* from t;
-- x: t.s.x | y: t.s.y
select * not similar to 'q.*', * exclude (k) like '%1' from w;
-- k: w.k | q1: w.q1
select * from (select * from (select * from w));
-- k: w.k | q1: w.q1 | q2: w.q2 | q3: w.q3
select t from u as t;
-- t: u.a u.c u.d
select count(*) as many from (select * from t);
-- many:
-- # COLUMNS
select columns('q[13]') from w;
-- q1: w.q1 | q3: w.q3
select columns(*) + 1 from w;
-- k: w.k | q1: w.q1 | q2: w.q2 | q3: w.q3
select columns(* exclude (k)) * k from w;
-- q1: w.q1 w.k | q2: w.q2 w.k | q3: w.q3 w.k
select columns(['k', 'q2']) from w;
-- k: w.k | q2: w.q2
select columns(c -> c like 'q%' and c <> 'q2') from w;
-- q1: w.q1 | q3: w.q3
select columns(lambda c: c in ('k', 'q3')) from w;
-- k: w.k | q3: w.q3
select min(columns(*)) as "min_\0", max(columns('q(1)')) as "top\1" from w;
-- min_k: w.k | min_q1: w.q1 | min_q2: w.q2 | min_q3: w.q3 | top1: w.q1
select columns('q1') + columns('q1') as twice from w;
-- twice: w.q1
select coalesce(*columns('q.')) as k from w;
-- k: w.q1 w.q2 w.q3
select greatest(*columns(* exclude (k))) as top, k from w;
-- top: w.q1 w.q2 w.q3 | k: w.k
select k from w where columns('q.') > 1;
-- k: w.k
select columns(w.*) from w, u;
-- k: w.k | q1: w.q1 | q2: w.q2 | q3: w.q3
select columns(* replace (q1 + k as q1)) from w;
-- k: w.k | q1: w.q1 w.k | q2: w.q2 | q3: w.q3
select coalesce(columns('q[12]'), k) as "\0" from w;
-- q1: w.q1 w.k | q2: w.q2 w.k
select sum(columns('q1')) over (order by k) as run from w;
-- run: w.q1
-- # Grouping
select b, sum(a) as k from t group by all;
-- b: t.b | k: t.a
select b, sum(a) as k from t group by 1 having max(d) > '2020-01-01';
-- b: t.b | k: t.a
select b || 'x' as g, count(*) as many, count(a) as some, count(distinct a) as kinds from t group by g;
-- g: t.b | many: | some: t.a | kinds: t.a
select a, b, grouping(a) as level, sum(e) as k from v group by rollup (a, b);
-- a: v.a | b: v.b | level: | k: v.e
select a, b, max(e) as k from v group by cube (a, b);
-- a: v.a | b: v.b | k: v.e
select a, b, min(e) as k from v group by grouping sets ((a), (b), ());
-- a: v.a | b: v.b | k: v.e
select sum(a) filter (where b = 'x') as k from t;
-- k: t.a
select string_agg(b, ',' order by a) as k from t;
-- k: t.b
select list(a order by b desc) as k, array_agg(distinct b) as j from t;
-- k: t.a | j: t.b
select arg_max(b, a) as k, max(a, 2) as j from t;
-- k: t.b t.a | j: t.a
select percentile_cont(0.5) within group (order by a) as k from t;
-- k: t.a
select mode() within group (order by b) as k from t;
-- k: t.b
select percentile_disc(0.5) within group (order by e) as k, a from v group by a;
-- k: v.e | a: v.a
select sum(a) + max(e) as k from v having count(*) > 1;
-- k: v.a v.e
select distinct on (a) b, a from t order by a, d;
-- b: t.b | a: t.a
select distinct b from t;
-- b: t.b
select any_value(s).x as k from t;
-- k: t.s.x
select corr(a, e) as k, covar_pop(a, b) as j from v;
-- k: v.a v.e | j: v.a v.b
select a from t order by all;
-- a: t.a
select a % 10 as g, sum(a) as k from v group by g order by g, k;
-- g: v.a | k: v.a
select histogram(a) as h, max(a) - min(a) as spread from v;
-- h: v.a | spread: v.a
select sum(distinct e) as k, bool_and(a > b) as j from v;
-- k: v.e | j: v.a v.b
-- # Windows
select sum(a) over (partition by b order by d) as k from t;
-- k: t.a
select row_number() over (order by a) as k, rank() over (order by b) as j from t;
-- k: | j:
select lag(a) over (order by d) as k, lead(a, 2, e) over (order by b) as j from v as v(a, b, e), (select 1 as d);
-- k: v.a | j: v.a v.e
select first_value(a ignore nulls) over (order by b) as k, nth_value(e, 2) over (order by b) as j from v;
-- k: v.a | j: v.e
select sum(a) over w as k, count(*) over w as j from t window w as (partition by b order by d);
-- k: t.a | j:
select a from t qualify row_number() over (partition by b order by d) = 1;
-- a: t.a
select a, row_number() over (order by b) as rn from t qualify rn = 1;
-- a: t.a | rn:
select sum(sum(e)) over (order by a) as k, a from v group by a;
-- k: v.e | a: v.a
select e - avg(e) over (partition by a) as k from v;
-- k: v.e
select sum(e) over (order by b rows between a preceding and current row) as k from v;
-- k: v.e
select sum(e) filter (where a > 1) over (order by b) as k from v;
-- k: v.e
select list(e) over (partition by a order by b) as k from v;
-- k: v.e
select max(e) over (order by b range between 1 preceding and 1 following exclude current row) as k from v;
-- k: v.e
select ntile(4) over (order by a) as k, percent_rank() over (order by e) as j from v;
-- k: | j:
select max(x) as k from (select row_number() over (order by a) + b as x from v);
-- k: v.b
select string_agg(label, '/') over (order by id) as k from n;
-- k: n.label
select sum(e) over (v1 rows unbounded preceding) as k from v window v1 as (partition by a order by b);
-- k: v.e
select first(e order by b) over (partition by a) as k from v;
-- k: v.e
-- # PIVOT and UNPIVOT
select * from v pivot (sum(e) for a in (1, 2));
-- b: v.b | 1: v.e | 2: v.e
select * from v pivot (sum(e) as s, max(e) as m for a in (1 as one, 2 as two));
-- b: v.b | one_s: v.e | one_m: v.e | two_s: v.e | two_m: v.e
select * from v pivot (count(*) for a in (1, 2) b in (3, 4) group by e);
-- e: v.e | 1_3: | 1_4: | 2_3: | 2_4:
from (pivot v on a in (1, 2) using sum(e) group by b);
-- b: v.b | 1: v.e | 2: v.e
from (pivot v on a in (1, 2) using sum(e));
-- b: v.b | 1: v.e | 2: v.e
with p as (pivot v on a in (1, 2) using max(e) as top group by b) select b, "1_top" as k from p;
-- b: v.b | k: v.e
select one + two as k from v pivot (sum(e) for a in (1 as one, 2 as two)) as p;
-- k: v.e
select * from w unpivot (val for name in (q1, q2, q3));
-- k: w.k | name: | val: w.q1 w.q2 w.q3
from (unpivot w on q1, q2 into name quarter value val);
-- k: w.k | q3: w.q3 | quarter: | val: w.q1 w.q2
from (unpivot w on columns(* exclude (k)) into name quarter value val);
-- k: w.k | quarter: | val: w.q1 w.q2 w.q3
select * from w unpivot ((first_half, second_half) for part in ((q1, q2), (q3, k)));
-- part: | first_half: w.q1 w.q3 | second_half: w.q2 w.k
select * from w unpivot include nulls (val for name in (q1 as 'first', q2 as 'second'));
-- k: w.k | q3: w.q3 | name: | val: w.q1 w.q2
select name, sum(value) as k from (unpivot w on q1, q2, q3) group by name;
-- name: | k: w.q1 w.q2 w.q3
from (unpivot (select a, b from v) on a, b into name n value x);
-- n: | x: v.a v.b
-- # VALUES and table functions
values (1, 'a');
-- col0: | col1:
select * from (values (1, 'a'), (2, 'b')) as x(p, q);
-- p: | q:
select x.p, t.a from t, (values (t.a), (t.a + 1)) as x(p);
-- p: t.a | a: t.a
select i from range(3) as r(i);
-- i:
select range as i from range(0, 10, 2);
-- i:
select x.i, a from t, generate_series(1, t.a) as x(i);
-- i: t.a | a: t.a
select e, a from t, unnest(l) as x(e);
-- e: t.l | a: t.a
select x.e.p as k from t, unnest(t.ls) as x(e);
-- k: t.ls.p
select a, e, o from t, unnest(l) with ordinality as x(e, o);
-- a: t.a | e: t.l | o:
select unnest(l) as e, a from t;
-- e: t.l | a: t.a
select unnest(s) from t;
-- x: t.s.x | y: t.s.y
select unnest(s, recursive := true) from t;
-- x: t.s.x | z: t.s.y.z
select unnest(ls, recursive := true) from t;
-- p: t.ls.p | q: t.ls.q
select sum(e) as k from (select unnest(l) as e from t);
-- k: t.l
select unnest(generate_series(a, e)) as i from v;
-- i: v.a v.e
select x.key, x.value, who from ev, json_each(j) as x;
-- key: ev.j | value: ev.j | who: ev.who
select unnest([{k: a, o: e}, {k: b, o: a}], max_depth := 2) from v;
-- k: v.a v.b | o: v.e v.a
select x.p from pick(2) as x(p, q);
-- wide p:
-- # Functions, lambdas and comprehensions
select list_transform(l, lambda x: x + a) as k from t;
-- k: t.l t.a
select list_transform(l, lambda a: a + 1) as k from t;
-- k: t.l
select list_transform(l, lambda x, i: x * i) as k from t;
-- k: t.l
select list_filter(l, lambda x: x > a) as k from t;
-- k: t.l
select list_transform(ls, lambda x: x.q) as k from t;
-- k: t.ls.q
select list_transform(l, lambda x: list_transform(l, lambda y: x + y + a)) as k from t;
-- k: t.l t.a
select list_reduce(l, lambda acc, x: acc + x) as k from t;
-- k: t.l
select list_reduce(l, lambda acc, x: acc + x, a) as k from t;
-- k: t.l t.a
select [x + 1 for x in l] as k from t;
-- k: t.l
select [x.p for x in ls if x.q = b] as k from t;
-- k: t.ls.p
select [a for x in l] as k from t;
-- k: t.a
select b.upper() as k from t;
-- k: t.b
select l.list_transform(lambda x: x + a).list_sum() as k from t;
-- k: t.l t.a
select t.a.abs() as k from t;
-- k: t.a
select t.b.lower().concat(a) as k from t;
-- k: t.b t.a
select concat_ws('-', b, a, d) as k from t;
-- k: t.b t.a t.d
select coalesce(a, e) as k, nullif(a, b) as j, ifnull(a, e) as i from v;
-- k: v.a v.e | j: v.a v.b | i: v.a v.e
select if(a > 1, b, e) as k, case a when 1 then b else e end as j from v;
-- k: v.b v.e | j: v.b v.e
select a between b and e as k, a is distinct from e as j, a is null as i from v;
-- k: v.a v.b v.e | j: v.a v.e | i: v.a
select extract(year from d) as k, d + interval 1 day as j, date_trunc('month', d) as i, datediff('day', d, current_date) as h from u;
-- k: u.d | j: u.d | i: u.d | h: u.d
select b[1:a] as k, b[2] as j, l[2] as i, l[a:] as h from t;
-- k: t.b | j: t.b | i: t.l | h: t.l
select j -> 'x' as k, j ->> '$.y' as i, json_extract(j, '$.z') as h from ev;
-- k: ev.j | i: ev.j | h: ev.j
select try_cast(b as integer) as k, a::varchar as j, cast(d as timestamp) as i from t;
-- k: t.b | j: t.a | i: t.d
select b like '%x' as k, b ~ 'x' as j, b not ilike 'y' as i, b in ('x', 'y') as h from t;
-- k: t.b | j: t.b | i: t.b | h: t.b
select md5(b) as k, hash(a, b) as j from t;
-- k: t.b | j: t.a t.b
select try(a / e) as k, a // b as j, -a as i, not (a > b) as h from v;
-- k: v.a v.e | j: v.a v.b | i: v.a | h: v.a v.b
select b collate nocase as k, position('x' in b) as j, trim(both 'x' from b) as i, substring(b from 1 for 2) as h from t;
-- k: t.b | j: t.b | i: t.b | h: t.b
select list_zip(l, [a]) as k, list_sort(l) as j, l || [a] as i, list_contains(l, a) as h from t;
-- k: t.l t.a | j: t.l | i: t.l t.a | h: t.l t.a
select unnest([{k: a, j: e}, {k: b, o: a}], max_depth := 2) from v;
-- k: v.a v.b | j: v.e | o: v.a
select plus(a, e) as k from v;
-- wide k: v.a v.e
-- # Structures, lists and maps
select s.x as k, s.y.z as j from t;
-- k: t.s.x | j: t.s.y.z
select s['x'] as k, (s).y.z as j, s.y['z'] as i, struct_extract(s, 'x') as h from t;
-- k: t.s.x | j: t.s.y.z | i: t.s.y.z | h: t.s.x
select st.k, st.j from (select {k: a, j: b} as st from t);
-- k: t.a | j: t.b
select st.i.j as k from (select {i: {j: a, h: b}} as st from t);
-- k: t.a
select struct_pack(k := a, j := b).j as i from t;
-- i: t.b
select row(a, b) as k, (a, d) as j from t;
-- k: t.a t.b | j: t.a t.d
select struct_insert(s, n := a).n as k, struct_insert(s, n := a).x as j from t;
-- k: t.a | j: t.s.x
select [a, e][1] as k, [a, b] as j from v;
-- k: v.a v.e | j: v.a v.b
select map {b: a} as k, m['x'] as j, map_keys(m) as i from t;
-- k: t.b t.a | j: t.m | i: t.m
select element_at(m, b) as k, cardinality(m) as j from t;
-- k: t.m | j: t.m
select ls[1].q as k, ls[a].p as j from t;
-- k: t.ls.q | j: t.ls.p
select st.p.x as k from (select {p: s, o: a} as st from t);
-- k: t.s.x
select list({k: a, j: b})[1].k as i from t;
-- i: t.a
select case when a > 1 then s else {x: a, y: {z: 2}} end as k from t;
-- k: t.s t.a
select (case when d is null then s else {x: a, y: {z: 2}} end).x as k from t;
-- k: t.s.x t.a
select own.a, own.o, own.own.a as i from own;
-- a: own.a | o: own.own.o | i: own.own.a
select union_value(k := a) as k from t;
-- k: t.a
select max({k: a, j: b}).j as k, first(s).y.z as j from t;
-- k: t.b | j: t.s.y.z
select unnest([a, e]) as k from v;
-- k: v.a v.e
select t.s.x, main.t.s.y.z from t;
-- x: t.s.x | z: t.s.y.z
-- # Names
select a + 1 as x, x * 2 as y from t;
-- x: t.a | y: t.a
select a as b, b as k from v;
-- b: v.a | k: v.b
select a + 1 as a, a * 2 as y from v;
-- a: v.a | y: v.a
select a as x, e as y, x + y as k, k + b as j from v;
-- x: v.a | y: v.e | k: v.a v.e | j: v.a v.e v.b
select a as k from v where k > 1 group by k having k < 9 order by k;
-- k: v.a
select a + e as e, b as a from v order by e, a;
-- e: v.a v.e | a: v.b
from u;
-- a: u.a | c: u.c | d: u.d
from u select c;
-- c: u.c
from u join v using (a) select c + e as k where b > 1;
-- k: u.c v.e
from v select a, sum(e) as k group by a;
-- a: v.a | k: v.e
table u;
-- a: u.a | c: u.c | d: u.d
select T.A, "B" from T;
-- A: t.a | B: t.b
select "Odd Name" as k, "SELECT" as j from "mixed case";
-- k: Mixed Case.Odd Name | j: Mixed Case.select
select "x y"."Odd Name" from "Mixed Case" as "x y";
-- Odd Name: Mixed Case.Odd Name
select main.t.a, memory.main.u.c from main.t, memory.main.u;
-- a: t.a | c: u.c
select z.t.a, zz from z.t;
-- a: z.t.a | zz: z.t.zz
select k: a + 1, j: b from t;
-- k: t.a | j: t.b
select #1 as k, #3 as j from u;
-- k: u.a | j: u.d
select c, a from u order by 2 desc;
-- c: u.c | a: u.a
select e, count(*) as many from v group by 1 order by 2;
-- e: v.e | many:
select p, q from u as x(p, q);
-- p: u.a | q: u.c
select x.* from u as x(p, q);
-- p: u.a | q: u.c | d: u.d
select a from t tablesample 10 percent;
-- a: t.a
select a from t using sample 5;
-- a: t.a
select a from t order by b limit 10%;
-- a: t.a
select prefix_.a from t as prefix_ where prefix_.b is not null limit 3 offset 1;
-- a: t.a
select 1 as k, 'a' as j, null as i, current_date as h;
-- k: | j: | i: | h:
select a -- a comment; with a semicolon
  , /* and 'another' one */ b as "b;" from t;
-- a: t.a | b;: t.b
