-- Several documents scanned into one file, in order: JSON [[first page, last page, kind, confidence], ...].
ALTER TABLE documents ADD COLUMN segments VARCHAR DEFAULT '[]';
