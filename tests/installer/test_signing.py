"""The signing hook hands files to a command, and stops the build where that fails."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installer.recipes import recipe

signing = recipe("signing")


def command(tmp_path: Path, *, code: int = 0) -> str:
    script = tmp_path / "sign it.py"
    script.write_text(f"import sys\nopen({str(tmp_path / 'log')!r}, 'a').write(repr(sys.argv[1:]))\nsys.exit({code})\n")
    return shlex.join([sys.executable, str(script), "--with", "a b"])


def test_each_file_is_put_behind_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORTH_SIGN_LINUX", command(tmp_path))
    assert signing.main(["LINUX", "one file", "two"]) == 0
    assert (tmp_path / "log").read_text() == "['--with', 'a b', 'one file']['--with', 'a b', 'two']"


def test_without_a_command_nothing_is_signed_and_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASEWORTH_SIGN_MACOS", raising=False)
    assert signing.main(["MACOS", "a", "b"]) == 0
    assert "Not signed" in capsys.readouterr().err


def test_a_command_that_fails_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORTH_SIGN_LINUX", command(tmp_path, code=3))
    with pytest.raises(SystemExit, match=r"Signing one failed: .* ended with code 3"):
        signing.main(["LINUX", "one", "two"])
    assert (tmp_path / "log").read_text().count("[") == 1


def test_a_command_that_is_not_there_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORTH_SIGN_LINUX", "/nowhere/sign")
    with pytest.raises(SystemExit, match="CASEWORTH_SIGN_LINUX cannot be run"):
        signing.main(["LINUX", "one"])


def test_an_unknown_system_is_told(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, root / "packaging/signing.py", "BEOS", "x"], capture_output=True, check=False
    )
    assert done.returncode == 2
