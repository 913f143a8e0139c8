"""Fairness of a table on disk: the Boston study's known picture, candidates, and options that do not suit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from app.usecases.measure_fairness import FairnessReport, MeasureFairness, measure_fairness
from data.fairness_tables import FairnessFiles
from tests.scorecards import a_bin, a_characteristic, a_document

HEADER = ("group", "sex", "score", "out", "x", "y")


def a_table(path: Path) -> Path:
    """400 rows: y tells good from bad as well as x, and does not know the group."""
    rows = []
    for at in range(400):
        group = ("a", "b")[at % 2] if at < 390 else ""
        bad = at % 5 == 0
        x = (1 if bad else 2) + (0 if group == "a" else 1)
        rows.append((group, ("f", "m")[at // 2 % 2], 500 + 100 * x, int(bad), x, 1 if at % 7 == 0 else 0 if bad else 1))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return a_table(tmp_path / "applications.csv")


def by(column: str, *edges: str, points: tuple[int, ...]) -> Scorecard:
    """A scorecard over one numeric column."""
    ends = [None, *edges, None]
    bins = [a_bin(given, **{"from": low, "to": high}) for given, low, high in zip(points, ends, ends[1:], strict=False)]
    bins[0]["missing"] = True
    return read_scorecard(a_document([a_characteristic(column, "numeric", bins)], name=f"by-{column}"))


@pytest.fixture
def measure(table: Path) -> Callable[..., FairnessReport]:
    def measured(**given: Any) -> FairnessReport:
        usual: dict[str, Any] = {"table": table, "protected": ("group",), "reference": ("b",)}
        return measure_fairness(MeasureFairness(**(usual | given)), FairnessFiles())

    return measured


def test_a_score_column_and_its_cut_off(measure: Any) -> None:
    report = measure(score="score", approve_above=700, target="out", bad="1")
    (column,) = report.columns
    assert column.reference.value == "b"
    assert column.reference.approved == 195
    (first, missing) = column.groups
    assert first.group.approved == first.group.good == 156
    assert first.air is not None
    assert first.air.value == pytest.approx(0.8)
    assert first.equal_opportunity is not None
    assert first.equal_opportunity.value == 0
    assert (missing.group.value, missing.group.cases, missing.air) == (None, 10, None)


def test_a_parquet_file_is_the_same_as_its_csv(measure: Any, table: Path, tmp_path: Path) -> None:
    """Outcomes kept as 0.0 and 1.0, a missing group and a missing score."""
    import duckdb

    path = tmp_path / "applications.parquet"
    columns = 'nullif("group", \'\') AS "group", sex, CAST(score AS DOUBLE) AS score, CAST(out AS DOUBLE) AS out'
    duckdb.sql(f"COPY (SELECT {columns} FROM read_csv('{table}', all_varchar = true)) TO '{path}'")
    given = {"score": "score", "approve_above": 700, "target": "out", "bad": "1"}
    assert measure(**given, table=path) == measure(**given)


def test_a_pd_is_approved_from_below(measure: Any) -> None:
    above, below = measure(score="score", approve_above=700), measure(score="score", approve_below=600)
    assert above.approved + below.approved == above.rows


def test_a_scorecard_scores_the_table_itself(measure: Any) -> None:
    card = by("x", "2", "3", points=(0, 10, 20))
    report = measure(scorecard=card, approve_above=10)
    assert report.columns[0].groups[0].group.approved == 156


def test_candidates_at_the_same_number_of_approvals(measure: Any) -> None:
    fair = by("y", "1", points=(0, 10))
    report = measure(
        scorecard=by("x", "2", "3", points=(0, 10, 20)),
        approve_above=10,
        target="out",
        bad="1",
        candidates=(("fair", fair),),
        auc_loss=0.5,
    )
    own, other = report.alternatives
    assert own.air is not None
    assert other.air is not None
    assert own.air == pytest.approx(0.8)
    assert other.air > 0.95
    assert report.best is other
    assert other in report.front
    assert json.loads(json.dumps(report.to_json()))["alternatives"]["best_within_auc_loss"] == "fair"


def test_several_columns_take_their_own_reference(measure: Any) -> None:
    report = measure(protected=("group", "sex"), reference=("b", "m"), score="score", approve_above=700)
    named = measure(protected=("group", "sex"), reference=("sex=m", "group=b"), score="score", approve_above=700)
    assert report == named
    assert [column.reference.value for column in report.columns] == ["b", "m"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "who is approved"),
        ({"score": "score"}, "cut-off"),
        ({"score": "score", "approve_above": 1, "approve_below": 1}, "cut-off"),
        ({"score": "nothing", "approve_above": 1}, "nothing"),
        ({"score": "group", "approve_above": 1}, "no score"),
        ({"score": "score", "approve_above": 1, "reference": ("c",)}, "'c'"),
        ({"score": "score", "approve_above": 1, "protected": ("group", "sex"), "reference": ("b",) * 3}, "2 protected"),
        ({"decision": "out"}, "--approved"),
        ({"decision": "out", "approved": "0", "target": "out", "bad": "1"}, "its own outcome"),
        ({"decision": "out", "approved": "yes"}, "'yes'"),
        ({"score": "score", "approve_above": 1, "target": "out"}, "together"),
        ({"score": "score", "approve_above": 1, "target": "out", "bad": "9"}, "'9'"),
        ({"score": "score", "approve_above": 1, "candidates": (("c", None),)}, "Candidates"),
    ],
)  # fmt: skip
def test_options_that_do_not_suit_are_refused(measure: Any, given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        measure(**given)


# The command, on the Boston Fed's study of mortgage applications of 1990


@pytest.fixture
def boston(shared_data: Path) -> Path:
    path = shared_data / "tables" / "boston_hmda" / "aer_hmda_boston.csv"
    if not path.is_file():
        pytest.skip("boston_hmda is not there")
    return path


def test_boston_minority_applicants_were_denied_three_times_as_often(
    boston: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Munnell and others, American Economic Review 86 (1996): 28 % of the minority, 10 % of the white were denied."""
    capsys.readouterr()
    asked = ["fairness", str(boston), "--decision", "deny", "--approved", "no", "--protected", "afam"]
    assert run([*asked, "--reference", "no", "--json"]) == 0
    column = json.loads(capsys.readouterr().out)["protected"][0]
    black, white = column["groups"][0], column["reference"]
    assert (black["cases"], white["cases"]) == (339, 2041)
    assert black["denial_rate"] == pytest.approx(0.283, abs=0.001)
    assert white["denial_rate"] == pytest.approx(0.093, abs=0.001)
    ratio = black["adverse_impact_ratio"]
    assert ratio["value"] == pytest.approx(0.790, abs=0.002)
    assert ratio["low"] < 0.8 < ratio["high"]
    assert black["four_fifths"] == "open"


