"""The models of this machine from the command line, over a models folder of the test's own."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from local_models.catalogue import BUNDLED, BUNDLED_NAME
from tests.local_models.gguf_files import gguf, write

Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("CASEWORTH_MODELS", str(tmp_path / "models"))

    def asked(*arguments: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert run(["models", *map(str, arguments), "--json"]) == status
        said = capsys.readouterr()
        return json.loads(said.out) if status == 0 else said.err

    return asked


def test_the_list_names_the_installed_models_and_those_to_choose_from(ask: Ask) -> None:
    told = ask("list")
    assert [model["name"] for model in told["models"]] == [BUNDLED_NAME]
    assert len(told["known"]) > 5
    assert told["known"][0]["licence"] == "Apache-2.0"


def test_a_file_is_shown_imported_fitted_and_removed(ask: Ask, tmp_path: Path) -> None:
    stick = write(tmp_path / "House.gguf")
    shown = ask("show", stick)
    assert (shown["architecture"], shown["quantisation"], shown["licence"]) == ("llama", "Q4_0", "apache-2.0")
    assert (shown["context"], shown["listed"], shown["template_problem"]) == (8192, None, "")
    kept = ask("import", stick, "--name", "house")
    assert (kept["name"], kept["languages"], kept["sha256"]) == ("house", [], shown["sha256"])
    assert ask("show", "house")["listed"]["problem"] == ""
    assert ask("hardware", "house")["fit"]["context"] == 4096
    assert ask("remove", "house")["removed"] == "house"
    assert [model["name"] for model in ask("list")["models"]] == [BUNDLED_NAME]


def test_a_file_that_was_changed_after_import_is_told(ask: Ask, tmp_path: Path) -> None:
    kept = Path(ask("import", write(tmp_path / "House.gguf"))["file"])
    kept.write_bytes(gguf({"general.name": "Another"}))
    assert "SHA-256" in ask("show", "house")["listed"]["problem"]
    kept.unlink()
    (listed,) = [model for model in ask("list")["models"] if not model["bundled"]]
    assert "cannot be read" in listed["problem"]


def test_malformed_files_and_unknown_names_end_with_status_one(ask: Ask, tmp_path: Path) -> None:
    assert "does not begin with GGUF" in ask("import", write(tmp_path / "m.gguf", b"PK" * 40), status=1)
    assert "no model called" in ask("show", "nobody", status=1)
    assert "part of the desk" in ask("remove", BUNDLED_NAME, status=1)
    assert "needs a model" in ask("hardware", "--measure", status=1)


def test_the_machine_is_told_without_a_model(ask: Ask) -> None:
    told = ask("hardware")
    assert told["fit"] is None
    assert told["machine"]["memory"] > 0


@pytest.mark.parametrize("words", [["list"], ["show", BUNDLED_NAME], ["hardware", BUNDLED_NAME]])
@pytest.mark.model
def test_people_get_lines(words: list[str], ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", *words]) == 0
    assert "{" not in capsys.readouterr().out.split("chat template")[0]


@pytest.mark.model
@pytest.mark.skipif(not BUNDLED.file.exists(), reason="the bundled model is not fetched")
def test_the_bundled_model_is_qualified_compared_and_told_in_the_package(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase").write_text("correct horse battery staple\n")
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "desk"))
    folder = Path(__file__).resolve().parents[2] / "data" / "samples" / "folders" / "good"
    for words in (["init", str(tmp_path / "desk"), "--no-keyring"], ["import", str(folder)]):
        assert run(words) == 0
    record = ask("qualify", BUNDLED_NAME, "--language", "en")
    assert (record["sha256"], record["admitted"]) == (BUNDLED.sha256, ["en"])
    assert record["memory"] > BUNDLED.file.stat().st_size // 2
    beside = ask("compare", BUNDLED_NAME, BUNDLED_NAME, "--case", "good")
    assert [model["accepted"] > 0 for model in beside["models"]] == [True, True]
    assert all(one == other for one, other in (row["wordings"] for row in beside["sentences"]))
    for words in (["draft", "good"], ["decide", "good", "--outcome", "approve", "--reason", "Income carries it."]):
        assert run(words) == 0
    assert run(["export", "good", "--out", str(tmp_path / "good.cwz")]) == 0
    with zipfile.ZipFile(tmp_path / "good.cwz") as package:
        model = json.loads(package.read("model.json"))
    told = json.loads(base64.b64decode(model["qualification"]["payload"]))
    assert (told["sha256"], told["admitted"], told["at"]) == (model["model"]["sha256"], ["en"], record["at"])
    assert run(["verify", str(tmp_path / "good.cwz")]) == 0
