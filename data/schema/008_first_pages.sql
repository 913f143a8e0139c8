-- The first page of a document that takes long to open, as it is shown meanwhile; at most one row a document.
CREATE TABLE first_pages (
    sha256  VARCHAR NOT NULL, -- of the document
    sheet   VARCHAR NOT NULL, -- JSON: how it is drawn upright, as in documents.sheets; 'null': as its file shows it
    width   DOUBLE NOT NULL,  -- of the page, in points
    height  DOUBLE NOT NULL,
    pages   INTEGER NOT NULL, -- of the document
    picture BLOB NOT NULL     -- JPEG
);
