"""Lets DuckDB read bytes in memory as a file, so that a decrypted table never lies on a disk."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

PROTOCOL = "held"
ADDRESS = f"{PROTOCOL}://document"


def lay_open(db: duckdb.DuckDBPyConnection, content: bytes) -> str:
    """Give a connection the bytes under the address that is returned."""
    base = _file_system_class()
    db.register_filesystem(type("MemoryFiles", (_Answers, base), {"protocol": PROTOCOL, "content": content})())
    return ADDRESS


def _file_system_class() -> Any:
    """The class DuckDB insists on. It is of a package that is not needed otherwise: where absent, its name will do."""
    if "fsspec" not in sys.modules and find_spec("fsspec") is None:
        named: Any = ModuleType("fsspec")
        named.AbstractFileSystem = type("AbstractFileSystem", (), {})
        sys.modules["fsspec"] = named
    return import_module("fsspec").AbstractFileSystem


class _Answers:
    """What DuckDB asks of a file system; there is one file."""

    content: bytes

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        if mode != "rb":
            raise PermissionError("the document is only read")
        return io.BytesIO(self.content)

    def glob(self, path: str, **_: Any) -> list[str]:
        return [path]

    def unstrip_protocol(self, path: str) -> str:
        return path

    def size(self, path: str) -> int:
        return len(self.content)

    def exists(self, path: str, **_: Any) -> bool:
        return path == ADDRESS

    isfile = exists

    def isdir(self, path: str) -> bool:
        return False

    def modified(self, path: str) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)
