-- Documents that wait to be read, or whose reading failed; a row goes when its document was read.
CREATE TABLE waiting_documents (
    case_no BIGINT NOT NULL,
    "no"    BIGINT NOT NULL,  -- they are read in this order
    sha256  VARCHAR NOT NULL,
    person  VARCHAR NOT NULL, -- who brought it, or asked for it to be read
    kind    VARCHAR,          -- that the person gave; null: told by its content
    state   VARCHAR NOT NULL, -- 'waiting' or 'failed'
    why     VARCHAR NOT NULL, -- it failed
    remedy  VARCHAR NOT NULL
);

-- Pages that were recognised, each once for whatever its document is read for.
CREATE TABLE recognised_pages (
    sha256  VARCHAR NOT NULL, -- of the document
    page    INTEGER NOT NULL, -- from 1
    version INTEGER NOT NULL, -- of recognition; pages of another one are recognised anew
    body    VARCHAR NOT NULL  -- JSON: see data/readers/layouts/store.py
);
