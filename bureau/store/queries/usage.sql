-- name: record
-- One statement: the answers to keep and the rows they are charged with are durable together or not at all. May be
-- sent again after a lost connection: a row that is already there is skipped, an answer that is there is the same.
-- A row whose reservation was taken over by another worker is not charged; the reservations that held come back.
WITH answered AS (
    UPDATE idempotency AS kept
       SET answered_at = coalesce(kept.answered_at, now()), status = given.status, answer = given.answer
      FROM unnest($14::text[], $15::text[], $16::text[], $17::integer[], $18::bytea[])
           AS given (client, key, reservation, status, answer)
     WHERE kept.client = given.client AND kept.key = given.key AND kept.reservation = given.reservation
    RETURNING kept.reservation
), recorded AS (
    INSERT INTO usage (at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
                       fields)
    SELECT at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
           string_to_array(fields, ' ')
      FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::integer[], $10::text[], $11::text[], $12::text[], $13::text[])
           AS given (at, id, request_id, key_id, client, operation, purpose, status, units, population, entity_id,
                     fields, reservation)
     WHERE reservation IS NULL OR reservation IN (SELECT answered.reservation FROM answered)
    ON CONFLICT DO NOTHING
)
SELECT reservation FROM answered;

-- name: ensure_month
SELECT ensure_usage_month($1::date);

-- name: summary
SELECT (at AT TIME ZONE 'UTC')::date AS day, operation, status, count(*) AS requests, sum(units)::bigint AS units
  FROM usage
 WHERE client = $1 AND at >= $2 AND at < $3
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3;
