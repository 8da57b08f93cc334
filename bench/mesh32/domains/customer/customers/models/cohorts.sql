with firsts as (
  select customer_id, min(month) as cohort from customer_months group by customer_id
),
sizes as (
  select cohort, count(*) as cohort_size from firsts group by cohort
),
kept as (
  select
    firsts.cohort,
    date_diff('month', firsts.cohort, months.month)::bigint as months_after,
    count(*)                                                as customer_count
  from customer_months as months
  join firsts on firsts.customer_id = months.customer_id
  group by 1, 2
)
select
  kept.cohort,
  kept.months_after,
  kept.customer_count,
  sizes.cohort_size,
  kept.customer_count::double / sizes.cohort_size::double as kept_share
from kept
join sizes on sizes.cohort = kept.cohort
