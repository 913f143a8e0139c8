"""Monitoring 1,000,000 scored cases with outcomes in an encrypted workspace.

    python bench/bench_monitor.py [--rows 1000000]

The cases are spread over twenty-four months of receipt, seven in ten have an outcome, and all have a decision. Prints
the seconds of each count and of the whole monitoring, and the seconds of importing the outcomes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.adapters.cipher import AesGcmCipher  # noqa: E402 (the path is set above)
from app.domain.outcomes import OutcomeReading  # noqa: E402
from app.domain.scorecard_format import read_scorecard  # noqa: E402
from app.usecases.import_outcomes import ImportOutcomes, import_outcomes  # noqa: E402
from app.usecases.monitor_scorecard import MonitorScorecard, monitor_scorecard  # noqa: E402
from app.usecases.score_case import score_all  # noqa: E402
from data.monitoring_limits import load_limits  # noqa: E402
from data.readers.client import Readers  # noqa: E402
from data.workspace import open_workspace  # noqa: E402
from tests.doubles import FixedClock  # noqa: E402

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

NOW = datetime(2027, 1, 31, tzinfo=UTC)
FACTS = {
    "employment.seniority_years": "CAST(hash(n, 1) % 300 / 10 AS DECIMAL(9,2))",
    "employment.type": "['fixed', 'parttime', 'freelance', 'others'][CAST(1 + hash(n, 2) % 4 AS BIGINT)]",
    "history.adverse_records": "hash(n, 3) % 6 = 0",
    "request.term_months": "CAST(12 + hash(n, 4) % 5 * 12 AS INTEGER)",
    "income.net_monthly_stated": "CAST(800 + hash(n, 5) % 4000 AS DECIMAL(18,2))",
    "expenses.monthly_living": "CAST(300 + hash(n, 6) % 900 AS DECIMAL(18,2))",
    "assets.total": "CAST(hash(n, 7) % 90000 AS DECIMAL(18,2))",
    "request.amount": "CAST(1000 + hash(n, 8) % 15000 AS DECIMAL(18,2))",
    "request.goods_price": "CAST(2000 + hash(n, 9) % 20000 AS DECIMAL(18,2))",
    "applicant.housing": "['owner', 'rent', 'parents'][CAST(1 + hash(n, 10) % 3 AS BIGINT)]",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as home:
        folder, clock = Path(home) / "workspace", FixedClock(NOW)
        folder.mkdir()
        with open_workspace(folder, lambda _: bytes(32), AesGcmCipher, clock=clock) as workspace:
            fill(workspace, rows)
            print(f"score_all: {score_all(workspace, scorecard(), clock=clock).seconds:.2f} s")
            outcomes(workspace, Path(home) / "outcomes.parquet", rows, clock)
            monitored(workspace, clock)
    return 0


def scorecard() -> Any:
    import json

    return read_scorecard(json.loads((ROOT / "data" / "scorecards" / "credit-data.json").read_text(encoding="utf-8")))


def fill(workspace: StoredWorkspace, rows: int) -> None:
    from data.repositories.tables import add_fact_columns

    with workspace._database.transaction() as tx:  # noqa: SLF001 (rows without files)
        add_fact_columns(tx, workspace.catalogue, FACTS)
        columns = ", ".join(f'"{name}"' for name in FACTS)
        tx.execute(
            "INSERT INTO opened_cases SELECT n + 1, 2025, 'L-' || n, NULL, ['instalment-loan', 'car'][1 + n % 2], "
            "1000, 'EUR', 24, CAST(DATE '2025-01-01' + INTERVAL (n * 24 // $rows) MONTH AS DATE), 'en', 'new' "
            "FROM range($rows) t(n)",
            {"rows": rows},
        )
        tx.execute(
            f"INSERT INTO application_rows (case_no, table_no, row, opened, {columns}) "
            f"SELECT n + 1, 1, n + 2, TRUE, {', '.join(FACTS.values())} FROM range({rows}) t(n)"
        )
        tx.execute(
            "INSERT INTO decisions SELECT n + 1, 1, CASE WHEN hash(n, 11) % 3 = 0 THEN 'decline' ELSE 'approve' END, "
            f"'Vera', TIMESTAMP '2025-02-01', '{{\"override\":null}}' FROM range({rows}) t(n)"
        )


def outcomes(workspace: StoredWorkspace, path: Path, rows: int, clock: FixedClock) -> None:
    import duckdb

    duckdb.sql(
        f"COPY (SELECT 'L-' || n AS reference, CASE WHEN hash(n, 12) % 100 < 12 THEN 120 ELSE 0 END AS dpd, "
        f"CAST(DATE '2025-01-01' + INTERVAL (n * 24 // {rows} + 1 + hash(n, 13) % 6) MONTH AS DATE) AS observed_on "
        f"FROM range({rows * 7 // 10}) t(n)) TO '{path}'"
    )
    with Readers() as readers:
        command = ImportOutcomes(path, "Vera", OutcomeReading())
        found = timed("outcomes import", lambda: import_outcomes(command, workspace, readers, clock=clock))
    print(f"  {found.added:,} added of {found.rows:,}")


def monitored(workspace: StoredWorkspace, clock: FixedClock) -> None:
    card = scorecard()
    with workspace.read() as stores:
        watch = stores.monitoring
        timed("scores by month and points", lambda: watch.scores(card.sha256))
        timed("bins by month", lambda: watch.bins(card))
        timed("segments", lambda: watch.segments(card.sha256, ["employment.type", "applicant.housing"], None))
        timed("decisions", lambda: watch.decisions(card.sha256, None))
        timed("follows", lambda: watch.follows(card.sha256))
    limits = load_limits()
    report = timed(
        "the whole monitoring", lambda: monitor_scorecard(MonitorScorecard(), workspace, limits, clock=clock)
    )
    print(
        f"  {report.scorecard.cases:,} cases, {len(report.months)} months, {len(report.readings)} figures with a light"
    )


def timed(what: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    found = work()
    print(f"{what:30} {time.perf_counter() - started:7.3f} s")
    return found


if __name__ == "__main__":
    sys.exit(main())
