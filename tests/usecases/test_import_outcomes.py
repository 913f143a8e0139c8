"""Outcomes of cases: matched by id or reference, idempotent, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.domain.outcomes import OutcomeImport, OutcomeReading
from app.errors import InputError
from app.usecases.import_outcomes import ImportOutcomes, import_outcomes, write_outcome_rejects
from data.readers.client import Readers
from tests.data.conftest import add_case, open_folder, workspace
from tests.doubles import FixedClock

__all__ = ["add_case", "open_folder", "workspace"]

Import = Callable[..., OutcomeImport]


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as made:
        yield made


@pytest.fixture
def desk(workspace: Any, add_case: Callable[..., Any]) -> Any:
    """Three cases, two of which share a reference with none and one with each other."""
    with workspace.transaction() as stores:
        for reference in ("L-1", "L-2", "L-3", "twin", "twin"):
            add_case(stores, reference=reference, received_on=date(2025, 1, 15))
    return workspace


@pytest.fixture
def take(desk: Any, readers: Readers, tmp_path: Path) -> Import:
    def taken(content: str | Path, name: str = "outcomes.csv", **reading: Any) -> OutcomeImport:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        command = ImportOutcomes(path, "Vera", OutcomeReading(**reading))
        return import_outcomes(command, desk, readers, clock=FixedClock())

    return taken


def counts(found: OutcomeImport) -> tuple[int, int, int, int]:
    return found.added, found.unchanged, found.replaced, found.rejected


def stored(desk: Any) -> list[tuple[Any, ...]]:
    with desk.read() as stores:
        sql = "SELECT case_no, observed_on, bad, days_past_due, superseded FROM outcomes ORDER BY ALL"
        return list(stores.outcomes._tx.fetch(sql))


PLAIN = "reference,outcome,observed_on\nL-1,good,2026-01-31\nC-2025-000002,bad,2026-01-31\n"


def test_outcomes_go_to_their_cases_by_reference_or_id(take: Import, desk: Any) -> None:
    found = take(PLAIN)
    assert (found.rows, *counts(found)) == (2, 2, 0, 0, 0)
    assert (found.cases, found.good, found.bad) == (2, 1, 1)
    assert stored(desk) == [
        (1, date(2026, 1, 31), False, None, False),
        (2, date(2026, 1, 31), True, None, False),
    ]


def test_the_same_file_again_changes_nothing(take: Import, desk: Any) -> None:
    take(PLAIN)
    before = stored(desk)
    again = take(PLAIN)
    assert counts(again) == (0, 2, 0, 0)
    assert stored(desk) == before
    with desk.read() as stores:
        events = stores.outcomes._tx.fetch("SELECT what FROM events")
        imports = stores.outcomes._tx.fetch("SELECT count(*) FROM outcome_imports")
    assert events == [("outcomes.imported",)]
    assert imports == [(1,)]


def test_another_outcome_of_the_same_day_supersedes(take: Import, desk: Any) -> None:
    take(PLAIN)
    found = take(PLAIN.replace("L-1,good", "L-1,bad"))
    assert counts(found) == (0, 1, 1, 0)
    assert stored(desk)[0:2] == [
        (1, date(2026, 1, 31), False, None, True),
        (1, date(2026, 1, 31), True, None, False),
    ]
    assert (found.good, found.bad) == (0, 2)


def test_a_case_once_bad_stays_bad(take: Import) -> None:
    found = take("case,dpd,observed_on\nL-1,120,2025-06-30\nL-1,0,2025-12-31\n")
    assert (found.cases, found.good, found.bad) == (1, 0, 1)


def test_days_past_due_are_bad_from_the_threshold(take: Import, desk: Any) -> None:
    take("case;days past due;as of\nL-1;89;2025-09-30\nL-2;90;2025-09-30\n")
    assert [(row[2], row[3]) for row in stored(desk)] == [(False, 89), (True, 90)]
    take("case;days past due;as of\nL-3;30;2025-09-30\n", bad_from_days=30)
    assert stored(desk)[-1][2] is True


def test_everything_that_does_not_go_in_is_named_with_its_line(take: Import) -> None:
    found = take(
        "case,outcome,days_past_due,observed_on\n"
        "L-9,good,,2026-01-31\n"  # 2: unknown
        "twin,good,,2026-01-31\n"  # 3: two cases
        "L-1,good,,2024-12-31\n"  # 4: before receipt
        "L-1,good,,2027-01-31\n"  # 5: in the future
        "L-1,perhaps,,2026-01-31\n"  # 6: no such word
        "L-1,,,2026-01-31\n"  # 7: nothing known
        "L-1,good,120,2026-01-31\n"  # 8: good and far past due
        "L-1,good,x,2026-01-31\n"  # 9: no number
        "L-1,good,,31.01.2026\n"  # 10: no ISO date
        ",good,,2026-01-31\n"  # 11: no case
        "L-2,good,,2026-01-31\n"  # 12
        "L-2,bad,,2026-01-31\n"  # 13: contradicts 12
        "L-3,good,,2026-01-31\n"  # 14
        "L-3,good,,2026-01-31\n"  # 15: the same again
        "C-2025-999999,good,,2026-01-31\n"  # 16: unknown id
        "L-3,bad\n"  # 17: too few cells
    )
    assert (found.rows, *counts(found)) == (16, 1, 1, 0, 14)
    assert sorted(problem.line or 0 for problem in found.rejects) == [*range(2, 14), 16, 17]
    reasons = {problem.line: problem.reason for problem in found.rejects}
    assert "L-9" in reasons[2]
    assert reasons[3].startswith("2 cases")
    assert "before" in reasons[4]
    assert "future" in reasons[5]
    assert "perhaps" in reasons[6]
    assert "120" in reasons[8]
    assert "several" in reasons[12]
    assert reasons[12] == reasons[13]
    assert all(problem.remedy for problem in found.rejects)


def test_rejects_are_kept_and_forgotten_with_their_file(take: Import, desk: Any, add_case: Any) -> None:
    text = "case,outcome,observed_on\nL-9,good,2026-01-31\n"
    take(text)
    with desk.read() as stores:
        assert [problem.line for problem in stores.outcomes.rejects()] == [2]
    with desk.transaction() as stores:
        add_case(stores, reference="L-9", received_on=None)
    found = take(text)
    assert counts(found) == (1, 0, 0, 0)
    with desk.read() as stores:
        assert stores.outcomes.rejects() == []


def test_other_words_and_dates(take: Import) -> None:
    found = take(
        "Loan_ID,Status,Date\nL-1,Fully paid,31/01/2026\nL-2,CHARGED OFF,31/01/2026\n",
        good=("fully paid",),
        bad=("charged off",),
        date_format="%d/%m/%Y",
    )
    assert (counts(found), found.bad) == ((2, 0, 0, 0), 1)


def test_what_is_not_bad_is_good_where_that_is_said(take: Import) -> None:
    found = take(
        "case,outcome,observed_on\nL-1,1,2026-01-31\nL-2,0,2026-01-31\n", good=(), bad=("1",), rest_is_good=True
    )
    assert (found.good, found.bad) == (1, 1)


def test_a_parquet_file_is_the_same_as_its_csv(take: Import, tmp_path: Path, desk: Any) -> None:
    import duckdb

    path = tmp_path / "outcomes.parquet"
    rows = "VALUES ('L-1', 12, DATE '2026-01-31'), ('L-2', 95, DATE '2026-01-31'), ('L-9', 1, DATE '2026-01-31')"
    duckdb.sql(f"COPY (SELECT * FROM ({rows}) t(reference, dpd, observed_on)) TO '{path}'")
    found = take(path)
    assert (found.rows, *counts(found), found.bad) == (3, 2, 0, 0, 1, 1)
    assert found.rejects[0].line == 3, "Parquet has no header line"


@pytest.mark.parametrize(
    ("text", "reading", "says"),
    [
        ("a,b,c\n1,2,3\n", {}, "the case"),
        ("case,observed_on\n1,2026-01-01\n", {}, "outcome or the days"),
        ("case,reference,outcome,date\n1,2,good,2026-01-01\n", {}, "case, reference"),
        ("case,outcome,date\nx,good,2026-01-01\n", {"case": "nothing"}, "'nothing'"),
    ],
)
def test_columns_that_are_not_known_are_asked_for(take: Import, text: str, reading: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        take(text, **reading)
    assert "COLUMN" in refused.value.remedy


def test_a_damaged_parquet_file_is_named(take: Import, tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 and nothing of it")
    with pytest.raises(InputError, match="Parquet"):
        take(path)


def test_rejects_never_run_as_formulas(tmp_path: Path, take: Import) -> None:
    found = take("case,outcome,observed_on\n=1+1,good,2026-01-31\n")
    out = write_outcome_rejects(tmp_path / "rejects.csv", found.rejects)
    text = out.read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert text.startswith("line,column,reason,remedy,raw")


def test_json_counts_every_row(take: Import) -> None:
    data = take(PLAIN + "L-9,good,2026-01-31\n").to_json()
    assert data["rows"] == data["added"] + data["unchanged"] + data["replaced"] + data["rejected"] == 3
    assert data["rejects"][0]["line"] == 4


@pytest.mark.parametrize("bad", ["", "case,outcome,observed_on\n"])
def test_a_file_without_rows_adds_none(take: Import, bad: str) -> None:
    if not bad:
        with pytest.raises(InputError):
            take(bad)
        return
    assert take(bad).rows == 0
