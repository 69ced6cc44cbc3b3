-- Files to enrich, cut into tasks that workers claim, and what clients are told of them (bureau/jobs, bureau/webhooks).

-- One file of one client. The files themselves are in the jobs directory, under the id; nothing of their content is here.
CREATE TABLE job (
    id              text PRIMARY KEY,
    client          text NOT NULL,
    key_id          text NOT NULL,
    purpose         text NOT NULL,
    file_name       text NOT NULL,        -- as the client calls it; emptied when the job is purged
    file_bytes      bigint NOT NULL,
    request         bytea NOT NULL,       -- JSON of jobs.job.JobRequest
    idempotency_key text,
    fingerprint     bytea NOT NULL,       -- of the request and the file's bytes
    state           text NOT NULL CHECK (state IN ('received', 'queued', 'running', 'paused', 'completed', 'failed',
                                                   'cancelled', 'purged')),
    ending          text CHECK (ending IN ('cancelled', 'failed')),  -- what it will be once what was done is put together
    problem         text,                 -- code of what went wrong, or of what it waits for
    detail          text,
    work_left       boolean NOT NULL DEFAULT true,
    population      text,
    as_of           timestamptz,          -- the moment all rows are answered for, whenever they are
    share_read      real NOT NULL DEFAULT 0,
    rows            bigint,               -- null until the file has been read to its end
    rows_done       bigint NOT NULL DEFAULT 0,
    report          bytea,                -- JSON of jobs.report.Report
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    expires_at      timestamptz NOT NULL, -- purged then
    served_at       timestamptz NOT NULL DEFAULT '-infinity',  -- last claim of one of its tasks: whose turn it is
    UNIQUE (client, idempotency_key)
);

CREATE INDEX job_by_client ON job (client, created_at);
CREATE INDEX job_with_work ON job (id) WHERE work_left;
CREATE INDEX job_by_expiry ON job (expires_at) WHERE state <> 'purged';

-- What a worker does in one go.
CREATE TABLE job_task (
    job        text NOT NULL REFERENCES job,
    kind       text NOT NULL CHECK (kind IN ('stage', 'chunk', 'finish', 'format')),
    chunk      integer NOT NULL DEFAULT 0,
    format     text NOT NULL DEFAULT '',
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done')),
    claim      text,                        -- of the worker that has it, or whose result counts
    worker     text,
    beat_at    timestamptz,
    attempts   integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    tally      bytea,                       -- JSON of jobs.tally.JobTally
    requeried  integer[],                   -- positions of matches charged by an earlier job inside its window
    repeated   integer[],                   -- positions of matches charged by another task of this job
    PRIMARY KEY (job, kind, chunk, format)
);

CREATE INDEX job_task_to_do ON job_task (job, chunk) WHERE state <> 'done';
CREATE INDEX job_task_running ON job_task (worker) WHERE state = 'running';

-- Which records were charged, and when: the same record is free for the rest of its window. Only a keyed hash of client
-- and record (jobs/record_keys.py) is kept.
CREATE TABLE charged_record (
    record     bytea PRIMARY KEY CHECK (octet_length(record) = 16),
    job        text NOT NULL,
    charged_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX charged_record_by_age ON charged_record (charged_at);


-- Where a client wants to be told. Secrets are kept as they are, because messages have to be signed with them.
CREATE TABLE webhook (
    id              text PRIMARY KEY,
    client          text NOT NULL,
    url             text NOT NULL,
    events          text[] NOT NULL,
    secret          text NOT NULL,
    former_secret   text,                 -- signs beside the new one until former_until
    former_until    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    disabled_at     timestamptz,
    disabled_reason text
);

CREATE INDEX webhook_by_client ON webhook (client);

-- A message to one of them, written in the transaction that made it true.
CREATE TABLE webhook_delivery (
    id           text PRIMARY KEY,
    webhook      text NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event        text NOT NULL,
    body         bytea NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook, created_at);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);

CREATE TABLE webhook_attempt (
    delivery     text NOT NULL REFERENCES webhook_delivery ON DELETE CASCADE,
    at           timestamptz NOT NULL DEFAULT now(),
    status       integer,                 -- of the answer; null without one
    problem      text,
    milliseconds integer NOT NULL
);

CREATE INDEX webhook_attempt_by_delivery ON webhook_attempt (delivery, at);
