-- The first schema. Cases are numbered by case_no (the id is made of year and number); no table carries an index:
-- rows of one case lie together, and DuckDB's zone maps find them by case_no in about a millisecond, while an index
-- would slow an import of a million rows several times. Uniqueness is kept by the one writer (data/database.py).
-- application_rows gets a column for a fact, named as it, when the first table that has it arrives
-- (data/repositories/ingest.py). What millions of rows have in common is a number or an ENUM: a text costs twice the time.

-- The view cases has every case: these rows, and those of tables that nothing has happened to yet.
CREATE TABLE opened_cases (
    case_no     BIGINT NOT NULL,   -- from Tx.take_case_nos, ascending in order of arrival
    year        SMALLINT NOT NULL, -- of receipt, or of import
    reference   VARCHAR NOT NULL,
    applicant   VARCHAR,           -- null: a table without names
    product     VARCHAR NOT NULL,
    amount      DECIMAL(18, 2),
    currency    VARCHAR NOT NULL,  -- ISO 4217
    term_months INTEGER,
    received_on DATE,
    language    ENUM('en', 'zh') NOT NULL,
    status      ENUM('new', 'scored', 'drafted', 'decided', 'signed') NOT NULL -- a score makes 'new' 'scored' in case_heads
);

-- One row a case that came out of a table of applications, with the facts that make its head; more columns: see above.
CREATE TABLE application_rows (
    case_no   BIGINT NOT NULL,
    table_no  INTEGER NOT NULL,
    "row"     BIGINT NOT NULL,   -- line in the file, from 1, the header being line 1
    reference VARCHAR,           -- null: made of the table's stem and the line
    opened    BOOLEAN NOT NULL,  -- the case stands in opened_cases
    "applicant.name"      VARCHAR,
    "request.product"     VARCHAR,
    "request.amount"      DECIMAL(18, 2),
    "request.term_months" INTEGER,
    "request.date"        DATE
);

-- A file has several where its rows came in under different products, currencies or years.
CREATE TABLE application_tables (
    table_no INTEGER NOT NULL,  -- from 1
    document VARCHAR NOT NULL,  -- SHA-256 of the table's file
    stem     VARCHAR NOT NULL,  -- of references the file does not give
    product  VARCHAR NOT NULL,  -- where the row says none
    currency VARCHAR NOT NULL,  -- ISO 4217
    year     SMALLINT NOT NULL  -- of import
);

-- What a column of a table's file was called, and its unit where it is not the case's own (optional).
CREATE TABLE application_columns (
    table_no  INTEGER NOT NULL,
    name      VARCHAR NOT NULL, -- fact
    column_as VARCHAR NOT NULL, -- heading in the file
    unit      VARCHAR           -- ISO 4217 of this money column; null: the case's currency
);

CREATE TABLE documents (
    sha256     VARCHAR NOT NULL,
    name       VARCHAR NOT NULL,
    kind       VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    size       BIGINT NOT NULL,
    pages      INTEGER,
    note       VARCHAR NOT NULL,
    kind_confidence DOUBLE NOT NULL, -- probability that kind is right, 0 to 1
    signs      VARCHAR NOT NULL,     -- JSON: signs of tampering seen when it was read, [[code, words], ...]
    fingerprint VARCHAR              -- of a picture: 1,024 bits as hexadecimal, alike for alike pictures
);

CREATE TABLE case_documents (
    case_no BIGINT NOT NULL,
    sha256  VARCHAR NOT NULL
);

CREATE TABLE facts (
    case_no      BIGINT NOT NULL,
    id           VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL, -- 'number', 'count', 'boolean', 'date' or 'text': how value is read back
    value        VARCHAR NOT NULL,
    unit         VARCHAR NOT NULL,
    source       VARCHAR NOT NULL, -- JSON
    confidence   VARCHAR NOT NULL, -- decimal, as given: its digits are part of the exported bytes
    confirmed_by VARCHAR,
    supersedes   VARCHAR
);

-- Which facts stopped being current (retired) or became so again; the last mark of a fact counts.
CREATE TABLE fact_marks (
    case_no BIGINT NOT NULL,
    fact    VARCHAR NOT NULL,
    "no"    BIGINT NOT NULL, -- order of the marks of a case, from 1
    retired BOOLEAN NOT NULL
);

CREATE TABLE findings (
    case_no     BIGINT NOT NULL,
    position    INTEGER NOT NULL,
    id          VARCHAR NOT NULL,
    code        VARCHAR NOT NULL,
    section     VARCHAR NOT NULL,
    stance      VARCHAR NOT NULL,
    materiality TINYINT NOT NULL,
    facts       VARCHAR NOT NULL, -- JSON array of fact ids
    clause      VARCHAR,
    relation    VARCHAR NOT NULL,
    detail      VARCHAR NOT NULL
);

