"""Counts for the monitoring of a scorecard, each in one statement over all its cases, and the alerts raised on them."""

# ruff: noqa: S608 (every name passes `quoted`, every text `literal`; all else is a number or our own name)
from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from app.domain.scorecard import Scorecard
from app.domain.standing import PointsCount
from app.domain.watching import (
    UNDATED,
    Alert,
    BinCount,
    DecisionCount,
    FollowCount,
    Light,
    Reading,
    ScoreCount,
    ScoredBy,
    SegmentCount,
    Threshold,
)
from data.canonical import canonical_json
from data.database import literal, quoted
from data.repositories.cases import case_no_of
from data.transaction import Tx

_OUTCOMES = """(SELECT case_no, bool_or(bad) AS bad, min(observed_on) FILTER (bad) AS bad_on,
    max(observed_on) AS seen_on FROM outcomes WHERE NOT superseded GROUP BY case_no)"""

_DECISIONS = """(SELECT case_no, arg_max(outcome, "no") AS decision,
    arg_max(NOT contains(body, '"override":null'), "no") AS stated FROM decisions GROUP BY case_no)"""
"""The decision that stands; a text inside the canonical JSON has its quotes escaped, so the key is the key."""

_COUNTED = "count(*), count(*) FILTER (NOT bad), count(*) FILTER (bad)"
_EXPECTED = "coalesce(sum(pd) FILTER (bad IS NOT NULL), 0)"


