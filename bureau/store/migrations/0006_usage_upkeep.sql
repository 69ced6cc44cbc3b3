-- Rows of usage are only ever added. Left to itself PostgreSQL vacuums such a table when it has grown by a fifth, and
-- samples 30,000 of its rows when it has grown by a tenth: seconds of work on a table of some gigabytes, in which one
-- request in a hundred waited for 0.1 s. So: little at a time and each page once (frozen as soon as it is seen), and a
-- sample of 3,000 rows when the table has doubled; its columns are looked for by equality and by time, nothing else.
CREATE FUNCTION keep_usage_up(partition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_insert_threshold = 100000, '
                   'autovacuum_vacuum_insert_scale_factor = 0, autovacuum_freeze_min_age = 0, '
                   'autovacuum_analyze_threshold = 100000, autovacuum_analyze_scale_factor = 1)', partition);
    EXECUTE (SELECT format('ALTER TABLE %I ', partition)
                    || string_agg(format('ALTER COLUMN %I SET STATISTICS 10', attname), ', ')
               FROM pg_attribute WHERE attrelid = partition::regclass AND attnum > 0 AND NOT attisdropped);
END $$;

SELECT keep_usage_up(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'usage'::regclass;

CREATE OR REPLACE FUNCTION ensure_usage_month(day date) RETURNS void LANGUAGE plpgsql
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
        PERFORM keep_usage_up(partition);
    END IF;
END $$;
