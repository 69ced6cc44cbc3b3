-- name: domains
-- What is known and fresh; what is not is claimed unless another process did so less than $2 seconds ago. Facts stored
-- between the two halves of the statement are neither shown nor claimed over: asking again shows them.
WITH wanted AS (
    SELECT w.domain, known.facts, known.expires_at
      FROM unnest($1::text[]) AS w (domain)
      LEFT JOIN LATERAL (SELECT d.facts, d.expires_at FROM domain_evidence AS d
                          WHERE d.domain = w.domain AND d.expires_at > now() LIMIT 1) AS known ON true
), claimed AS (
    INSERT INTO domain_evidence AS d (domain, claimed_at)
    SELECT domain, now() FROM wanted WHERE facts IS NULL ORDER BY domain
    ON CONFLICT (domain) DO UPDATE SET claimed_at = now(), facts = NULL, expires_at = NULL
     WHERE coalesce(d.expires_at <= now(), true) AND d.claimed_at < now() - make_interval(secs => $2)
    RETURNING d.domain
)
SELECT wanted.domain, wanted.facts, claimed.domain IS NOT NULL AS held,
       extract(epoch FROM wanted.expires_at - now())::float8 AS seconds
  FROM wanted LEFT JOIN claimed ON claimed.domain = wanted.domain;

-- name: store_domains
INSERT INTO domain_evidence AS d (domain, claimed_at, facts, expires_at)
SELECT domain, now(), facts, now() + make_interval(secs => seconds)
  FROM unnest($1::text[], $2::bytea[], $3::float8[]) AS given (domain, facts, seconds) ORDER BY domain
ON CONFLICT (domain) DO UPDATE SET facts = excluded.facts, expires_at = excluded.expires_at;

-- name: mailboxes
SELECT m.address, m.reason, m.is_catch_all, m.checked_at, m.stage, m.reply
  FROM unnest($1::bytea[]) AS w (address)
 CROSS JOIN LATERAL (SELECT e.* FROM mailbox_evidence AS e
                      WHERE e.address = w.address AND e.expires_at > now() LIMIT 1) AS m;

-- name: store_mailboxes
-- The latest word counts, whoever writes first.
INSERT INTO mailbox_evidence AS m (address, reason, is_catch_all, checked_at, expires_at, stage, reply)
SELECT address, reason, is_catch_all, checked_at, expires_at, stage, reply
  FROM unnest($1::bytea[], $2::text[], $3::boolean[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[])
       AS given (address, reason, is_catch_all, checked_at, expires_at, stage, reply) ORDER BY address
ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, is_catch_all = excluded.is_catch_all,
       checked_at = excluded.checked_at, expires_at = excluded.expires_at, stage = excluded.stage,
       reply = excluded.reply
 WHERE m.checked_at <= excluded.checked_at;

-- name: store_told
INSERT INTO verdict_told (address, reason, told_at)
SELECT address, reason, told_at FROM unnest($1::bytea[], $2::text[], $3::timestamptz[]) AS given (address, reason, told_at)
 ORDER BY address
ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, told_at = excluded.told_at;

-- name: purge
-- $1: days that events are kept; what rests on them outlives them no longer than its reason does.
WITH domains AS (
    DELETE FROM domain_evidence WHERE claimed_at < now() - interval '2 days'
), mailboxes AS (
    DELETE FROM mailbox_evidence WHERE expires_at < now()
), told AS (
    DELETE FROM verdict_told WHERE told_at < now() - interval '180 days'
), rechecks AS (
    DELETE FROM recheck WHERE created_at < now() - make_interval(secs => $2)
)
DELETE FROM contact_event WHERE received_at < now() - make_interval(days => $1);
