-- How far a mailbox check got and the codes that ended it, never the server's words: evidence of a verdict that another
-- process gives from what this one heard.
ALTER TABLE mailbox_evidence ADD COLUMN stage text, ADD COLUMN reply text NOT NULL DEFAULT '';
