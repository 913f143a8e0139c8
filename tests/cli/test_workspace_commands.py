"""``caseworth workspace``: backups made, listed and gone back to, from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.cli import run
from data import backups
from tests.data.old_workspaces import PASSPHRASE, SCHEMAS, put_together

Ask = Callable[..., Any]
Refused = Callable[..., str]


def test_a_backup_is_gone_back_to_and_what_was_done_since_is_kept(ask: Ask, workspace: Path) -> None:
    made = ask("workspace", "backup")
    before = ask("show", "good")["case"]
    with bootstrap.open_desk(workspace) as desk:
        desk.keep_setting("currency", "CHF")
    assert made["reason"] == "asked"
    done = ask("workspace", "restore", made["name"])
    assert done["restored"]["digest"] == made["digest"]
    with bootstrap.open_desk(workspace) as desk, desk.workspace.read() as stores:
        assert stores.settings.get("currency") != "CHF"
        assert stores.events.verify() is None
        rows = stores.events._tx.rows("SELECT what, detail FROM events ORDER BY seq DESC LIMIT 1")
    assert rows[0][0] == "workspace.restored"
    assert json.loads(rows[0][1]) == {"backup": made["digest"], "replaced": done["replaced"]["digest"]}
    assert ask("show", "good")["case"] == before
    names = [one["name"] for one in ask("workspace", "backups")["backups"]]
    assert names == [done["replaced"]["name"], made["name"]]
    ask("workspace", "restore", done["replaced"]["name"])
    with bootstrap.open_desk(workspace) as desk:
        assert desk.setting("currency") == "CHF"


def test_a_database_that_is_lost_or_damaged_is_put_back(ask: Ask, refused: Refused, workspace: Path) -> None:
    made = ask("workspace", "backup")
    database = workspace / "workspace.duckdb"
    database.write_bytes(b"\x00" * 20_000)
    refused("cases", status=3)
    ask("workspace", "restore", made["name"])
    assert ask("cases")["cases"]
    database.unlink()
    refused("cases", status=3)
    assert ask("workspace", "restore", made["path"])["replaced"] is None
    assert ask("cases")["cases"]


def test_a_backup_that_lies_elsewhere_is_brought_in(ask: Ask, workspace: Path, tmp_path: Path) -> None:
    made = ask("workspace", "backup")
    away = tmp_path / "stick" / made["name"]
    shutil.move(made["path"], away)
    assert ask("workspace", "backups")["backups"] == []
    ask("workspace", "restore", away)
    assert made["name"] in [one["name"] for one in ask("workspace", "backups")["backups"]]


def test_what_cannot_be_gone_back_to_is_told_and_changes_nothing(
    ask: Ask, refused: Refused, workspace: Path, tmp_path: Path
) -> None:
    made = ask("workspace", "backup")
    cases = ask("cases")
    assert "no backup" in refused("workspace", "restore", "yesterday")
    other = tmp_path / "other"
    shutil.copytree(made["path"], other)
    manifest = json.loads((other / "backup.json").read_text())
    (other / "backup.json").write_text(json.dumps(manifest | {"workspace": "another"}))
    assert "was changed or is damaged" in refused("workspace", "restore", other)
    (Path(made["path"]) / "workspace.duckdb").write_bytes(b"half")
    assert "not whole" in refused("workspace", "restore", made["name"], status=3)
    assert ask("cases") == cases


def test_the_backup_of_another_workspace_is_refused(refused: Refused, ask: Ask, workspace: Path) -> None:
    made = ask("workspace", "backup")
    manifest = Path(made["path"]) / "backup.json"
    stated = {name: value for name, value in json.loads(manifest.read_text()).items() if name != "digest"}
    stated["workspace"] = "f" * 32
    manifest.write_text(json.dumps(stated | {"digest": backups._sha256_of(stated)}))
    assert "another workspace" in refused("workspace", "restore", made["name"])


def test_a_workspace_that_is_open_is_not_copied(refused: Refused, workspace: Path) -> None:
    with bootstrap.open_desk(workspace):
        assert "open already" in refused("workspace", "backup", status=3)


def test_an_upgrade_is_told_once_with_the_place_of_the_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_together(SCHEMAS[0], tmp_path / "old")
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    assert run(["--workspace", str(tmp_path / "old"), "cases"]) == 0
    told = capsys.readouterr().err
    assert "was upgraded from schema 1 to" in told
    assert str(tmp_path / "old" / "backups") in told
    assert run(["--workspace", str(tmp_path / "old"), "cases"]) == 0
    assert capsys.readouterr().err == ""
