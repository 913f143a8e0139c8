"""Broken workspaces, full disks and files that are something else: a clear answer, and nothing made worse."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.cli import run
from tests.cli.conftest import SAMPLES

Ask = Callable[..., Any]
Refused = Callable[..., str]


def every_byte(folder: Path) -> dict[str, str]:
    """Digest of each file by name, but for the lock, which holds the number of the last process."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def small_disk(folder: Path, size: str, *, more: str = "") -> Iterator[Path]:
    """A disk of that size; skips where none may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_wrong_passphrase_touches_nothing(
    refused: Refused, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = every_byte(workspace)
    (tmp_path / "wrong").write_text("correct horse battery stable\n")
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "wrong"))
    for command in (["cases"], ["score", "--all"], ["import", SAMPLES / "folders" / "good"], ["draft", "--all"]):
        assert "passphrase is wrong" in refused(*command)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "missing"))
    assert str(tmp_path / "missing") in refused("cases")
    assert every_byte(workspace) == before


@pytest.mark.parametrize("place", [0, 8, 100, 4096, 8200, 12288, "half", -4000])
def test_a_flipped_byte_of_the_database_is_told_or_harmless(
    ask: Ask, workspace: Path, capsys: pytest.CaptureFixture[str], place: int | str
) -> None:
    whole = ask("cases")
    database = workspace / "workspace.duckdb"
    content = bytearray(database.read_bytes())
    at = len(content) // 2 if place == "half" else int(place) % len(content)
    content[at] ^= 0xFF
    database.write_bytes(content)
    capsys.readouterr()
    status = run(["cases", "--json"])
    printed = capsys.readouterr()
    if status:
        assert (status, printed.out) == (3, "")
        assert str(database) in printed.err
        assert "backup" in printed.err
    else:
        assert json.loads(printed.out) == whole


@pytest.mark.parametrize("length", [0, 10, 4096, "half"])
def test_a_database_cut_short_is_told(refused: Refused, workspace: Path, length: int | str) -> None:
    database = workspace / "workspace.duckdb"
    size = database.stat().st_size
    os.truncate(database, size // 2 if length == "half" else int(length))
    message = refused("cases", status=3)
    assert str(database) in message
    assert "backup" in message


def test_a_missing_database_is_no_new_workspace(refused: Refused, workspace: Path) -> None:
    (workspace / "workspace.duckdb").unlink()
    assert "missing" in refused("cases", status=3)
    assert not (workspace / "workspace.duckdb").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}', None])
def test_a_damaged_key_file_is_told(refused: Refused, workspace: Path, content: bytes | None) -> None:
    path = workspace / "workspace.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert str(workspace) in refused("cases", status=3)


def test_a_newer_schema_is_refused(refused: Refused, workspace: Path) -> None:
    with bootstrap.open_desk(workspace) as desk, desk.workspace._database.transaction() as tx:  # type: ignore[attr-defined]
        tx.run("INSERT INTO schema_version VALUES (99, current_timestamp)")
    assert "newer version" in refused("cases", status=3)


def test_a_missing_original_is_named(refused: Refused, ask: Ask, workspace: Path) -> None:
    documents = {document["name"]: document["sha256"] for document in ask("show", "good")["documents"]}
    shutil.rmtree(workspace / "originals")
    message = refused("score", "good", status=3)
    assert documents["bureau.json"] in message
    assert "backup" in message
    assert ask("show", "good")["case"]["reference"] == "good", "what was read from it can still be seen"


def test_a_full_disk_stops_an_import_and_leaves_nothing_half_done(
    refused: Refused, ask: Ask, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "small", "9m") as disk:
        shutil.copytree(workspace, disk / "desk")
        monkeypatch.setenv("CASEWORTH_WORKSPACE", str(disk / "desk"))
        before = ask("cases")
        originals = sorted((disk / "desk" / "originals").rglob("*.bin"))
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
        mapping = ["--mapping", SAMPLES / "credit_data.toml"]
        message = refused("import", SAMPLES / "credit_data.csv", *mapping, status=3)
        assert "full" in message
        assert "space" in message
        (disk / "ballast").unlink()
        assert ask("cases") == before
        assert sorted((disk / "desk" / "originals").rglob("*.bin")) == originals
        assert ask("draft", "good", "--model", "none")["sentences"]


def test_a_full_disk_stops_drafting_and_exporting(
    refused: Refused, ask: Ask, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("draft", "good", "--model", "none")
    ask("decide", "good", "--outcome", "approve", "--reason", "The payslip carries the instalment.")
    with small_disk(tmp_path / "small", "9m") as disk:
        shutil.copytree(workspace, disk / "desk")
        monkeypatch.setenv("CASEWORTH_WORKSPACE", str(disk / "desk"))
        whole = ask("show", "good")
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 20_000))
        assert "full" in refused("draft", "--all", status=3)
        refused("export", "good", "--out", disk / "good.cwz", status=3)
        assert sorted(path.name for path in disk.iterdir()) == ["ballast", "desk"]
        (disk / "ballast").unlink()
        assert ask("show", "good") == whole
        assert ask("export", "good", "--out", disk / "good.cwz")["size"] > 1000


def test_a_workspace_that_cannot_be_written_is_told(refused: Refused, workspace: Path) -> None:
    bind = ["mount", "--bind", str(workspace), str(workspace)]
    if not shutil.which("mount") or subprocess.run(bind, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(workspace)], check=True)
        message = refused("cases", status=3)
        assert str(workspace) in message
        assert "write" in message
    finally:
        subprocess.run(["umount", str(workspace)], check=True)


def test_a_second_process_is_told_who_has_it(refused: Refused, workspace: Path, root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from app import bootstrap\n"
        "with bootstrap.open_desk(Path(sys.argv[1])):\n    print('open', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code, str(workspace)]
    with subprocess.Popen(arguments, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        message = refused("score", "--all", status=3)
        assert f"process {first.pid}" in message
        first.communicate("")
    assert run(["cases"]) == 0


def test_a_model_of_another_digest_is_not_loaded(
    refused: Refused, ask: Ask, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "house.gguf").write_bytes(b"GGUF" + bytes(1000))
    (models / "models.toml").write_text(
        '[[model]]\nname = "house"\nfile = "house.gguf"\nlicence = "MIT"\n' + f'sha256 = "{"0" * 64}"\n'
    )
    monkeypatch.setenv("CASEWORTH_MODELS", str(models))
    message = refused("draft", "good", "--model", "house", status=3)
    assert str(models / "house.gguf") in message
    assert "SHA-256" in message
    assert "none" in message, "what to do"
    assert "no model called" in refused("draft", "good", "--model", "other")
    report = ask("show", "good")["report"]
    assert report["model"] is None, "the report by rule stands all the same"
    assert {sentence["author"] for sentence in report["sentences"]} == {"rule"}


def test_a_package_goes_only_where_a_file_can_stand(
    refused: Refused, ask: Ask, workspace: Path, tmp_path: Path
) -> None:
    ask("draft", "good", "--model", "none")
    assert "no decision" in refused("export", "good", "--out", tmp_path / "good.cwz")
    ask("decide", "good", "--outcome", "approve", "--reason", "The payslip carries the instalment.")
    for out in (tmp_path, tmp_path / "none" / "good.cwz", workspace / "workspace.json" / "good.cwz"):
        assert str(out) in refused("export", "good", "--out", out, status=3)
    assert ask("show", "good")["case"]["status"] == "decided", "a failed export seals nothing"
    (tmp_path / "good.cwz").write_text("an older file")
    ask("export", "good", "--out", tmp_path / "good.cwz")
    assert ask("verify", tmp_path / "good.cwz")["valid"]
    assert not list(tmp_path.glob(".*.part"))


def junk(folder: Path) -> Iterator[Path]:
    """Files that are no packages."""
    contents = {
        "empty": b"",
        "text": b"hello\n",
        "zeros": bytes(100_000),
        "pk": b"PK\3\4",
        "pdf": (SAMPLES / "folders" / "good" / "payslip.pdf").read_bytes(),
        "json": b'{"format": "cwz/1"}',
        "deep": b"[" * 200_000,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        yield folder / name
    with zipfile.ZipFile(folder / "other.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("../../out.txt", "x")
        archive.writestr("bomb", bytes(50_000_000))
    yield folder / "other.zip"


def test_junk_is_no_package(ask: Ask, refused: Refused, workspace: Path, tmp_path: Path) -> None:
    for path in junk(tmp_path):
        found = ask("verify", path, status=1)
        assert not found["valid"]
        assert found["problems"], path
    for path in (tmp_path, tmp_path / "missing.cwz", Path("/dev/null")):
        assert str(path) in refused("verify", path)
    assert not (tmp_path.parent / "out.txt").exists()
