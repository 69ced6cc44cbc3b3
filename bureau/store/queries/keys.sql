-- name: create
INSERT INTO api_key (id, client, default_purpose, digest, role) VALUES ($1, $2, $3, $4, $5);

-- name: revoke
-- Revoking twice keeps the first moment.
UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING id;

-- name: all
SELECT id, client, default_purpose, role, created_at, revoked_at FROM api_key ORDER BY created_at, id;

-- name: valid
SELECT id, client, default_purpose, digest, role FROM api_key WHERE revoked_at IS NULL;