class MonitoringRepository:
    """``watching_ports.MonitoringStore`` over scores, cases, outcomes, decisions and ``alerts``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._watched = ""  # the scorecard whose cases the temporary table ``watched`` holds

    def scorecards(self) -> list[ScoredBy]:
        sql = "SELECT sha256, any_value(scorecard), any_value(version), count(*) FROM scores GROUP BY 1"
        return [ScoredBy(*row) for row in self._tx.rows(f"{sql} ORDER BY 4 DESC, 2, 3, 1")]

    def scores(self, sha256: str) -> list[ScoreCount]:
        """Cases, goods and bads by month and points."""
        self._watch(sha256)
        rows = self._tx.rows(
            f"SELECT month, points, any_value(pd), any_value(grade), {_COUNTED} FROM watched "
            "GROUP BY month, points ORDER BY month, points"
        )
        return [ScoreCount(_month(month), points, float(pd), *rest) for month, points, pd, *rest in rows]

    def points(self, sha256: str, without: str) -> list[PointsCount]:
        """Cases that stand scored, and those of them that stand approved, by points."""
        rows = self._tx.rows(
            "SELECT s.points, count(*), count(*) FILTER (d.decision = 'approve') FROM scores s "
            f"LEFT JOIN {_DECISIONS} d USING (case_no) WHERE s.sha256 = ? AND s.case_no <> ? "
            "GROUP BY s.points ORDER BY s.points",
            [sha256, case_no_of(without)],
            reads=("scores", "decisions"),
        )
        return [PointsCount(*row) for row in rows]

    def bins(self, scorecard: Scorecard) -> list[BinCount]:
        """Cases by month and bin, characteristic by characteristic, in one pass."""
        names = [f"b{at}" for at in range(len(scorecard.characteristics))]
        each = ", ".join(f"{_bin_sql(scorecard, at)} AS {name}" for at, name in enumerate(names))
        sets = ", ".join(f"(month, {name})" for name in names)
        which = ", ".join(f"WHEN grouping({name}) = 0 THEN {at}" for at, name in enumerate(names)).replace(",", "")
        value = f"coalesce({', '.join(names)})"
        rows = self._tx.rows(
            f"SELECT month, CASE {which} END AS characteristic, {value} AS bin, count(*) FROM ("
            f"SELECT date_trunc('month', c.received_on) AS month, {each} FROM {_scored(scorecard.sha256)} s "
            f"JOIN cases c USING (case_no)) GROUP BY GROUPING SETS ({sets}) ORDER BY 1, 2, 3"
        )
        return [BinCount(_month(month), *rest) for month, *rest in rows]

    def segments(self, sha256: str, facts: Sequence[str], month: str | None) -> list[SegmentCount]:
        """By grade, product and each of the facts; a fact of its own stands before the row of a table."""
        self._watch(sha256)
        columns = {"grade": "w.grade", "product": "w.product"} | {name: self._fact_sql(name) for name in facts}
        listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
        base = f"SELECT {listed}, pd, decision, bad FROM watched w {self._fact_joins(facts)}{_month_sql(month)}"
        counted = (
            "count(*), count(*) FILTER (decision IN ('approve', 'counter-offer', 'decline')), "
            "count(*) FILTER (decision IN ('approve', 'counter-offer')), "
            f"count(*) FILTER (NOT bad), count(*) FILTER (bad), {_EXPECTED}"
        )
        sets = ", ".join(f"({quoted(name)})" for name in columns)
        which = " ".join(f"WHEN grouping({quoted(name)}) = 0 THEN {literal(name)}" for name in columns)
        value = f"coalesce({', '.join(map(quoted, columns))})"
        rows = self._tx.rows(
            f"SELECT CASE {which} END AS name, {value} AS value, {counted} FROM ({base}) "
            f"GROUP BY GROUPING SETS ({sets}) ORDER BY name, value"
        )
        return [SegmentCount._make((*row[:-1], float(row[-1]))) for row in rows]

    def decisions(self, sha256: str, month: str | None) -> list[DecisionCount]:
        """Decided cases by what the policy said, what was decided, and whether an override was stated."""
        self._watch(sha256)
        where = _month_sql(month) or " WHERE TRUE"
        rows = self._tx.rows(
            f"SELECT policy, decision, stated, {_COUNTED}, {_EXPECTED} FROM watched w{where} "
            "AND decision IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        return [DecisionCount._make((*row[:-1], float(row[-1]))) for row in rows]

    def follows(self, sha256: str) -> list[FollowCount]:
        """Cases with an outcome by month of receipt and months on book; those without a date are left to ``scores``."""
        self._watch(sha256)
        rows = self._tx.rows(
            "SELECT month, datediff('month', month, date_trunc('month', CASE WHEN bad THEN bad_on ELSE seen_on END)), "
            "bad, count(*) FROM watched WHERE bad IS NOT NULL AND month IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        return [FollowCount(_month(month), max(0, months), bad, cases) for month, months, bad, cases in rows]

    def alerts(self, sha256: str | None = None) -> list[Alert]:
        chosen = "" if sha256 is None else f" WHERE scorecard = {literal(sha256)}"
        rows = self._tx.rows(f"SELECT id, scorecard, body, raised_at FROM alerts{chosen} ORDER BY id")
        return [Alert(number, card, _reading(body), raised_at) for number, card, body, raised_at in rows]

    def raise_alerts(self, sha256: str, readings: Sequence[Reading], at: datetime) -> list[Alert]:
        """Keep those that turned amber or red since the last alert of the same measure, subject and month, or green."""
        standing = {_place(alert.reading): alert.reading.light for alert in self.alerts(sha256)}
        number = int(self._tx.rows("SELECT coalesce(max(id), 0) FROM alerts")[0][0])
        raised = []
        for reading in readings:
            if reading.light is not Light.GREY and standing.get(_place(reading), Light.GREEN) is not reading.light:
                number += 1
                raised.append(Alert(number, sha256, reading, at.isoformat()))
        self._tx.insert("alerts", [_row(alert) for alert in raised])
        return raised

    def _watch(self, sha256: str) -> None:
        """Put the scorecard's cases with their month, decision and outcome side by side, once a reading."""
        if self._watched == sha256:
            return
        self._tx.flush()
        self._tx.run(
            "CREATE OR REPLACE TEMP TABLE watched AS SELECT s.case_no, date_trunc('month', c.received_on) AS month, "
            "s.points, s.pd, s.grade, c.product, d.decision, d.stated, p.outcome AS policy, o.bad, o.bad_on, o.seen_on "
            f"FROM {_scored(sha256)} s JOIN cases c USING (case_no) LEFT JOIN {_DECISIONS} d USING (case_no) "
            f"LEFT JOIN policy_results p USING (case_no) LEFT JOIN {_OUTCOMES} o USING (case_no)"
        )
        self._watched = sha256

    def _fact_sql(self, name: str) -> str:
        parts = ["own." + quoted(name)]
        if name in self._tx.columns["application_rows"]:
            parts.append(f"CAST(a.{quoted(name)} AS VARCHAR)")
        return f"coalesce({', '.join(parts)})"

    def _fact_joins(self, facts: Sequence[str]) -> str:
        """The rows of tables, and the current facts of their own that cases have (the last one stored)."""
        if not facts:
            return ""
        each = ", ".join(f"arg_max(value, place) FILTER (name = {literal(name)}) AS {quoted(name)}" for name in facts)
        names = ", ".join(map(literal, facts))
        current = f"""
            SELECT f.case_no, f.name, f.value, f.rowid AS place FROM facts f
            LEFT JOIN (SELECT case_no, fact, arg_max(retired, "no") AS retired FROM fact_marks GROUP BY 1, 2) m
                ON m.case_no = f.case_no AND m.fact = f.id
            WHERE f.name IN ({names}) AND NOT coalesce(m.retired, FALSE)
                AND NOT EXISTS (SELECT 1 FROM facts n WHERE n.case_no = f.case_no AND n.supersedes = f.id)"""
        return (
            "LEFT JOIN application_rows a USING (case_no) "
            f"LEFT JOIN (SELECT case_no, {each} FROM ({current}) GROUP BY case_no) own USING (case_no)"
        )


