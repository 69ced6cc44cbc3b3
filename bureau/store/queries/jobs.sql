-- name: submit
-- A repeated submission (same client and key) inserts nothing; "earlier" then shows what the first one made.
INSERT INTO job (id, client, key_id, purpose, file_name, file_bytes, request, idempotency_key, fingerprint, state,
                 expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11)
 WHERE (SELECT count(*) FROM job WHERE client = $2 AND state IN ('received', 'queued', 'running', 'paused')) < $12
ON CONFLICT (client, idempotency_key) DO NOTHING
RETURNING id;

-- name: earlier
SELECT id, fingerprint FROM job WHERE client = $1 AND idempotency_key = $2;

-- name: add_stage
INSERT INTO job_task (job, kind) VALUES ($1, 'stage') ON CONFLICT DO NOTHING;

-- name: one
SELECT * FROM job WHERE client = $1 AND id = $2;

-- name: of_client
SELECT * FROM job WHERE client = $1 AND created_at < $2 ORDER BY created_at DESC, id DESC LIMIT $3;

-- name: by_state
SELECT state, count(*) AS jobs FROM job GROUP BY state ORDER BY state;

-- name: accept
UPDATE job SET state = 'queued', request = $3 WHERE client = $1 AND id = $2 AND state = 'received' RETURNING *;

-- name: pause
UPDATE job SET state = 'paused' WHERE client = $1 AND id = $2 AND state IN ('queued', 'running') AND ending IS NULL
RETURNING *;

-- name: resume
UPDATE job SET state = CASE WHEN started_at IS NULL THEN 'queued' ELSE 'running' END
 WHERE client = $1 AND id = $2 AND state = 'paused' RETURNING *;

-- name: locked
-- Whoever changes what is left to do of a job takes this first.
SELECT * FROM job WHERE id = $1 FOR UPDATE;

-- name: drop_waiting
DELETE FROM job_task WHERE job = $1 AND kind IN ('stage', 'chunk') AND (state = 'waiting' OR kind = 'stage');

-- name: done_or_running
SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'running') AS running
  FROM job_task WHERE job = $1 AND kind = 'chunk';

-- name: will_end
UPDATE job SET ending = $2, problem = $3, detail = $4, state = 'running' WHERE id = $1 AND ending IS NULL;

-- name: end
UPDATE job SET state = $2, problem = coalesce($3, problem), detail = coalesce($4, detail), report = $5,
       work_left = false, finished_at = now(), expires_at = now() + make_interval(secs => $6)
 WHERE id = $1;

-- name: purge
UPDATE job SET state = 'purged', file_name = '', work_left = false, idempotency_key = NULL, detail = NULL,
       finished_at = coalesce(finished_at, now())
 WHERE id = $1;

-- name: forget_tasks
DELETE FROM job_task WHERE job = $1;

-- name: expired
-- A job that was paused and forgotten holds people's data too.
SELECT id FROM job WHERE expires_at < now() AND state IN ('received', 'paused', 'completed', 'failed', 'cancelled')
 ORDER BY expires_at LIMIT 100;

-- name: existing
SELECT id FROM job WHERE id = ANY ($1::text[]) AND state <> 'purged';

-- name: take_turns
-- Fair claims need to see all others: one is made at a time, in a millisecond.
SELECT pg_advisory_xact_lock(hashtext('bureau_job_claim'));

-- name: claim
-- The client with the fewest tasks running goes first, then the one that has waited longest, then its own job that has;
-- so a file of ten million rows delays another client's thousand by the chunk under way at most. $3: seconds after
-- which a task not heard of is another's to take.
WITH running AS (
    SELECT j.client, count(*) AS tasks
      FROM job_task AS t JOIN job AS j ON j.id = t.job
     WHERE t.state = 'running' AND t.beat_at > now() - make_interval(secs => $3)
     GROUP BY j.client
), open AS (
    SELECT j.id, coalesce(running.tasks, 0) AS tasks, j.served_at,
           max(j.served_at) OVER (PARTITION BY j.client) AS client_served_at
      FROM job AS j LEFT JOIN running ON running.client = j.client
     WHERE j.work_left AND j.state NOT IN ('received', 'paused', 'purged')
), next AS (
    SELECT t.* FROM open CROSS JOIN LATERAL (
        SELECT job, kind, chunk, format FROM job_task
         WHERE job = open.id AND not_before <= now()
           AND (state = 'waiting' OR state = 'running' AND beat_at <= now() - make_interval(secs => $3))
         ORDER BY chunk LIMIT 1
    ) AS t
     WHERE open.tasks < $4
     ORDER BY open.tasks, open.client_served_at, open.served_at, open.id
     LIMIT 1
), served AS (
    UPDATE job SET served_at = clock_timestamp(), started_at = coalesce(started_at, now()),
           state = CASE WHEN state = 'queued' THEN 'running' ELSE state END
      FROM next WHERE job.id = next.job
    RETURNING job.*
)
UPDATE job_task AS t
   SET state = 'running', claim = $1, worker = $2, beat_at = now(), attempts = t.attempts + 1
  FROM next, served
 WHERE (t.job, t.kind, t.chunk, t.format) = (next.job, next.kind, next.chunk, next.format)