def test_boston_a_scorecard_that_never_saw_race_is_measured_with_it(
    boston: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ratio = a_characteristic(
        "pirat", "numeric", [a_bin(60, **{"from": None, "to": "0.3"}), a_bin(50, **{"from": "0.3", "to": "0.4"}),
                             a_bin(10, **{"from": "0.4", "to": None}, missing=True)],
    )  # fmt: skip
    history = a_characteristic(
        "chist", "numeric", [a_bin(60, **{"from": None, "to": "2"}), a_bin(40, **{"from": "2", "to": "4"}),
                             a_bin(10, **{"from": "4", "to": None}, missing=True)],
    )  # fmt: skip
    files = []
    for name, rows in (("both", [ratio, history]), ("ratio", [ratio]), ("history", [history])):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(a_document(rows, name=name)), encoding="utf-8")
    capsys.readouterr()
    asked = ["fairness", str(boston), "--scorecard", str(files[0]), "--approve-above", "80", "--protected", "afam"]
    asked += ["--reference", "no", "--target", "deny", "--bad", "yes"]
    asked += ["--candidate", str(files[1]), "--candidate", str(files[2]), "--auc-loss", "0.02", "--json"]
    assert run(asked) == 0
    data = json.loads(capsys.readouterr().out)
    group = data["protected"][0]["groups"][0]
    assert group["standardised_mean_difference"]["high"] < 0
    assert group["equal_opportunity_difference"] is not None
    found = data["alternatives"]
    assert [one["name"] for one in found["candidates"]] == ["both", "ratio", "history"]
    assert max(found["candidates"], key=lambda one: one["auc"]["value"])["name"] == "both"
    assert found["pareto_front"][0] == "both"
    assert found["best_within_auc_loss"] in [one["name"] for one in found["candidates"]]
