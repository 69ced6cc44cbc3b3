-- name: record
-- One statement: the answers to keep and the rows they are charged with are durable together or not at all. May be
-- sent again after a lost connection: a row or an answer that is already there is skipped. Rows whose request another
-- worker has answered meanwhile are not charged; the reservations that held come back.
WITH given AS (
    SELECT g.*, kept.reservation AS kept, running.place
      FROM unnest($15::text[], $16::text[], $17::text[], $18::bytea[], $19::integer[], $20::bytea[])
           AS g (client, key, reservation, body_hash, status, answer)
      LEFT JOIN LATERAL (SELECT a.reservation FROM idempotency_answer AS a
                          WHERE a.client = g.client AND a.key = g.key LIMIT 1) AS kept ON true
      LEFT JOIN LATERAL (SELECT r.ctid AS place FROM idempotency_running AS r
                          WHERE r.client = g.client AND r.key = g.key LIMIT 1) AS running ON true
), stored AS (
    INSERT INTO idempotency_answer (client, key, reservation, body_hash, status, answer)
    SELECT client, key, reservation, body_hash, status, answer FROM given ORDER BY client, key
    ON CONFLICT DO NOTHING
    RETURNING reservation
), ended AS (
    DELETE FROM idempotency_running WHERE ctid = ANY (ARRAY(SELECT place FROM given))
), held AS (
    SELECT reservation FROM stored
     UNION ALL
    SELECT reservation FROM given WHERE kept = reservation
), recorded AS (
    INSERT INTO usage (at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
                       fields, candidates)
    SELECT at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
           string_to_array(fields, ' '), string_to_array(candidates, ' ')
      FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::integer[], $10::text[], $11::text[], $12::text[], $13::text[],
                  $14::text[])
           AS rows (at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
                    fields, candidates, reservation)
     WHERE reservation IS NULL OR reservation IN (SELECT held.reservation FROM held)
    ON CONFLICT DO NOTHING
)
SELECT reservation FROM held;

-- name: append
-- As "record", of rows alone: a JSON array of objects that name their columns. May be sent again likewise.
INSERT INTO usage (at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
                   fields, candidates)
SELECT at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id, fields, candidates
  FROM json_to_recordset($1::json)
       AS rows (at timestamptz, id text, request_id text, key_id text, client text, operation text, purpose text,
                status text, units integer, population text, entity_id text, fields text[], candidates text[])
ON CONFLICT DO NOTHING;

-- name: ensure_month
SELECT ensure_usage_month($1::date);

-- name: summary
SELECT (at AT TIME ZONE 'UTC')::date AS day, operation, status, count(*) AS requests, sum(units)::bigint AS units
  FROM usage
 WHERE client = $1 AND at >= $2 AND at < $3
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3;
