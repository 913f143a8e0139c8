"""One process a workspace: a lock of the operating system on the file ``lock``, which ends with the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import EnvironmentFault

_REGION = 1 << 20  # Windows locks bytes against reading too, so the locked one lies behind the number


class WorkspaceInUse(EnvironmentFault):
    """Another process has the workspace open; ``pid`` is its number, None when it cannot be read."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The workspace {folder} is open already, in {who}.",
            remedy="Use the window that is open, or close it first.",
        )
        self.pid = pid


class WorkspaceLock:
    """Held from construction to ``release``. Raises ``WorkspaceInUse`` when another holder has it.

    The file stays when the lock is released or its holder is killed: only the lock on it counts.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._file: int | None = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise _cannot_write(folder, exc) from exc
        if not _try_lock(self._file):
            pid = _read_pid(self._file)
            self._close()
            raise WorkspaceInUse(folder, pid)
        try:
            _write_pid(self._file)
        except OSError as exc:
            self._close()
            raise _cannot_write(folder, exc) from exc
        _HELD.add(self._file)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def release(self) -> None:
        """Let go; a second call does nothing."""
        if self._file is not None:
            _HELD.discard(self._file)
        self._close()


def _cannot_write(folder: Path, exc: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        f"The workspace {folder} cannot be written: {exc.strerror}.",
        remedy="Give yourself the right to write there, and see that its disk has room.",
    )


_HELD: set[int] = set()


def _close_in_child() -> None:
    """A forked child must not keep its parent's workspace locked after the parent was killed."""
    for file in _HELD:
        os.close(file)
    _HELD.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


def _write_pid(file: int) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, f"{os.getpid()}\n".encode())


def _read_pid(file: int) -> int | None:
    os.lseek(file, 0, os.SEEK_SET)
    text = os.read(file, 32).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        os.lseek(file, _REGION, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
