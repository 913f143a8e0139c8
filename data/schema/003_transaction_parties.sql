-- Whose account an entry stands on and with whom it was, and where it stands in a document of pages.
ALTER TABLE transactions ADD COLUMN account VARCHAR DEFAULT '';       -- IBAN or number without blanks; '' unknown
ALTER TABLE transactions ADD COLUMN counterparty VARCHAR DEFAULT '';  -- name as the statement gives it apart from the text
ALTER TABLE transactions ADD COLUMN other_account VARCHAR DEFAULT ''; -- the counterparty's
ALTER TABLE transactions ADD COLUMN page INTEGER;                     -- from 1
ALTER TABLE transactions ADD COLUMN box VARCHAR;                      -- JSON array x0, y0, x1, y1 in points
