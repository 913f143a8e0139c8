"""Put a file in place in one step: either all of it is there, or what was there before."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from app.errors import EnvironmentFault


@contextlib.contextmanager
def staged(out: Path, what: str) -> Iterator[Callable[[bytes], None]]:
    """Give a function that writes beside ``out`` and forces it to the disk; a clean exit puts the file in place.

    Raises ``EnvironmentFault`` when it cannot be written; ``what`` names it in the message ("package").
    """
    part = out.with_name(f".{secrets.token_hex(8)}.part")

    def write(content: bytes) -> None:
        with _writing(out, what), part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    try:
        with _writing(out, what):
            if out.is_dir():
                raise IsADirectoryError(errno.EISDIR, "it is a folder")
        yield write
        with _writing(out, what):
            part.replace(out)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _writing(out: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise EnvironmentFault(
            f"The {what} could not be written to {out}: {exc.strerror or exc}.",
            remedy="Free some space there, or choose another file.",
        ) from exc
