"""Outcomes of cases: taken over from a checked table, matched to cases, never overwritten."""

# ruff: noqa: S608 (only our own names and numbers stand in the statements)
from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.domain.outcomes import OutcomeImport
from app.domain.reading import Problem
from data.transaction import Tx

_KNOWN = "SELECT case_no, observed_on, bad, days_past_due FROM outcomes WHERE NOT superseded"
_ID = r"'C-[0-9][0-9][0-9][0-9]-[0-9]{{6,}}'"

_MATCHED_SQL = f"""
    SELECT o.* EXCLUDE (id_year, id_no), coalesce(i.case_no, r.case_no) AS case_no,
        CASE WHEN i.case_no IS NULL THEN coalesce(r.times, 1) ELSE 1 END AS times,
        CASE WHEN i.case_no IS NULL THEN r.received_on ELSE i.received_on END AS received_on
    FROM (
        SELECT *, CASE WHEN regexp_full_match(who, {_ID}) THEN try_cast(who[3:6] AS SMALLINT) END AS id_year,
            CASE WHEN regexp_full_match(who, {_ID}) THEN try_cast(who[8:] AS BIGINT) END AS id_no
        FROM {{incoming}}.outcomes
    ) o
    LEFT JOIN cases i ON i.case_no = o.id_no AND i.year = o.id_year
    LEFT JOIN (
        SELECT reference, any_value(case_no) AS case_no, any_value(received_on) AS received_on, count(*) AS times
        FROM cases GROUP BY reference
    ) r ON r.reference = o.who"""

_JUDGED_SQL = """
    SELECT *, CASE
        WHEN case_no IS NULL THEN 'unknown'
        WHEN times > 1 THEN 'ambiguous'
        WHEN day < received_on THEN 'early'
        WHEN day > CAST($today AS DATE) THEN 'late'
        WHEN min(hash(bad, days)) OVER same <> max(hash(bad, days)) OVER same THEN 'contradicted'
        WHEN row_number() OVER (PARTITION BY case_no, day ORDER BY line) > 1 THEN 'repeated'
        END AS fault
    FROM matched WINDOW same AS (PARTITION BY case_no, day)"""

_FAULTS = {
    "unknown": ("'No case has the id or the reference “' || left(who, 60) || '”.'", "Import the case, then this file."),
    "ambiguous": ("times || ' cases have the reference “' || left(who, 60) || '”.'", "Give the id of the case."),
    "early": (
        "'Observed on ' || day || ', before the case was received on ' || received_on || '.'",
        "Correct the day.",
    ),
    "late": ("'Observed on ' || day || ', which is in the future.'", "Correct the day."),
    "contradicted": (
        "'The file gives several outcomes of this case for ' || day || '.'",
        "Leave the one that is right.",
    ),
}


class OutcomeRepository:
    """``ports.OutcomeStore`` over ``outcomes``, ``outcome_imports`` and ``outcome_rejects``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def take(
        self, incoming: Path, key: str, *, file: str, sha256: str, rows: int, person: str, at: datetime
    ) -> OutcomeImport:
        """Match the checked rows of a hand-over file to cases and keep what is new, in this transaction."""
        self._tx.flush()
        name = self._tx.attach(incoming, key)
        self._judge(name, at)
        number = self._number(sha256, file, person, at)
        added, replaced = self._store(number)
        self._keep_rejects(name, sha256, file)
        rejects = self.rejects(sha256)
        self._tx.run("DROP TABLE judged")
        cases, bad = self.count()
        return OutcomeImport(
            file=file,
            sha256=sha256,
            rows=rows,
            added=added,
            unchanged=rows - added - replaced - len(rejects),
            replaced=replaced,
            rejected=len(rejects),
            cases=cases,
            good=cases - bad,
            bad=bad,
            rejects=tuple(rejects),
        )

    def count(self) -> tuple[int, int]:
        """Cases with an outcome, and how many of them ever were bad."""
        each = "SELECT case_no, bool_or(bad) AS bad FROM outcomes WHERE NOT superseded GROUP BY case_no"
        cases, bad = self._tx.fetch(f"SELECT count(*), count(*) FILTER (bad) FROM ({each})")[0]
        return int(cases), int(bad)

    def rejects(self, sha256: str | None = None) -> list[Problem]:
        """Rows that did not go in, of one file or of all, in their order."""
        chosen = "" if sha256 is None else " WHERE document = ?"
        sql = f"SELECT line, column_as, reason, remedy, raw FROM outcome_rejects{chosen} ORDER BY document, line"
        return [Problem(*row) for row in self._tx.rows(sql, [] if sha256 is None else [sha256], reads=())]

    def _judge(self, name: str, at: datetime) -> None:
        """Each row with its case, and what is wrong with it, as the temporary table ``judged``."""
        matched = _MATCHED_SQL.format(incoming=name)
        judged = f"WITH matched AS MATERIALIZED ({matched}) {_JUDGED_SQL}"
        compared = f"""
            SELECT j.*, k.case_no IS NOT NULL AS known,
                k.case_no IS NOT NULL AND (k.bad IS DISTINCT FROM j.bad OR k.days_past_due IS DISTINCT FROM j.days)
                    AS changed
            FROM ({judged}) j LEFT JOIN ({_KNOWN}) k ON k.case_no = j.case_no AND k.observed_on = j.day"""
        self._tx.run(f"CREATE TEMP TABLE judged AS {compared}", {"today": at.date()})

    def _number(self, sha256: str, file: str, person: str, at: datetime) -> int:
        """The number of this import; one that brings nothing new has none of its own."""
        number = int(self._tx.fetch("SELECT coalesce(max(import_no), 0) + 1 FROM outcome_imports")[0][0])
        if self._tx.fetch("SELECT count(*) FROM judged WHERE fault IS NULL AND (NOT known OR changed)")[0][0]:
            values = [number, sha256, file, person, at.isoformat()]
            self._tx.run("INSERT INTO outcome_imports VALUES (?, ?, ?, ?, ?)", values)
        return number

    def _store(self, number: int) -> tuple[int, int]:
        replaced = int(self._tx.fetch("SELECT count(*) FROM judged WHERE fault IS NULL AND changed")[0][0])
        if replaced:
            self._tx.run(
                "UPDATE outcomes AS o SET superseded = TRUE FROM judged AS j WHERE j.fault IS NULL AND j.changed "
                "AND o.case_no = j.case_no AND o.observed_on = j.day AND NOT o.superseded"
            )
        fresh = f"SELECT case_no, day, bad, days, {number}, line, FALSE FROM judged"
        stored = self._tx.fetch(
            f"INSERT INTO outcomes {fresh} WHERE fault IS NULL AND (NOT known OR changed) ORDER BY case_no, day"
        )
        return int(stored[0][0]) - replaced, replaced

    def _keep_rejects(self, name: str, sha256: str, file: str) -> None:
        self._tx.run("DELETE FROM outcome_rejects WHERE document = ?", [sha256])
        self._tx.run(
            f"INSERT INTO outcome_rejects SELECT ?, ?, line, column_as, reason, remedy, coalesce(raw, '') "
            f"FROM {name}.rejects",
            [sha256, file],
        )
        for fault, (reason, remedy) in _FAULTS.items():
            self._tx.run(
                f"INSERT INTO outcome_rejects SELECT ?, ?, line, NULL, {reason}, ?, coalesce(raw, '') FROM judged "
                "WHERE fault = ?",
                [sha256, file, remedy, fault],
            )
