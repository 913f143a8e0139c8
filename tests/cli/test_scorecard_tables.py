"""``scorecard score``, ``sql``, ``pmml`` and ``import`` through the command line, without a workspace."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.cli import run
from tests.cli.conftest import SAMPLES
from tests.scorecards import a_bin, a_characteristic, a_document

TABLE = SAMPLES / "credit_data.csv"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A scorecard of columns of the sample table, none of them a fact."""
    seniority = [
        a_bin(10, **{"from": None, "to": "2"}),
        a_bin(30, **{"from": "2", "to": None}),
        a_bin(20, missing=True),
    ]
    home = [a_bin(40, categories=["owner"]), a_bin(12, categories=["rent", "parents"])]
    income = [a_bin(1, **{"from": None, "to": "124.5"}), a_bin(45, **{"from": "124.5", "to": None})]
    document = a_document(
        [
            a_characteristic("Seniority", "numeric", seniority, neutral=30, code="SEN"),
            a_characteristic("Home", "category", [*home, a_bin(25, missing=True, unseen=True)], neutral=40, code="HOM"),
            a_characteristic("Income", "numeric", [*income, a_bin(30, missing=True)], neutral=40, code="INC"),
        ]
    )
    path = tmp_path / "card.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command with ``--json`` where there is no workspace, and return its object."""
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "none"))
    monkeypatch.setenv("CASEWORTH_SCORECARDS", str(tmp_path / "own"))

    def asked(*arguments: object) -> Any:
        capsys.readouterr()
        ended = run(["scorecard", *map(str, arguments), "--json"])
        printed = capsys.readouterr()
        assert ended == 0, printed.err
        return json.loads(printed.out)

    return asked


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points_by_hand(row: dict[str, str]) -> int:
    home = {"owner": 40, "rent": 12, "parents": 12}.get(row["Home"], 25)
    income = 30 if not row["Income"] else 1 if float(row["Income"]) < 124.5 else 45
    return (10 if float(row["Seniority"]) < 2 else 30) + home + income


def test_a_table_is_scored_in_its_order(ask: Callable[..., Any], card: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    told = ask("score", card, TABLE, "--out", out)
    assert (told["scored"], told["identifier"], told["reasons_method"]) == (4454, "rownames", "neutral")
    found, table = rows_of(out), rows_of(TABLE)
    assert list(found[0]) == ["rownames", "score", "pd", "grade", "reason_1", "reason_2", "reason_3", "reason_4"]
    assert [row["rownames"] for row in found] == [row["rownames"] for row in table]
    assert [int(row["score"]) for row in found] == [points_by_hand(row) for row in table]


def test_reasons_by_the_maximum_and_their_points(ask: Callable[..., Any], card: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    ask("score", card, TABLE, "--out", out, "--no-identifier", "--reason-points")
    neutral = rows_of(out)[0]
    told = ask("score", card, TABLE, "--out", out, "--no-identifier", "--reason-points", "--reasons", "maximum")
    maximum = rows_of(out)[0]
    assert told["reasons_method"] == "maximum"
    assert told["identifier"] is None
    assert next(iter(neutral)) == "score"
    assert (neutral["reason_1"], neutral["reason_1_points"], neutral["reason_2"]) == ("HOM", "28", "")
    assert (maximum["reason_1"], maximum["reason_1_points"], maximum["reason_2"]) == ("HOM", "28", "")


def test_a_scorecard_of_the_lenders_own_is_found_by_name(ask: Callable[..., Any], card: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    card.rename(tmp_path / "own" / "house.json")
    assert ask("score", "house", TABLE, "--out", tmp_path / "scores.parquet")["scored"] == 4454
    assert ask("sql", "credit-data", "--dialect", "postgres")["dialect"] == "postgres"


def test_the_statement_scores_as_the_table(ask: Callable[..., Any], card: Path, tmp_path: Path) -> None:
    import duckdb

    out = tmp_path / "scores.csv"
    ask("score", card, TABLE, "--out", out)
    text = ask("sql", card, "--dialect", "duckdb", "--identifier", "rownames", "--out", tmp_path / "card.sql")["sql"]
    assert (tmp_path / "card.sql").read_text(encoding="utf-8") == text
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE applications AS FROM read_csv('{TABLE}', nullstr = [''])")
        found = db.execute(text).fetchall()
    assert [[str(cell) if cell is not None else "" for cell in row] for row in found] == [
        list(row.values()) for row in rows_of(out)
    ]


def test_a_scorecard_goes_out_as_pmml_and_comes_back(ask: Callable[..., Any], card: Path, tmp_path: Path) -> None:
    ask("pmml", card, "--out", tmp_path / "card.pmml")
    told = ask("import", tmp_path / "card.pmml", "--out", tmp_path / "back.json")
    assert told["characteristics"] == ["Seniority", "Home", "Income"]
    for name in (card, tmp_path / "back.json"):
        ask("score", name, TABLE, "--out", tmp_path / f"{name.stem}.csv")
    assert (tmp_path / "card.csv").read_text() == (tmp_path / "back.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("score", "house", TABLE, "--out", "x.csv"), "There is no scorecard house"),
        (("score", "credit-data", TABLE, "--out", "x.csv"), "lacks 8 columns"),
        (("score", "CARD", "none.csv", "--out", "x.csv"), "cannot be read"),
        (("score", "CARD", TABLE, "--out", "x.xlsx"), "neither .csv nor .parquet"),
        (("score", "CARD", TABLE, "--out", "x.csv", "--identifier", "loan"), "no column named 'loan'"),
        (("sql", "CARD", "--table", "a..b"), "no name of a table"),
        (("import", "CARD", "--out", "x.json"), "PMML"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    ask: Callable[..., Any],
    card: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[Any, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["scorecard", *(str(card) if each == "CARD" else str(each) for each in arguments), "--json"]
    assert run(given) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.json"]


def test_a_scorecard_of_the_register_is_found_by_name(
    ask: Callable[..., Any], card: Path, workspace: Path, tmp_path: Path
) -> None:
    document = json.loads(card.read_text(encoding="utf-8")) | {"name": "house"}
    with bootstrap.open_desk(workspace) as desk:
        desk.register.add(document)
    told = ask("score", "house", TABLE, "--out", tmp_path / "scores.csv", "--workspace", workspace)
    assert (told["scorecard"], told["scored"]) == ("house", 4454)
