"""``caseworth replay`` over real packages: identical, or what differs by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from data.phrases import FOLDER
from local_models import catalogue
from tests.usecases.test_export_package import parts_of

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples" / "folders"
needs_model = pytest.mark.skipif(
    not catalogue.BUNDLED.file.exists(), reason="the bundled model is not fetched: python -m local_models.fetch"
)
Replay = Callable[..., Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a package by rule (``rule.cwz``) and, where the model is here, one worded by it."""
    home = tmp_path_factory.mktemp("replay")
    (home / "passphrase").write_text("correct horse battery staple\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEWORTH_PASSPHRASE_FILE", str(home / "passphrase"))
        patch.setenv("CASEWORTH_WORKSPACE", str(home / "desk"))
        patch.setenv("CASEWORTH_MODELS", str(home / "models"))
        assert run(["init", str(home / "desk"), "--person", "Vera Prüfer", "--no-keyring"]) == 0
        assert run(["import", str(SAMPLES / "over-indebted"), str(SAMPLES / "chinese")]) == 0
        _sealed("chinese", home / "rule.cwz", "--model", "none")
        if catalogue.BUNDLED.file.exists():
            _sealed("over-indebted", home / "model.cwz")
        yield home


def _sealed(case: str, out: Path, *options: str) -> None:
    assert run(["draft", case, *options]) == 0
    assert run(["decide", case, "--outcome", "decline", "--override", "Seen.", "--reason", "As reported."]) == 0
    assert run(["export", case, "--out", str(out)]) == 0


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str]) -> Replay:
    def replayed(path: Path, *options: object, status: int = 0) -> Any:
        capsys.readouterr()
        found = run(["replay", str(path), *map(str, options), "--json"])
        said = capsys.readouterr()
        assert found == status, said.err
        return json.loads(said.out) if said.out else said.err

    return replayed


def state_of(result: Any, what: str) -> str:
    return str(next(setting["state"] for setting in result["settings"] if setting["what"] == what))


def test_a_draft_by_rule_comes_out_the_same(home: Path, replay: Replay) -> None:
    result = replay(home / "rule.cwz")
    assert result["identical"] is True
    assert (result["language"], result["differences"]) == ("zh", [])
    assert result["sentences"]["same"] > 8
    assert {setting["state"] for setting in result["settings"]} == {"same"}


@needs_model
def test_the_model_words_it_again_to_the_letter(home: Path, replay: Replay) -> None:
    result = replay(home / "model.cwz")
    assert result["identical"] is True
    assert [setting["what"] for setting in result["settings"]][3:7] == ["model", "runtime", "adapter", "style"]


@needs_model
def test_without_that_model_nothing_is_claimed_of_its_sentences(
    home: Path, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", replace(catalogue.BUNDLED, sha256="0" * 64))
    result = replay(home / "model.cwz", status=3)
    assert result["identical"] is None
    assert result["sentences"]["not_worded"] > 0
    assert state_of(result, "model") == "not installed"
    assert "0" * 64 in next(setting["note"] for setting in result["settings"] if setting["what"] == "model")


def test_another_phrase_book_is_named_with_the_sentence_it_changes(home: Path, replay: Replay, tmp_path: Path) -> None:
    said = replay(home / "rule.cwz")
    folder = tmp_path / "phrases"
    shutil.copytree(FOLDER, folder)
    chinese = folder / "zh.toml"
    text = chinese.read_text(encoding="utf-8")
    chinese.write_text(text.replace("。", "！"), encoding="utf-8")
    result = replay(home / "rule.cwz", "--phrases", folder, status=1)
    assert result["identical"] is False
    assert (state_of(result, "phrases"), state_of(result, "plan")) == ("differs", "differs")
    assert 0 < len(result["differences"]) <= said["sentences"]["same"]
    first = result["differences"][0]
    assert first["why"] == "the rule sentence differs"
    assert first["then"].replace("。", "！") == first["now"]


def test_a_damaged_package_is_refused(home: Path, replay: Replay, tmp_path: Path) -> None:
    data = bytearray((home / "rule.cwz").read_bytes())
    data[data.index(b'"findings"')] ^= 1
    (tmp_path / "damaged.cwz").write_bytes(data)
    assert "does not verify" in replay(tmp_path / "damaged.cwz", status=1)
    assert "cannot be read" in replay(tmp_path / "absent.cwz", status=1)


def inventory(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert run(["inventory", *arguments, "--json"]) == status
    out = capsys.readouterr().out
    return json.loads(out) if out else None


def test_the_inventory_finds_what_shaped_the_package(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = inventory(capsys, "list")["parts"]
    assert {part["kind"] for part in parts} >= {"model", "prompts", "phrases", "checks", "scorecard", "policy"}
    assert len({part["sha256"] for part in parts}) == len(parts)
    used = {part["kind"]: part for part in inventory(capsys, "list", "--in-use")["parts"] if part["cases"]}
    assert used["scorecard"]["cases"] >= used["policy"]["packages"] > 0
    assert used["phrases"]["packages"] > 0


def test_a_second_person_approves_and_the_next_package_tells_it(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["export", "chinese", "--out", str(tmp_path / "before.cwz"), "--json"]) == 0
    before = json.loads(capsys.readouterr().out)["inventory_warnings"]
    assert any("report-sentences" in warning and "not registered" in warning for warning in before)
    inventory(capsys, "register", "report-sentences", "--owner", "Risk", "--purpose", "Rule sentences")
    inventory(capsys, "approve", "report-sentences", status=1)
    approved = inventory(capsys, "approve", "report-sentences", "--person", "Bo Ek", "--valid-to", "2999-12-31")
    assert (approved["state"], approved["approval"]["person"]) == ("approved", "Bo Ek")
    assert run(["decide", "chinese", "--outcome", "decline", "--override", "Seen.", "--reason", "Again."]) == 1
    assert run(["export", "chinese", "--out", str(tmp_path / "after.cwz"), "--json"]) == 0
    assert not any("report-sentences" in text for text in json.loads(capsys.readouterr().out)["inventory_warnings"])
    told = json.loads(parts_of(tmp_path / "after.cwz")["model.json"])["governance"]
    states = {part["name"]: part["state"] for part in told["parts"]}
    assert states["report-sentences"] == "found", "as it stood when the case was decided"
    assert len(told["warnings"]) == len([state for state in states.values() if state != "approved"])
    retired = inventory(capsys, "retire", "report-sentences", "--reason", "reworded")
    assert retired["retired"]["reason"] == "reworded"