def _scored(sha256: str) -> str:
    return f"(SELECT * FROM scores WHERE sha256 = {literal(sha256)})"


def _bin_sql(scorecard: Scorecard, at: int) -> str:
    """The bin of a characteristic: as stored in bulk, else by its label in the score that is told whole."""
    labels = ", ".join(literal(entry.label) for entry in scorecard.characteristics[at].bins)
    told = f"list_position([{labels}], json_extract_string(s.body, '$.characteristics[{at}].bin')) - 1"
    return f"CASE WHEN s.bins IS NOT NULL THEN s.bins[{at + 1}] ELSE {told} END"


def _month(day: date | None) -> str:
    return UNDATED if day is None else f"{day:%Y-%m}"


def _month_sql(month: str | None) -> str:
    if month is None:
        return ""
    if month == UNDATED:
        return " WHERE month IS NULL"
    return f" WHERE month = DATE {literal(month + '-01')}"


def _place(reading: Reading) -> tuple[str, str, str | None]:
    return reading.measure, reading.subject, reading.month


def _row(alert: Alert) -> tuple[object, ...]:
    reading = alert.reading
    limits = reading.threshold
    body = reading.to_json() | {"value": _text(reading.value)}
    body |= {
        "amber": limits and repr(limits.amber),
        "red": limits and repr(limits.red),
        "below": bool(limits and limits.below),
    }
    place = (reading.measure, reading.subject, reading.month, reading.light.value)
    return (alert.id, alert.scorecard, *place, canonical_json(body), alert.raised_at)


def _text(number: float | None) -> str | None:
    """Canonical JSON holds no binary fractions."""
    return None if number is None else repr(float(number))


def _reading(body: str) -> Reading:
    data = json.loads(body)
    limits = None
    if data["amber"] is not None:
        limits = Threshold(float(data["amber"]), float(data["red"]), data["below"])
    value = None if data["value"] is None else float(data["value"])
    return Reading(
        data["measure"],
        data["subject"],
        data["month"],
        value,
        Light(data["light"]),
        limits,
        data["cases"],
        data["note"],
    )
