-- What was learnt of contacts since the population was built: looked up, probed, or reported by those who wrote to them.
-- An address or number is kept as a keyed hash (bureau/overlay/fingerprints.py) wherever its text is not needed.

-- What DNS said of a domain, shared by all processes. A domain is nobody's personal datum. A row without facts, or with
-- facts that have expired, is being looked up by whoever set claimed_at; unlogged, because a crash costs only look-ups.
CREATE UNLOGGED TABLE domain_evidence (
    domain     text PRIMARY KEY,
    claimed_at timestamptz NOT NULL,
    facts      bytea,             -- JSON of DomainFacts
    expires_at timestamptz
);

CREATE INDEX domain_evidence_by_age ON domain_evidence (claimed_at);

-- What a mail server said of an address, for as long as that reason holds.
CREATE TABLE mailbox_evidence (
    address      bytea PRIMARY KEY CHECK (octet_length(address) = 16),
    reason       text NOT NULL,
    is_catch_all boolean,
    checked_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX mailbox_evidence_by_age ON mailbox_evidence (expires_at);

-- What became of messages and calls. The id is the reporter's own, and names an event once for each of its reporters:
-- of all clients together it would let one client take another's ids.
CREATE TABLE contact_event (
    client      text NOT NULL,
    source      text NOT NULL,
    event_id    text NOT NULL,
    contact     bytea NOT NULL CHECK (octet_length(contact) = 16),
    kind        text NOT NULL,
    code        text,              -- status code of a bounce
    entity_id   text,              -- opaque; who was not reached there
    happened_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client, source, event_id)
);

CREATE INDEX contact_event_by_contact ON contact_event (contact);
CREATE INDEX contact_event_by_age ON contact_event (received_at);

-- What those events add up to, one row a contact and scope; the scope is hashed into the fingerprint. Every process
-- holds these rows in memory and follows them by "change", which only grows: writers take turns (overlay.lock).
CREATE SEQUENCE contact_standing_change;

CREATE TABLE contact_standing (
    fingerprint bytea PRIMARY KEY CHECK (octet_length(fingerprint) = 16),
    reason      text,              -- null: was something once, is nothing now
    since       timestamptz NOT NULL,
    change      bigint NOT NULL DEFAULT nextval('contact_standing_change')
);

CREATE UNIQUE INDEX contact_standing_by_change ON contact_standing (change);

CREATE FUNCTION announce_standings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY bureau_standings;
    RETURN NULL;
END $$;

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON contact_standing
    FOR EACH STATEMENT EXECUTE FUNCTION announce_standings();

-- Verdicts that were not final when they were given, to be looked at again at due_at. The address is kept as text until
-- the row is purged: somebody has to be asked about it, and the client fetches the verdict by the id it was given.
CREATE TABLE recheck (
    verification text NOT NULL,
    position     integer NOT NULL,
    client       text NOT NULL,
    address      text NOT NULL,
    depth        text NOT NULL,
    expects_role boolean NOT NULL,
    verdict      bytea NOT NULL,   -- JSON of the latest EmailVerdict
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz,      -- null: the verdict is final
    leased_until timestamptz,      -- a worker has it; should that worker die, another takes over then
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (verification, position)
);

CREATE INDEX recheck_by_due ON recheck (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX recheck_by_age ON recheck (created_at);

-- The reason last told of an address, so that its outcomes can be counted against it, once.
CREATE TABLE verdict_told (
    address bytea PRIMARY KEY CHECK (octet_length(address) = 16),
    reason  text NOT NULL,
    told_at timestamptz NOT NULL
);

CREATE INDEX verdict_told_by_age ON verdict_told (told_at);

CREATE TABLE verdict_outcome (
    reason    text PRIMARY KEY,
    delivered bigint NOT NULL DEFAULT 0,
    bounced   bigint NOT NULL DEFAULT 0
);

-- Addresses that mail providers post their notices to, one for each client and provider; only the hash of the secret
-- at their end is kept. Amazon SNS wants its subscription confirmed: by a person, who opens confirm_url.
CREATE TABLE event_source (
    id          text PRIMARY KEY,
    client      text NOT NULL,
    provider    text NOT NULL,
    digest      bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    confirm_url text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);
