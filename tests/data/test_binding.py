"""A value written into a statement is the value the driver would have passed, whatever it holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.binding import bound_sql, literal_of, values_sql

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(Decimal(-(10**15)), Decimal(10**15), places=2),
    st.dates(),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001  naive UTC, as the columns hold it
    TEXT,
)
NASTY = [
    "'",
    "''",
    "\\",
    "\\'",
    "'; DROP TABLE cases; --",
    "a?b",
    "$text",
    "%s",
    "\n\r\t",
    "--",
    "/*",
    '"',
    "王\u200b😀",
    "",
]


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@given(value=VALUES)
def test_a_literal_is_the_value(plain: duckdb.DuckDBPyConnection, value: Any) -> None:
    found = plain.execute(f"SELECT {literal_of(value)}").fetchall()[0][0]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", NASTY)
def test_no_text_ends_its_own_quotes(plain: duckdb.DuckDBPyConnection, text: str) -> None:
    for sql, params in (("SELECT ?, ?, 7", [text, text]), ("SELECT $a, $b, 7", {"a": text, "b": text})):
        written = bound_sql(sql, params)
        assert written is not None
        assert plain.execute(written).fetchall() == [(text, text, 7)]


@given(rows=st.lists(st.tuples(VALUES, TEXT), min_size=1, max_size=4))
def test_rows_stay_rows(plain: duckdb.DuckDBPyConnection, rows: list[tuple[Any, str]]) -> None:
    sql = values_sql([(at, text, value is None) for at, (value, text) in enumerate(rows)])
    assert plain.execute(str(sql)).fetchall() == [(at, text, value is None) for at, (value, text) in enumerate(rows)]


@pytest.mark.parametrize("value", ["a\x00b", [1, 2], 1.5, Decimal("NaN"), datetime(2026, 1, 1, tzinfo=UTC), b"x"])
def test_what_has_no_literal_is_left_to_the_driver(value: Any) -> None:
    assert literal_of(value) is None
    assert bound_sql("SELECT ?", [value]) is None
    assert bound_sql("SELECT $a", {"a": value}) is None
    assert values_sql([(1, value)]) is None


def test_a_question_mark_that_is_no_parameter_is_left_to_the_driver() -> None:
    assert bound_sql("SELECT '?', ?", ["x"]) is None
    assert bound_sql("SELECT $a, $b", {"a": 1}) is None


def test_a_day_is_no_moment() -> None:
    assert literal_of(date(2026, 1, 31)) == "DATE '2026-01-31'"
    assert literal_of(True) == "TRUE"
    assert literal_of(-3) == "(-3)"


PROGRAM = """
import sys
from decimal import Decimal
from pathlib import Path
from app.adapters.cipher import AesGcmCipher
from app.ports import QueueQuery
from data.workspace import open_workspace
from tests.doubles import FixedClock

with open_workspace(Path(sys.argv[1]), lambda path: bytes(32), AesGcmCipher, clock=FixedClock()) as workspace:
    with workspace.transaction() as stores:
        case = stores.cases.add(reference="R", applicant="王", product="p", amount=Decimal("1.50"), currency="EUR",
                                term_months=1, received_on=None)
        stores.events.append("p", case.id, "case.added", {})
    with workspace.read() as stores:
        assert stores.cases.get("R") == case and stores.facts.current(case.id) == []
    queue = workspace.queue(QueueQuery(text="王"))
    assert queue.page(0, 10) == [case]
    queue.close()
print([name for name in ("pandas", "numpy", "pyarrow") if name in sys.modules])
"""


def test_reading_and_writing_a_case_needs_no_pandas(tmp_path: Path, root: Path) -> None:
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
