"""A prepared workspace, copied for each test that changes it, and the commands over it."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.adapters import keys
from app.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
ROWS = 300
PERSON = "Vera Prüfer"


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first real applications as a table of their own, with its mapping beside it."""
    folder = tmp_path_factory.mktemp("table")
    with (SAMPLES / "credit_data.csv").open(encoding="utf-8") as source:
        (folder / "credit.csv").write_text("".join(itertools.islice(source, ROWS + 1)), encoding="utf-8")
    shutil.copy(SAMPLES / "credit_data.toml", folder / "credit.toml")
    return folder / "credit.csv"


def remembered(derive: Callable[[str, Mapping[str, Any]], bytes]) -> Callable[[str, Mapping[str, Any]], bytes]:
    """The derivation of the key, done once for a passphrase: what it costs is the subject of other tests."""
    known: dict[tuple[str, str], bytes] = {}

    def derived(passphrase: str, kdf: Mapping[str, Any]) -> bytes:
        place = passphrase, json.dumps(kdf, sort_keys=True)
        if place not in known:
            known[place] = derive(passphrase, kdf)
        return known[place]

    return derived


DERIVED = remembered(keys._derived)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """A workspace with the sample folders and the table in it; left as it is."""
    home = tmp_path_factory.mktemp("cli")
    (home / "passphrase").write_text("correct horse battery staple\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "SCRYPT_N", 2**15)
        patch.setattr(keys, "_derived", DERIVED)
        patch.setenv("CASEWORTH_PASSPHRASE_FILE", str(home / "passphrase"))
        patch.setenv("CASEWORTH_WORKSPACE", str(home / "desk"))
        assert run(["init", str(home / "desk"), "--person", PERSON, "--no-keyring"]) == 0
        assert run(["import", *map(str, sorted((SAMPLES / "folders").iterdir()))]) == 0
        assert run(["import", str(table), "--mapping", str(table.with_suffix(".toml"))]) == 0
    return home


@pytest.fixture
def workspace(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that the test may change or break."""
    folder = tmp_path / "desk"
    shutil.copytree(prepared / "desk", folder)
    monkeypatch.setattr(keys, "_derived", DERIVED)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(prepared / "passphrase"))
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(folder))
    return folder


@pytest.fixture
def ask(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command with ``--json`` and return its object."""

    def asked(*arguments: object, status: int = 0) -> Any:
        capsys.readouterr()
        ended = run([*map(str, arguments), "--json"])
        printed = capsys.readouterr()
        assert ended == status, printed.err
        return json.loads(printed.out)

    return asked


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must be refused, and return what it says; nothing may be printed as if it were done."""

    def refusal(*arguments: object, status: int = 1) -> str:
        capsys.readouterr()
        ended = run([*map(str, arguments), "--json"])
        printed = capsys.readouterr()
        assert ended == status, printed
        assert printed.out == ""
        assert printed.err.startswith("caseworth: ")
        assert printed.err.count("\n") == 1, "one message, no trace"
        return printed.err

    return refusal
