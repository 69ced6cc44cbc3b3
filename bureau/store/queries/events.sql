-- name: lock
-- Writers of events take turns: so what is added up sees all events, and standings become visible in the order of
-- their change numbers, which those who follow them rely on.
SELECT pg_advisory_xact_lock(hashtext('contact_standing'));

-- name: add
-- The contacts of events that are new; a repeated notice is no event.
INSERT INTO contact_event (client, source, event_id, contact, kind, code, entity_id, happened_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[],
                     $8::timestamptz[])
ON CONFLICT DO NOTHING
RETURNING contact, kind;

-- name: of_contacts
SELECT e.contact, e.kind, e.happened_at, e.client, e.entity_id
  FROM unnest($1::bytea[]) AS w (contact)
 CROSS JOIN LATERAL (SELECT * FROM contact_event AS c WHERE c.contact = w.contact) AS e;

-- name: stand
-- Only what changes gets a new number; nothing is written of a contact that is nothing and was nothing.
INSERT INTO contact_standing AS s (fingerprint, reason, since)
SELECT g.fingerprint, g.reason, g.since
  FROM unnest($1::bytea[], $2::text[], $3::timestamptz[]) AS g (fingerprint, reason, since)
 WHERE g.reason IS NOT NULL OR EXISTS (SELECT FROM contact_standing AS o WHERE o.fingerprint = g.fingerprint)
 ORDER BY g.fingerprint
ON CONFLICT (fingerprint) DO UPDATE
   SET reason = excluded.reason, since = excluded.since, change = nextval('contact_standing_change')
 WHERE (s.reason, s.since) IS DISTINCT FROM (excluded.reason, excluded.since);

-- name: standings
SELECT fingerprint, reason, since, change FROM contact_standing WHERE change > $1 ORDER BY change LIMIT 50000;

-- name: latest_change
-- Which database this is (told by the moment it was made) and how far its standings have come.
SELECT (extract(epoch FROM (SELECT min(applied_at) FROM migration)) * 1e6)::bigint AS database,
       coalesce((SELECT change FROM contact_standing ORDER BY change DESC LIMIT 1), 0) AS latest;

-- name: count_outcomes
-- Each verdict told is counted once, with the first outcome that is heard of.
WITH heard AS (
    SELECT contact, bool_or(bounced) AS bounced FROM unnest($1::bytea[], $2::boolean[]) AS h (contact, bounced)
     GROUP BY contact
), told AS (
    DELETE FROM verdict_told AS v USING heard WHERE v.address = heard.contact RETURNING v.reason, heard.bounced
)
INSERT INTO verdict_outcome AS o (reason, delivered, bounced)
SELECT reason, count(*) FILTER (WHERE NOT bounced), count(*) FILTER (WHERE bounced) FROM told GROUP BY reason
 ORDER BY reason
ON CONFLICT (reason) DO UPDATE
   SET delivered = o.delivered + excluded.delivered, bounced = o.bounced + excluded.bounced;

-- name: outcomes
SELECT reason, delivered, bounced FROM verdict_outcome ORDER BY reason;

-- name: create_source
INSERT INTO event_source (id, client, provider, digest) VALUES ($1, $2, $3, $4);

-- name: source
SELECT id, client, provider FROM event_source WHERE digest = $1 AND revoked_at IS NULL;

-- name: to_confirm
UPDATE event_source SET confirm_url = $2 WHERE id = $1;

-- name: sources
SELECT id, client, provider, confirm_url, created_at, revoked_at FROM event_source ORDER BY created_at, id;

-- name: revoke_source
UPDATE event_source SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING id;
