-- What people said of a model, a prompt, a scorecard, a policy, ... by its SHA-256; in order, and never changed.
CREATE TABLE inventory_records (
    "no"   BIGINT NOT NULL,  -- from 1
    sha256 VARCHAR NOT NULL, -- of the part
    act    VARCHAR NOT NULL, -- 'registered', 'approved' or 'retired'
    person VARCHAR NOT NULL,
    "at"   VARCHAR NOT NULL, -- ISO 8601 with offset
    detail VARCHAR NOT NULL  -- canonical JSON: owner and purpose; valid_from, valid_to and note; reason
);
