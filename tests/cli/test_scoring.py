"""Scoring through the command line: all at once and one by one come to the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from tests.cli.conftest import ROWS, SAMPLES

Ask = Callable[..., Any]
FOLDERS = len(list((SAMPLES / "folders").iterdir()))


def test_all_are_scored_and_counted(ask: Ask) -> None:
    run = ask("score", "--all")
    assert run["scored"] == len(ask("cases")["cases"]) == ROWS + FOLDERS
    assert isinstance(run["seconds"], float)
    assert ask("score", "--all")["scored"] == ROWS + FOLDERS, "again, over cases that are assessed already"


def test_one_by_one_is_as_all_at_once(ask: Ask, workspace: Path) -> None:
    """The score of the bulk, told in full, is that of the assessment of the case alone, to the fact and the reason."""
    ask("score", "--all")
    with bootstrap.open_desk(workspace) as desk:
        with desk.workspace.read() as stores:
            ids = list(stores.cases.ids())
            bulk = {case_id: stores.scores.get(case_id) for case_id in ids}
        desk.assess_many(ids)
        with desk.workspace.read() as stores:
            alone = {case_id: stores.scores.get(case_id) for case_id in ids}
    assert len(ids) == ROWS + FOLDERS
    for case_id in ids:
        told, whole = bulk[case_id], alone[case_id]
        assert told is not None
        assert whole is not None
        assert told.to_json() | {"characteristics": None, "reasons": None} == whole.to_json() | {
            "characteristics": None,
            "reasons": None,
        }
        assert [(row.name, row.bin, row.points) for row in told.characteristics] == [
            (row.name, row.bin, row.points) for row in whole.characteristics
        ]
        assert [row.reason_code for row in told.reasons] == [row.reason_code for row in whole.reasons]


def test_the_full_score_of_one_case(ask: Ask) -> None:
    score = ask("score", "over-indebted")
    assert score["scored"] == 1
    assert score["points"] == sum(row["points"] for row in score["characteristics"])
    assert 0 < Decimal(score["pd"]) < 1
    assert 1 <= len(score["reasons"]) <= 4
    assert len({row["reason_code"] for row in score["reasons"]}) == len(score["reasons"])
    assert all(row["lost"] > 0 for row in score["reasons"])
    assert score["policy"]["outcome"] == "decline"


def test_reasons_by_the_maximum_go_into_score_and_decision(ask: Ask) -> None:
    neutral = ask("score", "over-indebted")
    maximum = ask("score", "over-indebted", "--reasons", "maximum")
    assert (neutral["reasons_method"], maximum["reasons_method"]) == ("neutral", "maximum")
    assert maximum["points"] == neutral["points"]
    lost = {row["name"]: row["maximum_points"] - row["points"] for row in maximum["characteristics"]}
    assert {row["name"]: row["lost"] for row in maximum["reasons"]}.items() <= lost.items()
    assert [row["lost"] for row in maximum["reasons"]] == sorted(lost.values(), reverse=True)[:4]
    assert maximum["sha256"] != neutral["sha256"], "the method is part of the scorecard that scored"
    assert ask("show", "over-indebted")["score"]["reasons_method"] == "maximum"
    told = ask(
        "decide", "over-indebted", "--outcome", "decline", "--reason", "Instalments leave too little to live on."
    )
    assert told["decision"]["reasons_method"] == "maximum"


def card(root: Path, change: Callable[[dict[str, Any]], object], out: Path) -> Path:
    """The shipped scorecard after a change."""
    document = json.loads((root / "data" / "scorecards" / "credit-data.json").read_text(encoding="utf-8"))
    change(document)
    out.write_text(json.dumps(document), encoding="utf-8")
    return out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("grades"), "grades"),
        (lambda d: d["characteristics"][0].update(name="applicant.sex"), "applicant.sex"),
        (lambda d: d["characteristics"][0].update(name="applicant.age"), "prohibited"),
        (lambda d: d["characteristics"][0]["bins"][0].update(points="many"), "points"),
        (lambda d: d.update(format="caseworth-scorecard/99"), "format"),
    ],
)
def test_a_scorecard_that_cannot_be_used_scores_nothing(
    refused: Callable[..., str],
    ask: Ask,
    root: Path,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    said: str,
) -> None:
    path = card(root, change, tmp_path / "card.json")
    message = refused("score", "--all", "--scorecard", path)
    assert str(path) in message
    assert said in message
    assert "no scorecard" in refused("score", "good", "--scorecard", "house")
    assert all(case["points"] is None for case in ask("cases")["cases"] if case["reference"].isdigit())
