"""Opening and closing a workspace folder, and what is said when it cannot be opened."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters.cipher import AesGcmCipher
from app.domain.case import Case, Document
from app.errors import EnvironmentFault, InputError
from data.lock import WorkspaceInUse
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

AddCase = Callable[..., Case]
OpenFolder = Callable[..., "StoredWorkspace"]


def test_no_file_of_the_folder_holds_an_applicants_name(open_folder: OpenFolder, add_case: AddCase) -> None:
    content = "Applicant: Zinaida Quistgaard, 王芳".encode()
    digest = hashlib.sha256(content).hexdigest()
    workspace = open_folder()
    with workspace.transaction() as stores:
        case = add_case(stores)
        stores.documents.add(case.id, Document(digest, "Quistgaard.txt", "x", "text/plain", len(content)), content)
    for moment in ("open", "closed"):
        files = [path for path in workspace.path.rglob("*") if path.is_file()]
        assert len(files) > 2
        for path in files:
            data = path.read_bytes()
            for secret in ("Quistgaard", "王芳"):
                assert secret.encode() not in data, f"{path} ({moment})"
                assert secret not in str(path)
        workspace.close()


def test_a_second_opening_names_the_first_and_asks_for_no_key(workspace: StoredWorkspace) -> None:
    from data.workspace import open_workspace

    def ask(path: Path) -> bytes:
        raise AssertionError("asked for the key of a workspace that is in use")

    with pytest.raises(WorkspaceInUse) as caught:
        open_workspace(workspace.path, ask, AesGcmCipher, clock=FixedClock())
    assert caught.value.pid == os.getpid()


def test_a_refused_key_leaves_every_byte_as_it_was(open_folder: OpenFolder, add_case: AddCase) -> None:
    from data.workspace import open_workspace

    workspace = open_folder()
    with workspace.transaction() as stores:
        add_case(stores)
    workspace.close()
    before = _contents(workspace.path)

    def refuse(path: Path) -> bytes:
        raise InputError("passphrase", "The passphrase is wrong.")

    with pytest.raises(InputError, match="wrong"):
        open_workspace(workspace.path, refuse, AesGcmCipher, clock=FixedClock())
    assert _contents(workspace.path) == before
    with open_folder().read() as stores:
        assert stores.cases.count() == 1


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "lock"}


def test_what_a_killed_process_left_for_passing_on_is_deleted(open_folder: OpenFolder) -> None:
    workspace = open_folder()
    left = [workspace.incoming / "rows.duckdb", workspace.path / "tmp" / "half.part"]
    for path in left:
        path.write_bytes(b"left over")
    workspace.close()
    again = open_folder()
    assert not any(path.exists() for path in left)
    assert again.incoming.is_dir()


def test_a_lost_database_is_told_and_not_made_anew(open_folder: OpenFolder) -> None:
    workspace = open_folder()
    digest = hashlib.sha256(b"x").hexdigest()
    with workspace.transaction() as stores:
        stores.documents.add(None, Document(digest, "x", "x", "x", 1), b"x")
    workspace.close()
    (workspace.path / "workspace.duckdb").unlink()
    with pytest.raises(EnvironmentFault, match="missing") as caught:
        open_folder()
    assert "backup" in caught.value.remedy
    assert not (workspace.path / "workspace.duckdb").exists()


def test_a_damaged_database_is_told_and_the_lock_let_go(open_folder: OpenFolder) -> None:
    workspace = open_folder()
    workspace.close()
    file = workspace.path / "workspace.duckdb"
    good = file.read_bytes()
    file.write_bytes(os.urandom(len(good)))
    with pytest.raises(EnvironmentFault, match="damaged"):
        open_folder()
    file.write_bytes(good)
    open_folder()


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    from data.workspace import open_workspace

    with pytest.raises(EnvironmentFault, match="There is no workspace") as caught:
        open_workspace(tmp_path / "nowhere", lambda path: bytes(32), AesGcmCipher, clock=FixedClock())
    assert "init" in caught.value.remedy
    assert not (tmp_path / "nowhere").exists()


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    from data.workspace import prepare_folder

    folder = prepare_folder(tmp_path / "new" / "workspace")
    assert folder.is_dir()
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert prepare_folder(folder) == folder


@pytest.mark.parametrize(("file", "words"), [("workspace.json", "workspace already"), ("thesis.odt", "not empty")])
def test_a_folder_with_something_in_it_is_not_taken(tmp_path: Path, file: str, words: str) -> None:
    from data.workspace import prepare_folder

    (tmp_path / file).write_text("x")
    with pytest.raises(EnvironmentFault, match=words):
        prepare_folder(tmp_path)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    from data.workspace import prepare_folder

    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        prepare_folder(tmp_path / "file")


def test_a_quote_in_the_folders_name_does_no_harm(tmp_path: Path, add_case: AddCase) -> None:
    from data.workspace import open_workspace

    folder = tmp_path / 'O\'Neil; DROP "x" 王'
    folder.mkdir()
    with open_workspace(folder, lambda path: bytes(32), AesGcmCipher, clock=FixedClock()) as workspace:
        with workspace.transaction() as stores:
            add_case(stores)
        with workspace.read() as stores:
            assert stores.cases.count() == 1


def test_it_knows_the_catalogue(workspace: StoredWorkspace) -> None:
    assert workspace.catalogue["income.net_monthly"].label["zh"]
    assert workspace.catalogue.prohibited("applicant.sex")
