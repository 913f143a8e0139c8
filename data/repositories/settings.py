"""Settings of the workspace, text by key."""

from __future__ import annotations

from data.transaction import Tx


class SettingRepository:
    """``ports.SettingStore`` over ``settings``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, key: str, value: str) -> None:
        self._tx.run("DELETE FROM settings WHERE key = ?", [key])
        self._tx.run("INSERT INTO settings VALUES (?, ?)", [key, value])

    def get(self, key: str, default: str = "") -> str:
        row = self._tx.row("SELECT value FROM settings WHERE key = ?", [key], reads=())
        return default if row is None else str(row[0])
