-- Detects: different records under one key in one delivery, of which all but the last would be lost.
-- Usual cause: order numbers that Excel rounded, a column that is no key taken for one (an article for line_id), an
-- export with several rows an order read as orders. Map a column that tells the rows apart, a query that brings them
-- together, or, where the last row is meant, on_duplicate_key: last at the entity in sources.yml.
-- A row: an entity, file and key with the rows that share it.
{{ config(tags=['state']) }}

select * from {{ ref('duplicate_keys') }}
