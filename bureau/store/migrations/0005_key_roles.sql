-- Who may see what is held of a data subject and who was told (GET /v1/subjects): not every client.
ALTER TABLE api_key ADD COLUMN role text NOT NULL DEFAULT 'client' CHECK (role IN ('client', 'officer'));
