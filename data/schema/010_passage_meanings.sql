-- What passages of documents mean, as a local model tells it, so that no passage is put to it twice.
CREATE TABLE passage_meanings (
    document VARCHAR NOT NULL, -- SHA-256
    model    VARCHAR NOT NULL, -- SHA-256 of its file
    passage  VARCHAR NOT NULL, -- SHA-256 of its words
    meaning  FLOAT[] NOT NULL  -- of one length for one model
);
