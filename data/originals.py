"""The originals of a workspace: each file encrypted under its SHA-256, written whole or not at all.

A file is ``originals/<first two digits>/<SHA-256>.bin``: the magic, then records of a 4-byte big-endian length and that
many sealed bytes, each record 1 MiB of the original. A record is bound to the digest, its number and whether it is the
last, so that nothing can be cut off, moved or exchanged unnoticed.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.errors import EnvironmentFault
from app.ports import Cipher
from data.database import disk_full

MAGIC = b"CWO1"
CHUNK = 1 << 20
_LENGTH = struct.Struct(">I")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Originals:
    """The folder of encrypted originals; ``temporary`` lies on the same disk and holds what is being written."""

    def __init__(self, folder: Path, temporary: Path, cipher: Cipher) -> None:
        self._folder = folder
        self._temporary = temporary
        self._cipher = cipher

    def path(self, sha256: str) -> Path:
        """Where the original of that digest lies, or would."""
        return self._folder / sha256[:2] / f"{sha256}.bin"

    def put(self, sha256: str, content: bytes | Path) -> bool:
        """Keep an original; False when it was there already. Memory: a few chunks, whatever the size.

        Raises ``EnvironmentFault`` for a full disk, or when the content read is not of that digest (the file changed
        while it was read).
        """
        target = self.path(sha256)
        if target.exists():
            return False
        part = self._temporary / f"{secrets.token_hex(8)}.part"
        try:
            with _opened(content) as source, part.open("xb") as sink:
                self._seal(sha256, source, sink)
                sink.flush()
                os.fsync(sink.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            _sync_folder(target.parent)
        except OSError as exc:
            raise _write_fault(exc, target) from exc
        finally:
            part.unlink(missing_ok=True)
        return True

    def remove(self, sha256: str) -> None:
        """Delete an original whose transaction did not commit."""
        self.path(sha256).unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        """Return the decrypted original; raises ``EnvironmentFault`` when it is missing or damaged."""
        whole = io.BytesIO()
        for chunk in self.chunks(sha256):
            whole.write(chunk)
        return whole.getvalue()

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """Yield the decrypted original piece by piece; the digest is checked behind the last piece."""
        digest = hashlib.sha256()
        try:
            with self.path(sha256).open("rb") as file:
                for chunk in self._opened_records(sha256, file):
                    digest.update(chunk)
                    yield chunk
        except FileNotFoundError as exc:
            raise _fault(sha256, "is missing from the workspace folder") from exc
        except OSError as exc:
            raise _fault(sha256, f"cannot be read ({exc.strerror})") from exc
        if digest.hexdigest() != sha256:
            raise _fault(sha256, "is damaged")

    def _seal(self, sha256: str, source: BinaryIO, sink: BinaryIO) -> None:
        digest = hashlib.sha256()
        sink.write(MAGIC)
        chunk, number = source.read(CHUNK), 0
        while True:
            following = source.read(CHUNK)
            digest.update(chunk)
            sealed = self._cipher.seal(_record_name(sha256, number, last=not following), chunk)
            sink.write(_LENGTH.pack(len(sealed)) + sealed)
            if not following:
                break
            chunk, number = following, number + 1
        if digest.hexdigest() != sha256:
            raise EnvironmentFault(
                f"A file changed while it was being read (SHA-256 {sha256[:12]}… expected).", remedy="Import it again."
            )

    def _opened_records(self, sha256: str, file: BinaryIO) -> Iterator[bytes]:
        if file.read(len(MAGIC)) != MAGIC:
            raise _fault(sha256, "is damaged")
        number, sealed = 0, _record(sha256, file)
        while sealed is not None:
            following = _record(sha256, file)
            yield self._cipher.open(_record_name(sha256, number, last=following is None), sealed)
            number, sealed = number + 1, following
        if number == 0:
            raise _fault(sha256, "is damaged")


def _record(sha256: str, file: BinaryIO) -> bytes | None:
    head = file.read(_LENGTH.size)
    if not head:
        return None
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    if not 0 < length <= CHUNK + 64:
        raise _fault(sha256, "is damaged")
    return file.read(length)


def _record_name(sha256: str, number: int, *, last: bool) -> str:
    return f"original {sha256} {number}{' last' if last else ''}"


def _opened(content: bytes | Path) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last through a power cut, where folders can be opened (not on Windows)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_fault(exc: OSError, target: Path) -> EnvironmentFault:
    if exc.errno in _FULL:
        return disk_full(target.parent.parent)
    return EnvironmentFault(
        f"The original could not be kept under {target}: {exc.strerror or exc}.",
        remedy="Check that the file can be read and that the workspace folder can be written, and try again.",
    )


def _fault(sha256: str, what: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"The original {sha256} {what}.",
        remedy="Put back this file from the last backup of the workspace folder; what was read from it is kept.",
    )
