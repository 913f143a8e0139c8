"""Kill -9 while the program imports and drafts: what was committed is there, nothing is half-done, no repair by hand.

``--debug-sql`` tells each statement after it has run, so a ``COMMIT`` that was printed is an acknowledgement, and the
kill comes at a chosen statement however busy the machine is.
"""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from app import bootstrap
from app.adapters import keys
from app.cli import run
from tests.cli.conftest import DERIVED, ROWS, SAMPLES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
FOLDERS = sorted((SAMPLES / "folders").iterdir())


@dataclass(frozen=True)
class State:
    """What a workspace holds after it was opened again."""

    folders: frozenset[str]
    rows: int
    assessed: int
    reports: int
    events: int


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "passphrase").write_text("correct horse\n")
    monkeypatch.setattr(keys, "SCRYPT_N", 2**15)
    monkeypatch.setattr(keys, "_derived", DERIVED)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "desk"))
    assert run(["init", str(tmp_path / "desk"), "--no-keyring"]) == 0
    return tmp_path / "desk"


def killed_after(statements: int, delay: float, root: Path, *command: object) -> int:
    """Run a command, kill it ``delay`` seconds after that many statements, and return how often it had committed.

    No child may outlive it. A command that is done earlier ends by itself.
    """
    arguments = [sys.executable, "-m", "app", "--debug-sql", *map(str, command)]
    with subprocess.Popen(arguments, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = [line for _ in range(statements) if (line := process.stderr.readline())]
        time.sleep(delay)
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.send_signal(signal.SIGKILL)
        lines += process.stderr.read().split("\n")[:-1]
    assert process.returncode in (0, -signal.SIGKILL), lines[-1]
    assert not psutil.wait_procs(children, timeout=10)[1], "a child went on without its desk"
    return sum(line.rstrip().endswith(" ms  COMMIT") for line in lines)


def opened_again(folder: Path) -> State:
    """Open the workspace as anybody would, and see that everything in it is whole."""
    with bootstrap.open_desk(folder) as again, again.workspace.read() as stores:
        assert stores.events.verify() is None
        assert not [*(folder / "tmp").iterdir(), *(folder / "incoming").iterdir()]
        names, rows, assessed, reports, events = set(), 0, 0, 0, 0
        for case_id in stores.cases.ids():
            case, report = stores.cases.get(case_id), stores.reports.get(case_id)
            documents = stores.documents.of_case(case_id)
            if case.reference.isdigit():
                rows += 1
                assert len(documents) == 1
            else:
                names.add(case.reference)
                here = {path.name for path in (SAMPLES / "folders" / case.reference).iterdir()}
                assert {document.name for document in documents} == here, "a folder comes whole"
                for document in documents:
                    content = stores.documents.content(document.sha256)
                    assert hashlib.sha256(content).hexdigest() == document.sha256
            judged = (stores.scores.get(case_id), stores.policies.get(case_id), stores.findings.of_case(case_id))
            assert all(judged) or not any(judged), "assessed whole or not at all"
            assessed += all(judged)
            reports += report is not None
            assert (case.status.value == "drafted") == (report is not None)
            assert report is None or len(report.sentences) >= 4
            events += len(stores.events.of_case(case_id))
    return State(frozenset(names), rows, assessed, reports, events)


def grown(before: State, after: State) -> bool:
    """Whether all of the earlier state is still there."""
    return before.folders <= after.folders and all(
        getattr(before, name) <= getattr(after, name) for name in ("rows", "assessed", "reports", "events")
    )


def originals(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "originals").rglob("*.bin")}


Kill = Callable[..., int]


@pytest.fixture
def kill(root: Path) -> Kill:
    """Kills at random moments, the same ones at every run of the test."""
    chance = random.Random(20261121)

    def killed(first: int, last: int, longest: float, *command: object) -> int:
        return killed_after(chance.randrange(first, last), chance.uniform(0, longest), root, *command)

    return killed


def test_folders_come_whole_or_not_at_all(desk: Path, kill: Kill) -> None:
    state = opened_again(desk)
    for _ in range(3):
        commits = kill(8, 150, 0.02, "import", *FOLDERS)
        after = opened_again(desk)
        assert grown(state, after)
        assert len(after.folders) >= min(commits - 1, len(FOLDERS)), "a commit that was told is there"
        state = after
    assert run(["import", *map(str, FOLDERS)]) == 0
    done = opened_again(desk)
    assert done.folders == {path.name for path in FOLDERS}
    assert done.assessed == len(FOLDERS)
    assert originals(desk) == {hashlib.sha256(p.read_bytes()).hexdigest() for f in FOLDERS for p in f.iterdir()}


def test_a_table_comes_whole_or_not_at_all(desk: Path, kill: Kill, table: Path) -> None:
    command = ("import", table, "--mapping", table.with_suffix(".toml"))
    for longest in (0.0, 0.2, 0.02):
        commits = kill(6, 34, longest, *command)
        rows = opened_again(desk).rows
        assert rows in (0, ROWS)
        assert rows == ROWS or commits < 2
    assert run([*map(str, command)]) == 0
    assert opened_again(desk).rows == ROWS


def test_reports_by_rule_stand_whole(desk: Path, kill: Kill, table: Path) -> None:
    assert run(["import", str(FOLDERS[0]), str(table), "--mapping", str(table.with_suffix(".toml"))]) == 0
    state = opened_again(desk)
    for _ in range(3):
        commits = kill(7, 70, 0.05, "draft", "--all")
        after = opened_again(desk)
        assert grown(state, after)
        assert after.events >= state.events + max(0, commits - 1), "a commit that was told is there"
        state = after
    assert run(["draft", "--all"]) == 0
    assert opened_again(desk).reports == ROWS + 1


def test_a_report_stands_while_the_model_words_it(desk: Path, kill: Kill) -> None:
    """By rule from the first commit on; the wording takes its place whole. Without weights it stays by rule."""
    assert run(["import", *map(str, FOLDERS[:3])]) == 0
    for folder in FOLDERS[:3]:
        commits = kill(30, 33, 1.5, "draft", folder.name)
        state = opened_again(desk)
        assert state.reports >= (commits >= 2)
    for folder in FOLDERS[:3]:
        assert run(["draft", folder.name, "--model", "none"]) == 0
    assert opened_again(desk).reports == 3
