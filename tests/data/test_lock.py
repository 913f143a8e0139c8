"""One process a workspace; a killed one leaves nothing to clear away."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.errors import EnvironmentFault
from data.lock import WorkspaceInUse, WorkspaceLock

HOLD = "import sys; from pathlib import Path; from data.lock import WorkspaceLock\n"
HOLD += "lock = WorkspaceLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


@contextmanager
def another_process(folder: Path, root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is killed or its input ends."""
    arguments = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_refused_and_told_the_first_ones_number(tmp_path: Path, root: Path) -> None:
    with another_process(tmp_path, root) as first:
        with pytest.raises(WorkspaceInUse, match=f"process {first.pid}") as caught:
            WorkspaceLock(tmp_path)
        assert caught.value.pid == first.pid
        assert isinstance(caught.value, EnvironmentFault)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_process_leaves_no_lock(tmp_path: Path, root: Path) -> None:
    with another_process(tmp_path, root) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        WorkspaceLock(tmp_path).release()


def test_a_file_left_behind_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("1\n")
    lock = WorkspaceLock(tmp_path)
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_the_same_process_cannot_open_it_twice(tmp_path: Path) -> None:
    lock = WorkspaceLock(tmp_path)
    with pytest.raises(WorkspaceInUse) as caught:
        WorkspaceLock(tmp_path)
    assert caught.value.pid == os.getpid()
    lock.release()
    lock.release()
    WorkspaceLock(tmp_path).release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path, root: Path) -> None:
    """The child outlives its parent, as a reader does whose desk was killed; the lock must not."""
    program = (
        "import os, sys, time; from pathlib import Path; from data.lock import WorkspaceLock\n"
        "lock = WorkspaceLock(Path(sys.argv[1]))\n"
        "child = os.fork()\n"
        "if child == 0: print(os.getpid(), flush=True)\n"
        "time.sleep(30); os._exit(0)"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        try:
            WorkspaceLock(tmp_path).release()
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be written") as caught:
        WorkspaceLock(tmp_path)
    assert caught.value.remedy


def test_a_disk_without_room_for_the_number_is_told_and_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(EnvironmentFault, match="No space left"):
            WorkspaceLock(tmp_path)
    WorkspaceLock(tmp_path).release()
