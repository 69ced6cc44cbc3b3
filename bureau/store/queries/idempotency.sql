-- name: begin
-- Reserve what is new, take over what its worker left unfinished, and show what is there. A key that is neither
-- reserved nor shown was reserved by another worker during this very statement. LATERAL with LIMIT leaves the planner
-- one way: an index look-up a key. Its statistics of a table that grows from nothing within a minute are worthless.
WITH wanted AS (
    SELECT w.*, kept.body_hash AS kept_hash, kept.status, kept.answer, running.body_hash AS running_hash
      FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[]) AS w (client, key, body_hash, reservation)
      LEFT JOIN LATERAL (SELECT a.body_hash, a.status, a.answer FROM idempotency_answer AS a
                          WHERE a.client = w.client AND a.key = w.key LIMIT 1) AS kept ON true
      LEFT JOIN LATERAL (SELECT r.body_hash FROM idempotency_running AS r
                          WHERE r.client = w.client AND r.key = w.key LIMIT 1) AS running ON true
), reserved AS (
    INSERT INTO idempotency_running AS running (client, key, body_hash, reservation)
    SELECT client, key, body_hash, reservation FROM wanted WHERE status IS NULL ORDER BY client, key
    ON CONFLICT (client, key) DO UPDATE SET reservation = excluded.reservation, started_at = now()
     WHERE running.body_hash = excluded.body_hash AND running.started_at < now() - make_interval(secs => $5)
    RETURNING running.reservation
)
SELECT wanted.reservation, reserved.reservation IS NOT NULL AS held,
       coalesce(kept_hash, running_hash) AS body_hash, status, answer
  FROM wanted LEFT JOIN reserved ON reserved.reservation = wanted.reservation;

-- name: release
DELETE FROM idempotency_running WHERE client = $1 AND key = $2 AND reservation = $3;

-- name: purge
-- Both ages in seconds: of answers, and of requests that were left unfinished.
WITH unfinished AS (
    DELETE FROM idempotency_running WHERE started_at < now() - make_interval(secs => $2)
)
DELETE FROM idempotency_answer WHERE answered_at < now() - make_interval(secs => $1);
