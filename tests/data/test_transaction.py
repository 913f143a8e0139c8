"""Buffered writes look, from inside the transaction and after it, as if each had gone in at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import Database, Row, extension_file, literal
from data.migrations import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    for name in ("incoming", "tmp"):
        (tmp_path / name).mkdir()
    made = Database(
        tmp_path / "workspace.duckdb",
        bytes(32),
        incoming=tmp_path / "incoming",
        temporary=tmp_path / "tmp",
        memory_limit_mb=512,
        threads=2,
    )
    migrate(made)
    yield made
    made.close()


def case_row(case_no: int, **given: object) -> Row:
    row = {
        "case_no": case_no,
        "year": 2026,
        "reference": f"r{case_no}",
        "applicant": "Zinaida",
        "product": "loan",
        "amount": Decimal("12.50"),
        "currency": "EUR",
        "term_months": 12,
        "received_on": date(2026, 1, 31),
        "language": "en",
        "status": "new",
    }
    return tuple((row | given).values())


def test_buffered_rows_are_seen_before_and_after_commit(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("opened_cases", [case_row(1), case_row(2, amount=None)])
        assert tx.case_rows("opened_cases", 2) == [case_row(2, amount=None)]
        assert tx.rows("SELECT count(*) FROM opened_cases") == [(2,)]
    with database.read() as tx:
        assert tx.case_rows("opened_cases", 1) == [case_row(1)]
        assert tx.case_rows("opened_cases", 2) == [case_row(2, amount=None)]


def test_a_read_that_names_other_tables_stores_nothing(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("opened_cases", [case_row(1)])
        assert tx.rows("SELECT count(*) FROM opened_cases", reads=("facts",)) == [(0,)]
        assert tx.rows("SELECT count(*) FROM opened_cases", reads=("opened_cases",)) == [(1,)]


def test_replace_drops_stored_and_buffered_rows_of_that_case_only(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("case_documents", [(1, "a"), (2, "b")])
    with database.transaction() as tx:
        tx.insert("case_documents", [(1, "buffered")])
        tx.replace("case_documents", 1, [(1, "new")])
        assert tx.case_rows("case_documents", 1) == [(1, "new")]
        assert tx.case_rows("case_documents", 2) == [(2, "b")]
    with database.read() as tx:
        assert tx.rows("SELECT * FROM case_documents ORDER BY case_no") == [(1, "new"), (2, "b")]


def test_replace_by_nothing_deletes(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("case_documents", [(1, "a")])
        tx.replace("case_documents", 1, [])
        assert tx.case_rows("case_documents", 1) == []
    with database.read() as tx:
        assert tx.rows("SELECT * FROM case_documents") == []


def test_an_update_reaches_stored_and_buffered_rows(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("opened_cases", [case_row(1)])
    with database.transaction() as tx:
        tx.insert("opened_cases", [case_row(2)])
        tx.update("opened_cases", 1, status="drafted", amount=None)
        tx.update("opened_cases", 2, status="decided")
        assert tx.case_rows("opened_cases", 1) == [case_row(1, status="drafted", amount=None)]
        assert tx.case_rows("opened_cases", 2) == [case_row(2, status="decided")]
    with database.read() as tx:
        assert tx.case_rows("opened_cases", 1) == [case_row(1, status="drafted", amount=None)]
        assert tx.case_rows("opened_cases", 2) == [case_row(2, status="decided")]


def test_an_exception_rolls_everything_back_and_runs_the_undoing(database: Database) -> None:
    undone: list[str] = []

    def fail() -> None:
        with database.transaction() as tx:
            tx.insert("opened_cases", [case_row(1)])
            tx.flush()
            tx.on_rollback(lambda: undone.append("first"))
            tx.on_rollback(lambda: undone.append("second"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert undone == ["second", "first"]
    with database.transaction() as tx:
        assert tx.rows("SELECT * FROM opened_cases") == []
        assert tx.take_case_nos() == 1


def test_case_numbers_are_consecutive_and_never_used_twice(database: Database) -> None:
    with database.transaction() as tx:
        assert tx.take_case_nos(250) == 1
        tx.insert("opened_cases", [case_row(number) for number in range(1, 251)])
        assert tx.take_case_nos() == 251
        tx.insert("opened_cases", [case_row(251)])
    with database.transaction() as tx:
        assert tx.take_case_nos() == 252


def test_going_through_cases_in_order_takes_few_queries(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("case_documents", [(number, f"d{number}") for number in range(1, 601)])
    statements: list[str] = []
    database._debug_sql = lambda sql, seconds: statements.append(sql)
    with database.read() as tx:
        for number in range(1, 601):
            assert tx.case_rows("case_documents", number) == [(number, f"d{number}")]
    assert len([sql for sql in statements if "case_documents" in sql]) <= 5


def test_rows_fetched_ahead_do_not_hide_later_writes(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("case_documents", [(1, "a"), (2, "b"), (3, "c")])
    with database.transaction() as tx:
        assert [tx.case_rows("case_documents", number) for number in (1, 2)] == [[(1, "a")], [(2, "b")]]
        tx.insert("case_documents", [(3, "d")])
        assert tx.case_rows("case_documents", 3) == [(3, "c"), (3, "d")]
        tx.flush()
        assert tx.case_rows("case_documents", 3) == [(3, "c"), (3, "d")]
        tx.execute("DELETE FROM case_documents WHERE case_no = 3")
        assert tx.case_rows("case_documents", 3) == []


def test_cases_that_arrive_later_are_not_missed_by_what_was_fetched_ahead(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("case_documents", [(1, "a"), (2, "b")])
        tx.flush()
        assert [tx.case_rows("case_documents", number) for number in (1, 2, 3)] == [[(1, "a")], [(2, "b")], []]
        tx.run("INSERT INTO case_documents VALUES (3, 'c'), (4, 'd')")
        tx.insert("case_documents", [(4, "e")])
        assert tx.case_rows("case_documents", 3) == [(3, "c")]
        assert tx.case_rows("case_documents", 4) == [(4, "d"), (4, "e")]


def test_a_very_long_buffer_is_stored_before_the_end(database: Database) -> None:
    statements: list[str] = []
    with database.transaction() as tx:
        database._debug_sql = lambda sql, seconds: statements.append(sql)
        tx.insert("case_documents", ((number, "d") for number in range(1, 50_001)))
        assert [sql[:11] for sql in statements] == ["INSERT INTO"]
        tx.insert("case_documents", [(50_001, "d")])
    with database.read() as tx:
        assert tx.rows("SELECT count(*), max(case_no) FROM case_documents") == [(50_001, 50_001)]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
_LINES = st.tuples(
    st.integers(1, 3),
    _TEXT,
    st.integers(1, 2**40),
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    st.decimals(Decimal(-(10**15)), Decimal(10**15), places=2),
    st.just("EUR"),
    _TEXT,
    st.none() | st.decimals(Decimal(-1000), Decimal(1000), places=2),
    _TEXT,
    _TEXT,
    _TEXT,
    st.none() | st.integers(1, 500),
    st.none() | st.just("[1.0, 2.0, 3.0, 4.0]"),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.lists(_LINES, min_size=1, max_size=6), copies=st.sampled_from([1, 300]))
def test_few_rows_and_many_rows_are_stored_exactly(database: Database, lines: list[Row], copies: int) -> None:
    """Few go as list parameters, many as a frame; both must keep every digit, null and character."""
    many = lines * copies
    with database.transaction() as tx:
        tx.execute("DELETE FROM transactions")
        tx.insert("transactions", many)
    with database.read() as tx:
        stored = tx.rows("SELECT * FROM transactions")
    assert sorted(map(repr, stored)) == sorted(map(repr, many))


def test_a_column_of_nulls_is_stored_as_nulls(database: Database) -> None:
    with database.transaction() as tx:
        tx.insert("opened_cases", [case_row(number, amount=None, term_months=None) for number in range(1, 1001)])
    with database.read() as tx:
        assert tx.rows("SELECT count(*), count(amount), count(term_months) FROM opened_cases") == [(1000, 0, 0)]


def test_a_row_of_the_wrong_length_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="case_documents has 2 columns"), database.transaction() as tx:
        tx.insert("case_documents", [(1, "a", "b")])


def test_a_frame_is_stored_by_its_column_names(database: Database) -> None:
    import pandas as pd

    with database.transaction() as tx:
        tx.insert_frame("documents", pd.DataFrame([_document("x")]))
        assert tx.rows("SELECT sha256, pages, size FROM documents") == [("x", None, 7)]


def _document(sha256: str) -> dict[str, object]:
    said = {"note": "", "name": "n", "kind": "image", "media_type": "image/png", "kind_confidence": 1.0, "signs": "[]"}
    return {"sha256": sha256, "size": 7} | said


def test_a_readers_file_is_attached_read_only_and_let_go(database: Database, tmp_path: Path) -> None:
    path, key = tmp_path / "incoming" / "rows.duckdb", secrets.token_hex(32)
    _hand_over(path, key)
    with database.transaction() as tx:
        name = tx.attach(path, key)
        tx.execute(f"INSERT INTO case_documents SELECT * FROM {name}.rows")
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            tx.run(f"DELETE FROM {name}.rows")
        tx.quietly("ROLLBACK")
        tx.quietly("BEGIN")
    with database.transaction() as tx:
        name = tx.attach(path, key)
        tx.execute(f"INSERT INTO case_documents SELECT * FROM {name}.rows")
    path.unlink()
    with database.read() as tx:
        assert tx.rows("SELECT * FROM case_documents ORDER BY case_no") == [(1, "a"), (2, "b")]
        assert tx.rows("SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'incoming%'") == []


def _hand_over(path: Path, key: str) -> None:
    child = duckdb.connect()
    child.execute(f"LOAD {literal(str(extension_file()))}")
    child.execute(f"ATTACH {literal(str(path))} AS o (ENCRYPTION_KEY '{key}')")
    child.execute("CREATE TABLE o.rows AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(case_no, sha256)")
    child.close()
