-- Each step of a plan is kept by itself: the first plan of a large mesh is a hundred megabytes, which no statement writes in time.
alter table plan_step add column body jsonb;
update plan_step s set body = step.value
from (
  select p.id, it.value, it.ordinality - 1 as seq from plan p, jsonb_array_elements(p.body -> 'steps') with ordinality as it
) as step
where step.id = s.plan_id and step.seq = s.seq;
alter table plan_step alter column body set not null;
update plan set body = body - 'steps';