CREATE TABLE transactions (
    case_no   BIGINT NOT NULL,
    document  VARCHAR NOT NULL,
    "row"     BIGINT NOT NULL,
    booked_on DATE NOT NULL,
    amount    DECIMAL(18, 2) NOT NULL,
    currency  VARCHAR NOT NULL,
    text      VARCHAR NOT NULL,
    balance   DECIMAL(18, 2)
);

-- Every scorecard that scored a case, so that a score can be told in full whatever becomes of the file.
CREATE TABLE scorecards (
    sha256 VARCHAR NOT NULL, -- of body
    body   VARCHAR NOT NULL  -- canonical JSON
);

-- At most one row a case. Scored alone: body is the canonical JSON of the whole score, bins is null. Scored in bulk:
-- body is null, bins holds the bin of each characteristic, from 0, in the scorecard's order.
CREATE TABLE scores (
    case_no   BIGINT NOT NULL,
    scorecard VARCHAR NOT NULL,
    version   VARCHAR NOT NULL,
    sha256    VARCHAR NOT NULL,
    points    INTEGER NOT NULL,
    pd        DECIMAL(7, 6) NOT NULL,
    grade     VARCHAR NOT NULL,
    body      VARCHAR,
    bins      UTINYINT[]
);

-- At most one row a case.
CREATE TABLE policy_results (
    case_no BIGINT NOT NULL,
    policy  VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    body    VARCHAR NOT NULL,
    sha256  VARCHAR NOT NULL  -- of the policy's body in policies
);

-- Every report of a case; the highest no is the one that stands.
CREATE TABLE reports (
    case_no BIGINT NOT NULL,
    "no"    INTEGER NOT NULL,
    body    VARCHAR NOT NULL
);

-- Every decision of a case (a referral is followed by another); the highest no stands.
CREATE TABLE decisions (
    case_no    BIGINT NOT NULL,
    "no"       INTEGER NOT NULL,
    outcome    VARCHAR NOT NULL,
    person     VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL, -- UTC
    body       VARCHAR NOT NULL
);

-- At most one row a case.
CREATE TABLE first_opinions (
    case_no BIGINT NOT NULL,
    outcome VARCHAR NOT NULL,
    person  VARCHAR NOT NULL,
    "at"    VARCHAR NOT NULL -- ISO 8601 with offset, as hashed and exported
);

-- The audit chain: digest = SHA-256 over the digest before it and the event's canonical JSON.
CREATE TABLE events (
    seq      BIGINT NOT NULL,  -- from 1, without gaps
    "at"     VARCHAR NOT NULL, -- ISO 8601 with offset, as hashed
    person   VARCHAR NOT NULL,
    case_no  BIGINT,
    case_id  VARCHAR,
    what     VARCHAR NOT NULL,
    detail   VARCHAR NOT NULL, -- canonical JSON
    previous VARCHAR NOT NULL,
    digest   VARCHAR NOT NULL
);

CREATE TABLE rejects (
    id        BIGINT NOT NULL,
    document  VARCHAR NOT NULL,
    file      VARCHAR NOT NULL,
    line      BIGINT,
    column_as VARCHAR,
    reason    VARCHAR NOT NULL,
    remedy    VARCHAR NOT NULL,
    raw       VARCHAR NOT NULL
);

CREATE TABLE mappings (
    shape VARCHAR NOT NULL, -- hash of the header
    toml  VARCHAR NOT NULL
);

