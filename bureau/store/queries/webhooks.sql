-- name: create
INSERT INTO webhook (id, client, url, events, secret) VALUES ($1, $2, $3, $4, $5) RETURNING *;

-- name: of_client
SELECT * FROM webhook WHERE client = $1 ORDER BY created_at, id;

-- name: remove
DELETE FROM webhook WHERE client = $1 AND id = $2 RETURNING id;

-- name: rotate
-- Rotating again before former_until drops the oldest: two secrets at most sign a message.
UPDATE webhook SET secret = $3, former_secret = secret, former_until = now() + make_interval(secs => $4),
       disabled_at = NULL, disabled_reason = NULL
 WHERE client = $1 AND id = $2 RETURNING *;

-- name: tell
-- One message for each of the client's webhooks that wants it; ids are given, one each, more than enough.
INSERT INTO webhook_delivery (id, webhook, event, body)
SELECT $1 || lpad(row_number() OVER (ORDER BY id)::text, 4, '0'), id, $3, $4
  FROM webhook WHERE client = $2 AND $3 = ANY (events) AND disabled_at IS NULL;

-- name: due
-- Counted before it is tried: a worker that dies on the way has used up an attempt, and is taken for dead after $1 s.
WITH due AS (
    SELECT id FROM webhook_delivery WHERE state = 'pending' AND next_at <= now()
     ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE webhook_delivery AS d SET attempts = d.attempts + 1, next_at = now() + make_interval(secs => $1)
  FROM due, webhook AS w
 WHERE d.id = due.id AND w.id = d.webhook
RETURNING d.id, d.webhook, d.body, d.attempts, w.url, w.secret,
          CASE WHEN w.former_until > now() THEN w.former_secret END AS former_secret;

-- name: attempted
INSERT INTO webhook_attempt (delivery, status, problem, milliseconds)
SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM webhook_delivery WHERE id = $1);

-- name: settle
UPDATE webhook_delivery SET state = $2, next_at = now() + make_interval(secs => $3) WHERE id = $1;

-- name: hold
-- Before the first message of it, by whoever may disable it: that changes all of its pending messages, and two at once,
-- each holding its own message, would wait for each other for ever.
SELECT FROM webhook WHERE id = $1 FOR NO KEY UPDATE;

-- name: disable
WITH given_up AS (
    UPDATE webhook_delivery SET state = 'failed' WHERE webhook = $1 AND state = 'pending'
)
UPDATE webhook SET disabled_at = now(), disabled_reason = $2 WHERE id = $1 AND disabled_at IS NULL;

-- name: deliveries
SELECT d.id, d.event, d.state, d.created_at, d.next_at, d.attempts,
       coalesce((SELECT json_agg(json_build_object('at', a.at, 'status', a.status, 'problem', a.problem,
                                                   'milliseconds', a.milliseconds) ORDER BY a.at)
                   FROM webhook_attempt AS a WHERE a.delivery = d.id), '[]')::text AS tries
  FROM webhook_delivery AS d JOIN webhook AS w ON w.id = d.webhook
 WHERE w.client = $1 AND w.id = $2
 ORDER BY d.created_at DESC, d.id DESC LIMIT $3;

-- name: replay
UPDATE webhook_delivery AS d SET state = 'pending', attempts = 0, next_at = now()
  FROM webhook AS w
 WHERE w.id = d.webhook AND w.client = $1 AND w.id = $2 AND d.id = $3 AND w.disabled_at IS NULL
RETURNING d.id;

-- name: purge
DELETE FROM webhook_delivery WHERE state <> 'pending' AND created_at < now() - make_interval(secs => $1);
