-- Who was shown without being found: the candidates of an ambiguous record, or of a match that was asked for several.
-- They are disclosures like any other, and a data subject hears of them. Few rows have any, so the index has few.
ALTER TABLE usage ADD COLUMN candidates text[];
CREATE INDEX usage_by_candidate ON usage USING gin (candidates) WHERE candidates IS NOT NULL;