RETURNING t.job, t.kind, t.chunk, t.format, t.claim, t.attempts, served.client, served.key_id,
          served.purpose, served.request, served.file_name, served.population, served.as_of, served.ending;

-- name: to_do
-- Whether a task runs or could be claimed; those that wait for their time or their client are not counted.
SELECT EXISTS (SELECT FROM job AS j JOIN job_task AS t ON t.job = j.id
                WHERE j.work_left AND j.state NOT IN ('received', 'paused', 'purged')
                  AND (t.state = 'running' OR t.state = 'waiting' AND t.not_before <= now())) AS some;

-- name: beat
-- Of the one task under way: what its worker gave up must fall to others.
UPDATE job_task SET beat_at = now() WHERE worker = $1 AND claim = $2 AND state = 'running';

-- name: release
-- Back to the others, now or after $3 seconds; an attempt that failed for want of something is not counted.
UPDATE job_task SET state = 'waiting', claim = NULL, worker = NULL, attempts = greatest(attempts - 1, 0),
       not_before = now() + make_interval(secs => $3)
 WHERE job = $1 AND claim = $2 AND state = 'running';

-- name: drop
DELETE FROM job_task WHERE job = $1 AND claim = $2 AND state = 'running' RETURNING job;

-- name: release_worker
-- Of a worker that is known to be dead, or that knows to have none under way: they need not wait for the lease.
UPDATE job_task SET state = 'waiting', claim = NULL, worker = NULL WHERE worker = $1 AND state = 'running';

-- name: complain
UPDATE job SET problem = $2, detail = $3 WHERE id = $1 AND problem IS DISTINCT FROM $2 AND finished_at IS NULL;

-- name: reading
UPDATE job SET share_read = $2 WHERE id = $1;

-- name: staged
UPDATE job SET share_read = 1, rows = $2, population = $3, as_of = $4, problem = NULL, detail = NULL
 WHERE id = $1 AND state IN ('running', 'paused') RETURNING id;

-- name: add_chunks
INSERT INTO job_task (job, kind, chunk) SELECT $1, 'chunk', chunk FROM generate_series(0, $2::integer - 1) AS chunk;

-- name: done
-- Only the holder of the claim completes a task; nothing comes back for anybody else.
UPDATE job_task SET state = 'done', tally = $3, requeried = $4, repeated = $5
 WHERE job = $1 AND claim = $2 AND state = 'running' RETURNING job;

-- name: advance
UPDATE job SET rows_done = rows_done + $2, problem = NULL, detail = NULL
 WHERE id = $1 AND state IN ('running', 'paused') RETURNING id;

-- name: add_finish
-- After "advance", whose lock lets one completion of a job see all those before it.
INSERT INTO job_task (job, kind)
SELECT $1, 'finish' WHERE NOT EXISTS (SELECT FROM job_task WHERE job = $1 AND kind = 'chunk' AND state <> 'done')
ON CONFLICT DO NOTHING;

-- name: parts
-- Some of them, from chunk $2 on: ten million rows that were all charged before are ten million positions.
SELECT chunk, claim, tally, requeried, repeated FROM job_task
 WHERE job = $1 AND kind = 'chunk' AND state = 'done' AND chunk >= $2 ORDER BY chunk LIMIT 100;

-- name: charge
-- Which of these records are charged now; the others were, inside their window. Sorted, so that two tasks with records
-- in common wait for each other and never cross.
INSERT INTO charged_record AS kept (record, job)
SELECT record, $2 FROM unnest($1::bytea[]) AS record ORDER BY record
ON CONFLICT (record) DO UPDATE SET job = excluded.job, charged_at = now()
  WHERE kept.charged_at < now() - make_interval(secs => $3) AND kept.job <> excluded.job
RETURNING record;

-- name: charged_by
SELECT record FROM charged_record WHERE record = ANY ($1::bytea[]) AND job = $2;

-- name: would_be_free
SELECT record FROM charged_record
 WHERE record = ANY ($1::bytea[]) AND charged_at >= now() - make_interval(secs => $2);

-- name: forget_charged
DELETE FROM charged_record WHERE charged_at < now() - make_interval(secs => $1);

-- name: add_format
-- A result in another form than the one it was made in, to be made by a worker.
WITH wanted AS (
    INSERT INTO job_task (job, kind, format) SELECT id, 'format', $3 FROM job
     WHERE client = $1 AND id = $2 AND state IN ('completed', 'cancelled', 'failed')
    ON CONFLICT DO NOTHING
)
UPDATE job SET work_left = true WHERE client = $1 AND id = $2 AND state IN ('completed', 'cancelled', 'failed')
   AND NOT EXISTS (SELECT FROM job_task WHERE job = $2 AND kind = 'format' AND format = $3 AND state = 'done')
RETURNING id;

-- name: no_work_left
UPDATE job SET work_left = EXISTS (SELECT FROM job_task WHERE job = $1 AND state <> 'done') WHERE id = $1;
