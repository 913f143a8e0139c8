"""Challengers through the command line: added, chosen, run in shadow, and never in the way of a score."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from app.cli import run
from app.errors import EnvironmentFault
from local_models.challenger import model as runtime
from tests.challengers import write_small
from tests.cli.conftest import PERSON, SAMPLES
from views.strings import has_text, use_language

Ask = Callable[..., Any]
CODE = "score.challenger_disagrees"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A challenger that thinks ill of everybody."""
    out = tmp_path / "second.onnx"
    write_small(out, best=-6.0, worst=-6.0)
    return out


@pytest.fixture
def in_use(ask: Ask, file: Path) -> str:
    """It runs beside the scorecard in use."""
    sha256 = str(ask("challenger", "add", file)["sha256"])
    ask("challenger", "use", "second")
    return sha256


def findings(ask: Ask, case: str) -> list[dict[str, Any]]:
    return [each for each in ask("show", case)["findings"] if each["code"] == CODE]


def test_a_file_is_added_listed_and_chosen(ask: Ask, file: Path) -> None:
    assert ask("challenger", "list") == {"challengers": []}
    added = ask("challenger", "add", file)
    assert (added["name"], added["added_by"], added["rows"], added["in_shadow"]) == ("second", PERSON, 100, [])
    assert ask("challenger", "add", file) == added, "a second time changes nothing"
    chosen = ask("challenger", "use", added["sha256"][:8])
    assert (chosen["scorecard"], chosen["challenger"]["sha256"]) == ("credit-data", added["sha256"])
    assert chosen["challenger"]["person"] == PERSON
    (listed,) = ask("challenger", "list")["challengers"]
    assert [use["scorecard"] for use in listed["in_shadow"]] == ["credit-data 1.0.0"]
    assert ask("challenger", "use", "--none")["challenger"] is None
    assert ask("challenger", "list")["challengers"][0]["in_shadow"] == []


def test_what_cannot_be_used_is_refused(ask: Ask, refused: Callable[..., str], file: Path) -> None:
    assert "keeps no challenger 'second'" in refused("challenger", "use", "second")
    assert "No challenger runs beside credit-data 1.0.0" in refused("challenger", "use", "--none")
    assert "No challenger runs beside" in refused("challenger", "shadow", "--all")
    file.with_name("second.onnx.sha256").unlink()
    assert "SHA-256 is not known" in refused("challenger", "add", file)


def test_a_score_has_the_challenger_beside_it_and_its_disagreement_is_a_finding(ask: Ask, in_use: str) -> None:
    bare = ask("score", "good")
    assert bare["challenger"]["score"]["sha256"] == in_use
    assert bare["challenger"]["disagreement"] == "worse"
    (found,) = findings(ask, "good")
    assert (found["stance"], found["detail"]) == ("neutral", "worse")
    assert ask("show", "good")["challenger"] == bare["challenger"]


def test_it_has_no_part_in_score_policy_and_letters(ask: Ask, file: Path) -> None:
    before = ask("score", "contradicting-income")
    reasons = ask("show", "contradicting-income")
    ask("challenger", "add", file)
    ask("challenger", "use", "second")
    after = ask("score", "contradicting-income")
    beside = {"seconds", "challenger"}
    assert {k: v for k, v in after.items() if k not in beside} == {k: v for k, v in before.items() if k not in beside}
    assert (before["challenger"], after["challenger"]["disagreement"]) == (None, "worse")
    shown = ask("show", "contradicting-income")
    assert [each for each in shown["findings"] if each["code"] != CODE] == reasons["findings"]
    assert shown["facts"] == reasons["facts"]


def test_it_follows_a_new_fact(ask: Ask, tmp_path: Path) -> None:
    write_small(tmp_path / "years.onnx", best=6.0, worst=-6.0)
    ask("challenger", "add", tmp_path / "years.onnx")
    ask("challenger", "use", "second")
    ask("confirm", "good", "employment.seniority_years", "--value", "9", "--note", "Payslip")
    said = ask("show", "good")["challenger"]
    assert (said["disagreement"], findings(ask, "good")) == ("", [])
    ask("confirm", "good", "employment.seniority_years", "--value", "2", "--note", "Employer called")
    assert ask("show", "good")["challenger"]["disagreement"] == "worse"
    assert len(findings(ask, "good")) == 1


