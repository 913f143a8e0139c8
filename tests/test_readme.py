"""The README's first case is run as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from app.cli import run


def commands_under(heading: str, root: Path) -> list[list[str]]:
    """Arguments of each ``caseworth`` command of the first block under the heading, in order."""
    section = (root / "README.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1]
    block = re.findall(r"(?s)```\n(.*?)```", section)[0].replace("\\\n", " ")
    return [
        shlex.split(line, comments=True)[1:] for line in block.splitlines() if line.startswith(".venv/bin/caseworth")
    ]


def test_a_first_case_goes_from_folder_to_verified_package(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase").write_text("a passphrase of some words\n")
    (tmp_path / "data").symlink_to(root / "data")
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("CASEWORTH_WORKSPACE", "my-desk")
    monkeypatch.chdir(tmp_path)
    commands = commands_under("A first case in five minutes", root)
    assert [command[0] for command in commands] == [
        *("init", "import", "cases", "score", "draft", "decide", "export", "verify", "desk")
    ]
    for command in commands[:-1]:
        assert run(command) == 0, capsys.readouterr().err
    assert "VALID" in capsys.readouterr().out


def test_a_scorecard_of_ones_own_is_fitted_scores_and_is_written_as_sql(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optbinning")
    (tmp_path / "data").symlink_to(root / "data")
    monkeypatch.chdir(tmp_path)
    commands = commands_under("A scorecard of your own", root)
    assert [command[:2] for command in commands] == [["scorecard", verb] for verb in ("fit", "score", "sql")]
    for command in commands:
        assert run(command) == 0, capsys.readouterr().err
    assert len((tmp_path / "scored.csv").read_text().splitlines()) == 4455
    assert "CAST" in capsys.readouterr().out
