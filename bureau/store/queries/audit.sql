-- name: disclosures
SELECT at, request_id, client, operation, purpose, fields
  FROM usage
 WHERE entity_id = $1 AND at >= $2 AND fields <> '{}'
 ORDER BY at, id;

-- name: drop_before
SELECT drop_usage_before($1::date) AS partition;
