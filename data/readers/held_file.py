"""Bytes in memory that the readers of files take for a file; nothing is written to disk."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Base = Path
else:
    _Base = type(Path())


class HeldFile(_Base):
    """Stands in for a path where a reader only asks for its size and opens it to read bytes."""

    content: bytes

    @classmethod
    def of(cls, content: bytes, name: str = "document") -> HeldFile:
        made = cls(name)
        made.content = content
        return made

    def open(self, *_: Any, **__: Any) -> Any:
        return io.BytesIO(self.content)

    def read_bytes(self) -> bytes:
        return self.content

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Only the size, and a time that tells these bytes from others."""
        return os.stat_result((0, 0, 0, 0, 0, 0, len(self.content), 0, id(self), 0))

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other
