"""Scored cases in bulk, as far as policies read them: for simulations."""

# ruff: noqa: S608 (only our own names and numbers stand in the statements)
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.domain.facts import Catalogue, FactValue, Kind
from app.domain.simulation import ALWAYS, PastCase, Period
from data.database import quoted
from data.repositories.cases import case_id_of
from data.repositories.tables import ApplicationTables, fact_columns
from data.transaction import Tx

BATCH = 2_000  # case numbers read at once

_OWN_SQL = """
    SELECT case_no FROM facts
        WHERE NOT contains(source, '"kind":"computation"') AND NOT contains(source, '"kind":"reference"')
    UNION SELECT case_no FROM case_documents
    UNION SELECT case_no FROM transactions
    UNION SELECT m.case_no FROM fact_marks m ANTI JOIN facts f ON f.case_no = m.case_no AND f.id = m.fact
    UNION SELECT case_no FROM cases ANTI JOIN application_rows USING (case_no)
    UNION SELECT case_no FROM application_rows GROUP BY case_no HAVING count(*) > 1"""
"""Cases that one row of a table does not tell whole."""


class PastCaseRepository:
    """``ports.PastCaseStore`` over the tables of cases, rows, scores and outcomes."""

    def __init__(self, tx: Tx, catalogue: Catalogue) -> None:
        self._tx = tx
        self._catalogue = catalogue
        self._tables = ApplicationTables(tx)

    def count(self, period: Period = ALWAYS) -> tuple[int, int]:
        """Cases of the period with a score, and cases without."""
        sql = f"""
            SELECT count(s.case_no), count(*) - count(s.case_no)
            FROM cases c LEFT JOIN scores s USING (case_no) WHERE {_within_sql(period)}"""
        scored, unscored = self._tx.rows(sql)[0]
        return int(scored), int(unscored)

    def batches(self, names: Collection[str], period: Period = ALWAYS) -> Iterator[list[PastCase]]:
        """The period's scored cases in ascending order; of a table's row, those of ``names`` that have a column."""
        columns = [name for name in fact_columns(self._tx) if name in names]
        own = {case_no for (case_no,) in self._tx.rows(_OWN_SQL)}
        last = int(self._tx.rows("SELECT coalesce(max(case_no), 0) FROM cases")[0][0])
        for start in range(1, last + 1, BATCH):
            rows = self._tx.rows(self._batch_sql(columns, start, period), reads=())
            seen: dict[int, PastCase] = {}
            for row in rows:
                seen[row[0]] = self._case(row, columns, own)
            if seen:
                yield list(seen.values())

    def _batch_sql(self, columns: Collection[str], start: int, period: Period) -> str:
        cells = "".join(f", r.{quoted(name)}" for name in columns)
        between = f"BETWEEN {start} AND {start + BATCH - 1}"
        return f"""
            SELECT c.case_no, c.year, c.currency, s.points, s.grade, s.pd, o.bad, c.received_on, r.table_no{cells}
            FROM cases c JOIN scores s USING (case_no)
            LEFT JOIN application_rows r ON r.case_no = c.case_no AND r.case_no {between}
            LEFT JOIN (SELECT case_no, bool_or(bad) AS bad FROM outcomes WHERE NOT superseded GROUP BY case_no) o
                ON o.case_no = c.case_no
            WHERE c.case_no {between} AND s.case_no {between} AND {_within_sql(period)}
            ORDER BY c.case_no"""

    def _case(self, row: tuple[Any, ...], columns: Collection[str], own: Collection[int]) -> PastCase:
        case_no, year, currency, points, grade, pd, bad, received_on, table_no = row[:9]
        values: Mapping[str, FactValue | None] | None = None
        if case_no not in own:
            values = self._in_currency(dict(zip(columns, row[9:], strict=True)), table_no, currency)
        return PastCase(case_id_of(case_no, year), currency, points, grade, pd, values, bad, received_on)

    def _in_currency(
        self, values: dict[str, FactValue | None], table_no: int, currency: str
    ) -> dict[str, FactValue | None]:
        """Money in another currency than the case's is as good as missing."""
        for name, (_, unit) in self._tables.headings(table_no).items():
            if name in values and unit not in (None, currency) and self._catalogue[name].kind is Kind.MONEY:
                values[name] = None
        return values


def _within_sql(period: Period) -> str:
    """Of a case ``c``: received in the period."""
    sides = ((">=", period.since), ("<=", period.until))
    return " AND ".join(f"c.received_on {sign} DATE '{day.isoformat()}'" for sign, day in sides if day) or "true"
