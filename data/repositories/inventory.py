"""What people said of the parts that shape decisions, and where those are at work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from app.domain.inventory import Act, Record, Use
from data.canonical import canonical_json
from data.transaction import Tx

_TABLES = ("inventory_records",)
_USES_SQL = """
    WITH last_reports AS (
        SELECT case_no, arg_max(body, "no") AS body FROM reports GROUP BY case_no
    ), used AS (
        SELECT case_no, sha256 AS part FROM scores
        UNION SELECT case_no, sha256 FROM policy_results
        UNION SELECT case_no, sha256 FROM challenger_scores
        UNION SELECT case_no, json_extract_string(body, '$.model.sha256') FROM last_reports
        UNION SELECT case_no, json_extract_string(body, '$.model.adapter_sha256') FROM last_reports
        UNION SELECT case_no, json_extract_string(body, '$.basis.phrases_sha256') FROM last_reports
        UNION SELECT case_no, 'product:' || product FROM cases
    )
    SELECT u.part, count(*), count(*) FILTER (o.status = 'signed')
    FROM used u LEFT JOIN opened_cases o ON o.case_no = u.case_no
    WHERE u.part IS NOT NULL GROUP BY u.part"""
_USES_TABLES = (
    "reports",
    "scores",
    "policy_results",
    "challenger_scores",
    "opened_cases",
    "application_rows",
    "application_tables",
)


class InventoryRepository:
    """``governance_ports.InventoryStore`` over ``inventory_records``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, record: Record) -> None:
        row = self._tx.row('SELECT coalesce(max("no"), 0) + 1 FROM inventory_records', reads=_TABLES)
        assert row is not None
        at, detail = record.at.isoformat(), canonical_json(dict(record.detail))
        self._tx.insert(
            "inventory_records", [(int(row[0]), record.sha256, record.act.value, record.person, at, detail)]
        )

    def records(self) -> list[Record]:
        sql = 'SELECT sha256, act, person, "at", detail FROM inventory_records ORDER BY "no"'
        return [
            Record(sha256, Act(act), person, datetime.fromisoformat(at), json.loads(detail))
            for sha256, act, person, at, detail in self._tx.rows(sql, reads=_TABLES)
        ]

    def uses(self) -> Mapping[str, Use]:
        """Cases whose score, policy result, challenger or last report comes of the part."""
        return {part: Use(cases, packages) for part, cases, packages in self._tx.rows(_USES_SQL, reads=_USES_TABLES)}
