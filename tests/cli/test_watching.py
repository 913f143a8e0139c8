"""Outcomes, monitoring and the model document as a script meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.adapters.pades import check_pdf
from app.cli import run
from tests.cli.conftest import PERSON, ROWS, SAMPLES

Ask = Callable[..., Any]


@pytest.fixture
def outcomes(table: Path, tmp_path: Path) -> Path:
    """What became of the table's cases, by the lender's number, and one case nobody knows."""
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    places = [header.split(",").index(name) for name in ("rownames", "Status")]
    lines = [",".join(row.split(",")[place].strip('"') for place in places) + ",2026-09-30" for row in rows]
    path = tmp_path / "outcomes.csv"
    path.write_text(
        "\n".join(["reference,outcome,observed_on", *lines, "nobody,good,2026-09-30"]) + "\n", encoding="utf-8"
    )
    return path


def test_from_outcomes_to_lights(ask: Ask, outcomes: Path) -> None:
    ask("score", "--all")
    found = ask("outcomes", "import", outcomes)
    assert (found["rows"], found["added"], found["rejected"]) == (ROWS + 1, ROWS, 1)
    assert "nobody" in Path(found["rejects_file"]).read_text(encoding="utf-8-sig")
    again = ask("outcomes", "import", outcomes)
    assert (again["added"], again["unchanged"], again["rejected"]) == (0, ROWS, 1)
    report = ask("monitor", "--month", "undated")
    assert report["scorecard"]["name"] == "credit-data"
    assert report["performance"]["good"] == found["good"]
    assert report["performance"]["auc"]["low"] > 0.7
    assert report["months"][-1]["month"] == "undated"
    assert {row["name"] for row in report["characteristics"]} >= {"employment.type", "ratio.financed_pct"}
    assert not any("marital" in row["name"] for row in report["segments"])
    assert ask("monitor", "--month", "undated")["alerts"] == []


def test_own_thresholds_turn_the_lights(ask: Ask, tmp_path: Path, refused: Callable[..., str]) -> None:
    ask("score", "--all")
    own = tmp_path / "own.toml"
    own.write_text("[least]\ncases = 1\n[pd_drift]\namber = 0\nred = 0\n")
    report = ask("monitor", "--thresholds", own)
    assert {row["light"] for row in report["readings"] if row["measure"] == "pd_drift"} == {"red"}
    assert [alert["measure"] for alert in report["alerts"]].count("pd_drift") == 1
    own.write_text("[psi]\nred = 'x'\n")
    assert "psi.red" in refused("monitor", "--thresholds", own)


def test_monitoring_refuses_what_is_not_there(ask: Ask, refused: Callable[..., str]) -> None:
    ask("score", "--all")
    assert "2001-01" in refused("monitor", "--month", "2001-01")
    assert "nothing" in refused("monitor", "--scorecard", "nothing")


def test_outcomes_refuse_a_file_without_their_columns(refused: Callable[..., str], workspace: Path) -> None:
    said = refused("outcomes", "import", SAMPLES / "credit_data.csv", "--case", "rownames")
    assert "observed-on" in said or "observation" in said


def test_the_model_document_is_signed_by_the_person(ask: Ask, tmp_path: Path, outcomes: Path) -> None:
    ask("score", "--all")
    ask("outcomes", "import", outcomes)
    for language in ("en", "zh"):
        out = tmp_path / f"{language}.pdf"
        found = ask("scorecard", "document", "credit-data", "--out", out, "--language", language)
        assert found["monitored"]
        assert found["signer"]["person"] == PERSON
        status = check_pdf(out.read_bytes())
        assert (status.intact, status.valid, status.person) == (True, True, PERSON)


def test_lines_for_people(ask: Ask, outcomes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("score", "--all")
    assert run(["outcomes", "import", str(outcomes)]) == 0
    assert run(["monitor"]) == 0
    printed = capsys.readouterr().out
    assert f"{ROWS} new" in printed
    assert "credit-data 1.0.0" in printed


def test_fairness_needs_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "none"))
    asked = ["fairness", str(SAMPLES / "credit_data.csv"), "--decision", "Status", "--approved", "good"]
    asked += ["--protected", "Marital", "--reference", "married"]
    assert run([*asked, "--json"]) == 0
    column = json.loads(capsys.readouterr().out)["protected"][0]
    assert column["reference"]["value"] == "married"
    assert {group["value"] for group in column["groups"]} == {"single", "separated", "divorced", "widow", None}
    assert next(group for group in column["groups"] if group["value"] is None)["adverse_impact_ratio"] is None
    assert run(asked) == 0
    assert "impact ratio" in capsys.readouterr().out
