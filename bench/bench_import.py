"""Import of a million applications against a bare ``CREATE TABLE AS`` of the same file, and how fast it is cancelled.

    python bench/bench_import.py [--rows N] [--rounds N]

The file has the columns and the values of the shipped sample, repeated under running numbers. Both sides run by turns.
The import goes through its child process, encrypts the original, checks every cell and commits to an encrypted
workspace; the bare side writes an unencrypted database. Prints seconds, the ratio of the medians (bare / import,
wanted: 0.5 or more) and the milliseconds from a cancel to its return (wanted: below 200).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from app.adapters.cipher import AesGcmCipher  # noqa: E402
from app.errors import Cancelled  # noqa: E402
from app.ports import Progress, no_progress  # noqa: E402
from app.usecases.import_files import ImportFiles, import_files  # noqa: E402
from data.readers.client import Readers  # noqa: E402

SAMPLE = ROOT / "data" / "samples" / "credit_data.csv"
MAPPING = ROOT / "data" / "samples" / "credit_data.toml"


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def write_table(path: Path, rows: int) -> None:
    """The sample's 4,454 rows as often as it takes, under running numbers."""
    duckdb.execute("SET enable_progress_bar = false")
    duckdb.execute(
        f"COPY (SELECT a.* REPLACE (r.range * 4454 + a.rownames::BIGINT AS rownames) "
        f"FROM read_csv('{SAMPLE}', all_varchar = true) a, range({rows // 4454 + 1}) r LIMIT {rows}) "
        f"TO '{path}' (HEADER)"
    )


def bare_seconds(table: Path, folder: Path) -> float:
    """DuckDB alone, into a database file of its own."""
    target = folder / "bare.duckdb"
    target.unlink(missing_ok=True)
    started = time.perf_counter()
    db = duckdb.connect(str(target))
    db.execute("SET enable_progress_bar = false")
    db.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{table}')")
    db.close()
    return time.perf_counter() - started


def import_seconds(table: Path, folder: Path, readers: Readers, rows: int, progress: Progress = no_progress) -> float:
    """The whole import into a new workspace; opening the workspace is not counted."""
    from data.workspace import open_workspace

    folder = Path(tempfile.mkdtemp(dir=folder))
    clock = _Clock()
    with open_workspace(folder, lambda _: bytes(32), AesGcmCipher, clock=clock) as workspace:
        readers.start()
        started = time.perf_counter()
        command = ImportFiles((table,), MAPPING, "bench")
        result = import_files(command, workspace, readers, clock=clock, progress=progress)
        seconds = time.perf_counter() - started
    if result.rows != rows:
        raise SystemExit(f"{result.rows} of {rows} rows went in")
    return seconds


def cancel_milliseconds(table: Path, folder: Path, readers: Readers, rows: int, after: str) -> float:
    """From the cancel, asked for in the named stage, until the import has returned with nothing stored."""
    asked: list[float] = []
    since: list[float] = []

    def progress(_: int, __: int | None, what: str) -> None:
        if what == after:
            since.append(time.perf_counter())
            if time.perf_counter() - since[0] > 0.1:
                asked.append(time.perf_counter())
                raise Cancelled

    try:
        import_seconds(table, folder, readers, rows, progress)
    except Cancelled:
        return (time.perf_counter() - asked[0]) * 1000
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Readers() as readers:
        folder = Path(name)
        table = folder / "applications.csv"
        write_table(table, given.rows)
        bare: list[float] = []
        ours: list[float] = []
        for _ in range(given.rounds):
            bare.append(bare_seconds(table, folder))
            ours.append(import_seconds(table, folder, readers, given.rows))
        cancels = {
            stage: cancel_milliseconds(table, folder, readers, given.rows, stage) for stage in ("rows", "storing")
        }
    ratio = statistics.median(bare) / statistics.median(ours)
    figures = {
        "rows": given.rows,
        "bare_s": [round(seconds, 2) for seconds in bare],
        "import_s": [round(seconds, 2) for seconds in ours],
        "ratio": round(ratio, 2),
        "cancel_ms": {stage: round(ms) for stage, ms in cancels.items()},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
