-- name: book
-- May be sent again: what is booked stays as it is.
INSERT INTO recheck (verification, position, client, address, depth, expects_role, verdict, attempts, due_at)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bytea[],
                     $8::integer[], $9::timestamptz[])
ON CONFLICT DO NOTHING;

-- name: of_verification
SELECT verdict, due_at FROM recheck WHERE client = $1 AND verification = $2 ORDER BY position;

-- name: claim
-- What is due and nobody else's; what a worker held when it died falls due again when its lease ends.
WITH due AS (
    SELECT verification, position FROM recheck
     WHERE due_at <= now() AND (leased_until IS NULL OR leased_until < now())
     ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE recheck AS r SET leased_until = now() + make_interval(secs => $2)
  FROM due WHERE r.verification = due.verification AND r.position = due.position
RETURNING r.verification, r.position, r.client, r.address, r.depth, r.expects_role, r.attempts, r.created_at,
          r.leased_until;

-- name: finish
-- Only by who still holds the lease: a worker that was too slow must not undo what its successor found out.
UPDATE recheck AS r SET verdict = f.verdict, attempts = f.attempts, due_at = f.due_at, leased_until = NULL
  FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::integer[], $5::timestamptz[], $6::timestamptz[])
       AS f (verification, position, verdict, attempts, due_at, leased_until)
 WHERE r.verification = f.verification AND r.position = f.position AND r.leased_until = f.leased_until
RETURNING r.verification, r.client, r.due_at IS NULL AS is_final;

-- name: lock
-- Who finishes the last verdicts of a verification at the same time as another must see what the other did.
SELECT pg_advisory_xact_lock(hashtext(verification))
  FROM (SELECT unnest($1::text[]) AS verification ORDER BY 1) AS given;

-- name: all_final
SELECT verification FROM unnest($1::text[]) AS g (verification)
 WHERE NOT EXISTS (SELECT FROM recheck AS r WHERE r.verification = g.verification AND r.due_at IS NOT NULL);
