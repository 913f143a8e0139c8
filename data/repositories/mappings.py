"""Column mappings remembered by the shape of the file."""

from __future__ import annotations

from data.transaction import Tx


class MappingRepository:
    """``ports.MappingStore`` over the table ``mappings``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, shape: str, toml: str) -> None:
        """Remember the mapping for files of that shape in place of an earlier one."""
        self._tx.flush(("mappings",))
        self._tx.run("DELETE FROM mappings WHERE shape = ?", [shape])
        self._tx.insert("mappings", [(shape, toml)])

    def get(self, shape: str) -> str | None:
        row = self._tx.row("SELECT toml FROM mappings WHERE shape = ?", [shape], reads=("mappings",))
        return None if row is None else str(row[0])
