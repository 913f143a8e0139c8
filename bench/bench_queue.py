"""Page jumps and sorting in a queue of a million cases, against bare DuckDB giving the same rows by LIMIT and OFFSET.

The workspace is encrypted and joins cases, scores and policy results; the bare database is one plain table of the
same columns in an unencrypted file, the best case for it.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb

from app.adapters.cipher import AesGcmCipher
from app.ports import QueueQuery
from data.repositories.cases import HEAD_COLUMNS
from data.workspace import StoredWorkspace, open_workspace

CASES = 1_000_000
PAGE = 60
JUMPS = 40


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with open_workspace(folder, lambda path: bytes(range(32)), AesGcmCipher, clock=Clock()) as workspace:
            fill(workspace)
            with duckdb.connect(str(folder / "bare.duckdb")) as bare:
                bare.execute(f"CREATE TABLE heads AS SELECT {HEAD_COLUMNS} FROM ({heads_sql()})")
                compare(workspace, bare)


def compare(workspace: StoredWorkspace, bare: duckdb.DuckDBPyConnection) -> None:
    for name, query, order in (
        ("by number", QueueQuery(), ""),
        ("by points", QueueQuery(sort="points", descending=True), "ORDER BY points DESC NULLS LAST, case_no"),
        ("by applicant", QueueQuery(sort="applicant"), "ORDER BY lower(applicant), case_no"),
    ):
        started = time.perf_counter()
        queue = workspace.queue(query)
        opened = time.perf_counter() - started
        started = time.perf_counter()
        bare.execute(f"CREATE OR REPLACE TEMP TABLE answer AS SELECT * FROM heads {order}")
        report(f"open {name}", opened, time.perf_counter() - started)
        chance = random.Random(7)
        offsets = [chance.randrange(CASES - PAGE) for _ in range(JUMPS)]
        jump = median(queue_page := queue.page, offsets)
        limit = f"SELECT * FROM heads {order} LIMIT {PAGE} OFFSET "
        bare_jump = median(
            lambda at, _, sql=limit: bare.execute(sql + str(at)).fetchall(), offsets[: 40 if not order else 5]
        )
        report(f"jump {name}", jump, bare_jump)
        assert [case.id for case in queue_page(500_000, PAGE)] == bare_ids(bare, order)
        queue.close()


def bare_ids(bare: duckdb.DuckDBPyConnection, order: str) -> list[str]:
    rows = bare.execute(f"SELECT year, case_no FROM heads {order} LIMIT {PAGE} OFFSET 500000").fetchall()
    return [f"C-{year}-{case_no:06d}" for year, case_no in rows]


def median(page: Callable[[int, int], object], offsets: list[int]) -> float:
    """Median seconds of reading a page at each offset."""
    times = []
    for offset in offsets:
        started = time.perf_counter()
        page(offset, PAGE)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def report(name: str, seconds: float, bare: float) -> None:
    """A ratio above 1: the queue is that many times faster than bare DuckDB."""
    print(f"{name}: {seconds * 1000:.1f} ms, bare {bare * 1000:.1f} ms, ratio {bare / seconds:.2f} x", flush=True)


def heads_sql() -> str:
    """SQL for a million invented heads; the hashes scatter every column."""
    return f"""
        SELECT range + 1 AS case_no, 2026::SMALLINT AS year, 'R' || range AS reference,
               'Applicant ' || hash(range) % 100000 AS applicant, 'instalment-loan' AS product,
               (hash(range + 1) % 5000000 / 100)::DECIMAL(18, 2) AS amount, 'EUR' AS currency,
               (12 + range % 60)::INTEGER AS term_months,
               DATE '2026-01-01' + (hash(range + 2) % 300)::INTEGER AS received_on,
               'en' AS language, 'scored' AS status, (300 + hash(range + 3) % 300)::INTEGER AS points,
               (hash(range + 4) % 1000 / 10000)::DECIMAL(7, 6) AS pd,
               'ABCDE'[1 + (hash(range + 5) % 5)::INTEGER] AS grade,
               ['approve', 'refer', 'decline'][1 + (hash(range + 6) % 3)::INTEGER] AS policy_outcome
        FROM range({CASES})"""


def fill(workspace: StoredWorkspace) -> None:
    """Spread the heads over the tables they come from, by SQL: through the repositories it would take minutes."""
    with workspace._database.transaction() as tx:  # noqa: SLF001  no use case invents cases
        tx.execute(f"CREATE TEMP TABLE made AS {heads_sql()}")
        tx.execute("INSERT INTO application_tables VALUES (1, '', 'table', 'instalment-loan', 'EUR', 2026)")
        tx.execute(
            "INSERT INTO application_rows SELECT case_no, 1, case_no + 1, reference, FALSE, applicant, product, "
            "amount, term_months, received_on FROM made"
        )
        tx.execute(
            "INSERT INTO scores BY NAME SELECT case_no, 's' AS scorecard, '1' AS version, '' AS sha256, points, pd, "
            "grade FROM made"
        )
        tx.execute("INSERT INTO policy_results SELECT case_no, 'p', '1', policy_outcome, '{}', '' FROM made")


if __name__ == "__main__":
    main()
