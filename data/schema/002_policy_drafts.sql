-- Versions of a policy that somebody is at work on; a draft is replaced as it is edited, and goes when it is added.
CREATE TABLE policy_drafts (
    id         VARCHAR NOT NULL,
    policy     VARCHAR NOT NULL,
    body       VARCHAR NOT NULL, -- the JDM document
    base       VARCHAR NOT NULL, -- sha256 of the version it was made from
    person     VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL  -- ISO 8601 with offset
);
