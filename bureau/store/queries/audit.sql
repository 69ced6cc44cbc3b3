-- name: disclosures
-- $4: of one client only, or of all. With what is as old as the last one: the next page begins before its moment.
SELECT at, request_id, client, operation, purpose, fields
  FROM usage
 WHERE (entity_id = $1 OR candidates @> ARRAY[$1]) AND at < $2 AND fields <> '{}' AND ($4::text IS NULL OR client = $4)
 ORDER BY at DESC
 FETCH FIRST $3 ROWS WITH TIES;

-- name: drop_before
SELECT drop_usage_before($1::date) AS partition;
