-- Who may ask, what they were given, and the answers kept for repeated requests.

CREATE TABLE api_key (
    id              text PRIMARY KEY,
    client          text NOT NULL,
    default_purpose text,
    digest          bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),  -- of the secret; see access/keys.py
    created_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at      timestamptz
);

CREATE FUNCTION announce_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY bureau_keys;
    RETURN NULL;
END $$;

-- A trigger, so that a key revoked by hand in psql is announced too.
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON api_key
    FOR EACH STATEMENT EXECUTE FUNCTION announce_keys();


-- One row a record asked for: what is billed (operation, status, units) and what the law wants remembered (LGPD
-- art. 6 X and 37: who asked, for whom, why, what left). One table and not two: then nothing can be billed without
-- a trace, nor leave without one, and a request pays for one commit. Partitioned by month, because the two uses end
-- at once: a month past its retention is detached or dropped whole, and no row is ever deleted one by one.
CREATE TABLE usage (
    at         timestamptz NOT NULL,
    id         text NOT NULL,
    request_id text NOT NULL,
    key_id     text NOT NULL,
    client     text NOT NULL,
    operation  text NOT NULL,
    purpose    text,
    status     text NOT NULL,
    units      integer NOT NULL CHECK (units >= 0),
    population text,
    entity_id  text,            -- opaque (keyed hash); never a tax id
    fields     text[] NOT NULL, -- names of the fields that left, never their content
    PRIMARY KEY (at, id)        -- the id alone is unique; a partitioned table needs its month in the key
) PARTITION BY RANGE (at);

CREATE INDEX usage_by_client ON usage (client, at);
-- To answer a data subject, and to tell those who were given a datum of its correction (CDC art. 43, LGPD art. 18).
CREATE INDEX usage_by_entity ON usage (entity_id, at) WHERE entity_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Statement triggers cost an insert nothing. They stop mistakes, not an administrator: who owns the table can drop
-- them, and a role that must not be able to should own nothing and hold INSERT and SELECT only.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON usage
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Months are those of UTC. Runs with its owner's rights, for such a role. Two processes that need the same one wait for each other on the lock.
CREATE FUNCTION ensure_usage_month(day date) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    month     date := date_trunc('month', day);
    partition text := 'usage_' || to_char(month, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_usage_month'));
    IF to_regclass(partition) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF usage FOR VALUES FROM (%L) TO (%L)', partition,
                       month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', partition);
    END IF;
END $$;


-- The one way for rows to go: whole months, by the owner of the table.
CREATE FUNCTION drop_usage_before(first_kept date) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    partition text;
BEGIN
    FOR partition IN
        SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage'::regclass
           AND inhrelid::regclass::text < 'usage_' || to_char(first_kept, 'YYYY_MM') ORDER BY 1
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        RETURN NEXT partition;
    END LOOP;
END $$;


-- What requests with an Idempotency-Key were answered. Written by the statement that writes the usage rows, so an
-- answer is stored exactly if it was charged; of two workers that ran the same request, the unique key lets only one
-- do either. Answers hold personal data: they are purged after settings.idempotency_hours.
CREATE TABLE idempotency_answer (
    client      text NOT NULL,
    key         text NOT NULL,
    reservation text NOT NULL,
    body_hash   bytea NOT NULL,
    status      integer NOT NULL,
    answer      bytea NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client, key)
);

CREATE INDEX idempotency_answer_by_age ON idempotency_answer (answered_at);

-- Which of them run now. Only spares the second from running too: nothing is charged by it, so it may be lost in a
-- crash, and being unlogged it costs a request no write to disk.
CREATE UNLOGGED TABLE idempotency_running (
    client      text NOT NULL,
    key         text NOT NULL,
    reservation text NOT NULL,
    body_hash   bytea NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client, key)
);
