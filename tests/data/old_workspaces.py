"""Workspaces as released versions left them; ``workspaces/make.py`` tells how they were made."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import duckdb

from app.adapters.keys import unlock_key
from data.database import encryption_key_text, extension_file

PASSPHRASE = "an old workspace"
FIXTURES = Path(__file__).parent / "workspaces"
SCHEMAS = sorted(int(path.stem.removeprefix("schema-")) for path in FIXTURES.glob("schema-*.zip"))


def put_together(schema: int, folder: Path) -> bytes:
    """Make the workspace of that schema version in ``folder``, encrypted as it was, and return its key."""
    with zipfile.ZipFile(FIXTURES / f"schema-{schema:03}.zip") as archive:
        archive.extractall(folder)
    key = unlock_key(folder / "workspace.json", lambda new: PASSPHRASE)
    written_out = folder / "database"
    with duckdb.connect() as db:
        db.execute(f"LOAD '{extension_file()}'")
        attach = f"(ENCRYPTION_KEY '{encryption_key_text(key)}', ENCRYPTION_CIPHER 'GCM')"
        db.execute(f"ATTACH '{folder / 'workspace.duckdb'}' AS ws {attach}")
        db.execute("USE ws")
        _run_all(db, (written_out / "schema.sql").read_text().split(";;"))
        for file in sorted(written_out.glob("*.parquet")):
            db.execute(f"INSERT INTO \"{file.stem}\" BY NAME FROM '{file}'")
        db.execute("USE memory")
        db.execute("DETACH ws")
    for file in written_out.iterdir():
        file.unlink()
    written_out.rmdir()
    return key


def expected(folder: Path) -> dict[str, Any]:
    """What the version that made it showed of it; takes the file away, which no workspace has."""
    file = folder / "expected.json"
    shown: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    return shown


def _run_all(db: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Views stand by name, and a view may read one that stands behind it."""
    waiting = [statement for statement in statements if statement.strip()]
    while waiting:
        left = []
        for statement in waiting:
            try:
                db.execute(statement)
            except duckdb.CatalogException:
                left.append(statement)
        assert len(left) < len(waiting), left[0]
        waiting = left