def test_an_imported_folder_has_it_beside_its_first_score(
    ask: Ask, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "new"))
    ask("init", tmp_path / "new", "--person", PERSON, "--no-keyring")
    sha256 = ask("challenger", "add", file)["sha256"]
    ask("challenger", "use", "second")
    ask("import", SAMPLES / "folders" / "good")
    assert ask("show", "good")["challenger"]["score"]["sha256"] == sha256
    assert len(findings(ask, "good")) == 1


def test_a_damaged_one_is_listed_and_put_right_by_its_file(
    ask: Ask, refused: Callable[..., str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runtime.Challenger, "content", property(lambda _: b"damaged", lambda *_: None), raising=False)
        ask("challenger", "add", file)
    assert ask("challenger", "list")["challengers"][0]["damaged"]
    assert "is damaged" in refused("challenger", "use", "second")
    assert not ask("challenger", "add", file)["damaged"]
    assert ask("challenger", "use", "second")["challenger"]["name"] == "second"


def test_a_bulk_score_leaves_it_out_and_says_so(ask: Ask, in_use: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--all"]) == 0
    assert "caseworth challenger shadow --all runs it" in capsys.readouterr().out
    row = ask("cases")["cases"][-1]["id"]
    assert ask("show", row)["challenger"] is None
    done = ask("challenger", "shadow", "--all")
    assert (done["scored"], done["unscored"]) == (len(ask("cases")["cases"]), 0)
    assert 0 < done["disagree"] <= done["scored"]
    assert ask("show", row)["challenger"]["score"]["sha256"] == in_use
    again = ask("challenger", "shadow", row)
    assert (again["scored"], again["problem"]) == (1, None)


def test_a_case_taken_out_of_shadow_loses_its_finding_when_scored(ask: Ask, in_use: str) -> None:
    ask("score", "good")
    assert findings(ask, "good")
    ask("challenger", "use", "--none")
    ask("score", "good")
    assert (findings(ask, "good"), ask("show", "good")["challenger"]) == ([], None)


@pytest.mark.parametrize("fault", ["runtime", "damaged"])
def test_a_challenger_that_cannot_run_is_told_once_and_the_score_stands(
    ask: Ask, in_use: str, fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> Any:
        if fault == "runtime":
            raise EnvironmentFault("It needs onnxruntime.", remedy="Install it.")
        raise ValueError("its trees have a loop")

    monkeypatch.setattr(runtime, "challenger_from", broken)
    capsys.readouterr()
    assert run(["import", str(SAMPLES / "folders" / "chinese"), str(SAMPLES / "folders" / "good")]) == 0
    assert run(["confirm", "good", "employment.seniority_years", "--value", "9", "--note", "x", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("The score stands; the challenger second did not run beside it.") == 1
    assert ask("score", "good")["challenger"] is None
    assert ask("show", "good")["score"]["points"] > 0


def test_a_decided_case_stays_as_judged_and_the_package_has_it_as_a_finding_only(
    ask: Ask, in_use: str, tmp_path: Path
) -> None:
    ask("draft", "good", "--model", "none")
    ask("decide", "good", "--outcome", "approve", "--reason", "Fits policy")
    out = tmp_path / "good.cwz"
    ask("export", "good", "--out", out)
    with zipfile.ZipFile(out) as package:
        texts = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".json")}
    assert CODE in texts["findings.json"]
    for name in ("decision.json", "facts.json", "scorecard.json", "policy.json"):
        assert in_use not in texts[name], name
        assert "challenger" not in texts[name], name
    assert all("challenger" not in code for code in json.loads(texts["decision.json"]).get("reason_codes", []))
    ask("challenger", "use", "--none")
    assert ask("challenger", "list")["challengers"][0]["in_shadow"] == []
    assert len(findings(ask, "good")) == 1
    assert ask("verify", out)["valid"]


def test_what_would_change_a_score_is_told(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    told = ask("changes", "contradicting-income")
    assert set(told) == {"case", "requested", "currency", "fits", "grade", "points", "best", "targets"}
    assert told["targets"]
    change = next(each for target in told["targets"] for each in target["changes"])
    assert {"amount", "term_months", "settled", "points", "grade", "pd", "fits", "rate_pct", "instalment"} <= set(
        change
    )
    assert run(["changes", "contradicting-income"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{told['points']} points, grade {told['grade']}" in lines[0]
    assert sum(line.startswith("to ") for line in lines) == len(told["targets"])


def test_the_history_has_words_for_what_happened() -> None:
    for language in ("en", "zh"):
        use_language(language)
        assert has_text("case.event.challenger.shadowed")
        assert has_text("case.event.challenger.forgotten")
    use_language("en")
