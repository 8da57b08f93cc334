select
  trim(name)                 as name,
  nullif(trim(iso_code), '') as iso_code,
  trim(region)               as region,
  trim(zone)                 as zone
from country_list.countries