CREATE TABLE settings (
    key   VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

-- The heads of the cases of tables that nothing has happened to yet.
CREATE VIEW table_cases AS
SELECT r.case_no, coalesce(year(r."request.date"), t.year)::SMALLINT AS year,
       coalesce(r.reference, t.stem || '-' || r."row") AS reference, r."applicant.name" AS applicant,
       coalesce(r."request.product", t.product) AS product, r."request.amount" AS amount, t.currency,
       r."request.term_months" AS term_months, r."request.date" AS received_on, 'en'::ENUM('en', 'zh') AS language,
       'new'::ENUM('new', 'scored', 'drafted', 'decided', 'signed') AS status
FROM application_rows r JOIN application_tables t ON t.table_no = r.table_no
WHERE NOT r.opened;

CREATE VIEW cases AS FROM opened_cases UNION ALL FROM table_cases;

-- What the queue and the case screen show of a case.
CREATE VIEW case_heads AS
SELECT c.case_no, c.year, c.reference, c.applicant, c.product, c.amount, c.currency, c.term_months, c.received_on,
       c.language,
       CASE WHEN c.status = 'new' AND s.case_no IS NOT NULL THEN 'scored' ELSE c.status END AS status,
       s.points, s.pd, s.grade, p.outcome AS policy_outcome
FROM cases c
LEFT JOIN scores s ON s.case_no = c.case_no
LEFT JOIN policy_results p ON p.case_no = c.case_no;

-- Every policy that judged a case or was added as a version, so that a result can be held to it whatever becomes of
-- the file.
CREATE TABLE policies (
    sha256 VARCHAR NOT NULL, -- of body
    body   VARCHAR NOT NULL  -- canonical JSON (RFC 8785)
);

-- The versions of a policy in order of arrival, each with who added it and why.
CREATE TABLE policy_versions (
    policy   VARCHAR NOT NULL,
    version  VARCHAR NOT NULL,
    sha256   VARCHAR NOT NULL,
    person   VARCHAR NOT NULL,
    added_at VARCHAR NOT NULL, -- ISO 8601 with offset
    note     VARCHAR NOT NULL
);

-- Which version was put in force, when and by whom; the highest no of a policy stands.
CREATE TABLE policy_activations (
    policy       VARCHAR NOT NULL,
    "no"         BIGINT NOT NULL,  -- from 1
    sha256       VARCHAR NOT NULL,
    person       VARCHAR NOT NULL, -- another than the one who added it
    activated_at VARCHAR NOT NULL, -- ISO 8601 with offset
    note         VARCHAR NOT NULL
);

-- The versions of scorecards that were added to the workspace, in order of arrival; scorecards holds their documents.
CREATE TABLE scorecard_versions (
    sha256   VARCHAR NOT NULL,
    person   VARCHAR NOT NULL, -- who added it
    added_at VARCHAR NOT NULL  -- ISO 8601 with offset
);

-- At most one row a version: a second person's approval.
CREATE TABLE scorecard_approvals (
    sha256      VARCHAR NOT NULL,
    person      VARCHAR NOT NULL, -- neither the author nor the one who added it
    approved_at VARCHAR NOT NULL, -- ISO 8601 with offset
    valid_from  VARCHAR NOT NULL, -- ISO 8601 date
    note        VARCHAR NOT NULL
);

-- Which version scores the cases, since when and by whom; the highest no stands.
CREATE TABLE scorecard_uses (
    "no"    BIGINT NOT NULL,  -- from 1
    sha256  VARCHAR NOT NULL,
    person  VARCHAR NOT NULL,
    used_at VARCHAR NOT NULL  -- ISO 8601 with offset
);

-- Outcomes of cases as they arrived; one row that is not superseded for a case and a day.
CREATE TABLE outcomes (
    case_no       BIGINT NOT NULL,
    observed_on   DATE NOT NULL,
    bad           BOOLEAN NOT NULL,
    days_past_due INTEGER,
    import_no     INTEGER NOT NULL,
    line          BIGINT NOT NULL, -- in the file, the header being line 1
    superseded    BOOLEAN NOT NULL -- by a later import that says otherwise of the same day
);

CREATE TABLE outcome_imports (
    import_no   INTEGER NOT NULL, -- from 1
    document    VARCHAR NOT NULL, -- SHA-256 of the file
    file        VARCHAR NOT NULL,
    person      VARCHAR NOT NULL,
    imported_at VARCHAR NOT NULL  -- ISO 8601 with offset
);

-- Rows of tables of outcomes that did not go in, as of the last import of each file.
CREATE TABLE outcome_rejects (
    document  VARCHAR NOT NULL,
    file      VARCHAR NOT NULL,
    line      BIGINT,
    column_as VARCHAR,
    reason    VARCHAR NOT NULL,
    remedy    VARCHAR NOT NULL,
    raw       VARCHAR NOT NULL
);

-- Findings of the monitoring of a scorecard: a threshold that was crossed, in a month or over all of them.
CREATE TABLE alerts (
    id        BIGINT NOT NULL,  -- from 1
    scorecard VARCHAR NOT NULL, -- SHA-256
    measure   VARCHAR NOT NULL, -- "psi", "csi", "auc", ...
    subject   VARCHAR NOT NULL, -- what it was measured of: a characteristic, a grade, a segment; else empty
    month     VARCHAR,          -- YYYY-MM of receipt; null: all months
    light     VARCHAR NOT NULL, -- 'amber', 'red', or 'green': it is over
    body      VARCHAR NOT NULL, -- canonical JSON
    raised_at VARCHAR NOT NULL  -- ISO 8601 with offset
);

-- Challengers brought into the workspace: the model files themselves.
CREATE TABLE challengers (
    sha256  VARCHAR NOT NULL, -- of body
    name    VARCHAR NOT NULL,
    person  VARCHAR NOT NULL,
    kept_at VARCHAR NOT NULL, -- ISO 8601 with offset
    body    BLOB NOT NULL
);

-- What the challenger in shadow said of a case; at most one row a case, and no part of its score.
CREATE TABLE challenger_scores (
    case_no      BIGINT NOT NULL,
    sha256       VARCHAR NOT NULL, -- of the challenger
    pd           DECIMAL(7, 6) NOT NULL,
    grade        VARCHAR NOT NULL, -- the scorecard's, at that PD
    disagreement VARCHAR NOT NULL, -- '', 'better' or 'worse'
    body         VARCHAR NOT NULL  -- canonical JSON
);
