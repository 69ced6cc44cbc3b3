-- name: begin
-- Reserve what is new, take over what its worker left unfinished, and show what is there. A key that is neither
-- reserved nor shown was reserved by another worker during this very statement.
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[]) AS w (client, key, body_hash, reservation)
), reserved AS (
    INSERT INTO idempotency AS kept (client, key, body_hash, reservation)
    SELECT client, key, body_hash, reservation FROM wanted ORDER BY client, key
    ON CONFLICT (client, key) DO UPDATE SET reservation = excluded.reservation, started_at = now()
     WHERE kept.answered_at IS NULL AND kept.body_hash = excluded.body_hash
       AND kept.started_at < now() - make_interval(secs => $5)
    RETURNING kept.reservation
)
SELECT wanted.reservation, reserved.reservation IS NOT NULL AS held,
       kept.body_hash, kept.status, kept.answer
  FROM wanted
  LEFT JOIN reserved USING (reservation)
  LEFT JOIN idempotency AS kept ON kept.client = wanted.client AND kept.key = wanted.key;

-- name: release
DELETE FROM idempotency WHERE client = $1 AND key = $2 AND reservation = $3 AND answered_at IS NULL;

-- name: purge
DELETE FROM idempotency WHERE started_at < now() - make_interval(secs => $1);
