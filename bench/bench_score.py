"""Scoring 1,000,000 applications by the generated SQL, against a statement written by hand for the same scorecard.

    python bench/bench_score.py [--rows 1000000] [--runs 5]

The rows are the real applications over and over, their amounts shifted a little each time. All statements run in turn,
several times, in one process; the medians and their ratio to the statement by hand are printed, and so is the seconds
of ``score_all`` in an encrypted workspace of the same rows. Exits 1 if a total differs for another reason than a ratio
that lies within rounding of a bin's end. Then one case by itself, and ``score_frames.py``: as many rows in memory,
against optbinning and what one writes by hand.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.score import score_bins  # noqa: E402 (the path is set above)
from app.domain.scorecard import Scorecard  # noqa: E402
from bench.score_frames import compare  # noqa: E402
from data.catalogue import load_catalogue  # noqa: E402
from data.scorecard_files import load_scorecard  # noqa: E402
from data.scoring_sql import bins_sql, of_facts, of_values, score_columns, score_sql, total_sql  # noqa: E402

if TYPE_CHECKING:
    import duckdb

CSV = ROOT / "data" / "samples" / "credit_data.csv"
MOST_DIFFERENT = 0.02  # share of rows whose unrounded ratio may lie on the other side of a bin's end

MAKE_ROWS = """
CREATE TABLE applications AS
SELECT row_number() OVER () AS case_no,
       CAST(Seniority AS DECIMAL(9,2)) AS "employment.seniority_years",
       CASE Job WHEN 'partime' THEN 'parttime' ELSE Job END AS "employment.type",
       Records = 'yes' AS "history.adverse_records",
       CAST("Time" AS INTEGER) AS "request.term_months",
       CAST(round(Income * 10 * shift, 2) AS DECIMAL(18,2)) AS "income.net_monthly_stated",
       CAST(round(Expenses * 10 * shift, 2) AS DECIMAL(18,2)) AS "expenses.monthly_living",
       CAST(round(Assets * 10 * shift, 2) AS DECIMAL(18,2)) AS "assets.total",
       CAST(round(Amount * 10, 2) AS DECIMAL(18,2)) AS "request.amount",
       CAST(round(Price * 10 * shift, 2) AS DECIMAL(18,2)) AS "request.goods_price"
FROM (SELECT *, 1 + (n % 41) / 1000.0 AS shift
      FROM read_csv($file, nullstr = ['NA', '']), range($copies) AS copies(n))
LIMIT $rows
"""

# By hand, as an analyst would write it who has the points table of credit-data 1.0.0 before them: the total only.
BY_HAND = """
SELECT case_no,
    CASE WHEN "employment.seniority_years" IS NULL THEN 67 WHEN "employment.seniority_years" < 0.5 THEN 44
         WHEN "employment.seniority_years" < 2 THEN 50 WHEN "employment.seniority_years" < 3 THEN 55
         WHEN "employment.seniority_years" < 5 THEN 62 WHEN "employment.seniority_years" < 7 THEN 67
         WHEN "employment.seniority_years" < 11 THEN 74 WHEN "employment.seniority_years" < 16 THEN 82 ELSE 91 END
  + CASE WHEN "employment.type" = 'fixed' THEN 72 WHEN "employment.type" IN ('freelance', 'others') THEN 62
         WHEN "employment.type" IN ('parttime', 'unemployed') THEN 40 ELSE 66 END
  + CASE "history.adverse_records" WHEN true THEN 26 WHEN false THEN 74 ELSE 66 END
  + CASE WHEN cover IS NULL THEN 40 WHEN cover < 0.01 THEN 36 WHEN cover < 0.64 THEN 44 WHEN cover < 1.09 THEN 49
         WHEN cover < 1.81 THEN 57 WHEN cover < 2.41 THEN 64 WHEN cover < 3.31 THEN 72 WHEN cover < 6.02 THEN 76
         ELSE 83 END
  + CASE WHEN income IS NULL THEN 59 WHEN income < 7.7 THEN 70 WHEN income < 9.48 THEN 67
         WHEN income < 12.25 THEN 64 WHEN income < 13.7 THEN 63 WHEN income < 15.71 THEN 60
         WHEN income < 20.1 THEN 58 ELSE 54 END
  + CASE WHEN assets IS NULL THEN 65 WHEN assets < 1.89 THEN 53 WHEN assets < 2.51 THEN 59
         WHEN assets < 3.09 THEN 64 WHEN assets < 3.7 THEN 69 WHEN assets < 8.3 THEN 74 WHEN assets < 11.6 THEN 81
         ELSE 87 END
  + CASE WHEN financed IS NULL THEN 66 WHEN financed < 42 THEN 86 WHEN financed < 57.12 THEN 81
         WHEN financed < 68.25 THEN 74 WHEN financed < 74.75 THEN 70 WHEN financed < 84.27 THEN 62
         WHEN financed < 93.44 THEN 56 WHEN financed < 99.36 THEN 51 ELSE 46 END
  + CASE WHEN "request.term_months" IS NULL THEN 66 WHEN "request.term_months" < 15 THEN 91
         WHEN "request.term_months" < 20 THEN 84 WHEN "request.term_months" < 30 THEN 77
         WHEN "request.term_months" < 33 THEN 72 WHEN "request.term_months" < 40 THEN 64
         WHEN "request.term_months" < 60 THEN 62 ELSE 63 END AS points
FROM (SELECT *,
             ("income.net_monthly_stated" - "expenses.monthly_living") * "request.term_months"
                 / "request.amount" AS cover,
             "request.amount" / nullif("income.net_monthly_stated", 0) AS income,
             "assets.total" / "request.amount" AS assets,
             100 * "request.amount" / "request.goods_price" AS financed
      FROM applications)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    import duckdb

    card = load_scorecard("credit-data", load_catalogue())
    with duckdb.connect() as connection:
        copies = options.rows // 4454 + 1
        connection.execute(MAKE_ROWS, {"file": str(CSV), "copies": copies, "rows": options.rows})
        if not agree(connection, card):
            return 1
        seconds = timed(connection, statements(connection, card), options.runs)
        frame = connection.execute("SELECT * FROM applications ORDER BY case_no").df()
    report(seconds, options.rows)
    print(f"score_all in an encrypted workspace, pd, grade and bins stored   {workspace_seconds(frame, card):8.3f} s")
    print(f"one case, told in full   {1000 * case_seconds(card):8.2f} ms (mark: 2)")
    return 0 if compare(options.rows, options.runs) else 1


def case_seconds(card: Scorecard, runs: int = 200) -> float:
    """Median seconds to score one case's values and tell the score."""
    import duckdb

    values = {"employment.seniority_years": Decimal(9), "employment.type": "freelance", "request.term_months": 60}
    found = []
    with duckdb.connect() as connection:
        for _ in range(runs):
            started = time.perf_counter()
            (bins,) = connection.execute(bins_sql(card, of_values(card, [values]))).fetchall()
            score_bins(card, bins, {})
            found.append(time.perf_counter() - started)
    return statistics.median(found)


def statements(connection: duckdb.DuckDBPyConnection, card: Scorecard) -> dict[str, str]:
    columns = {name: kind for (name, kind, *_) in connection.execute("DESCRIBE applications").fetchall()}
    relation = of_facts(card, "applications", columns, keys=("case_no",))
    full = score_sql(card, relation, keys=("case_no",))
    return {
        "total, by hand": BY_HAND,
        "total, generated": total_sql(card, relation, keys=("case_no",)),
        "points, pd, grade and bins, generated": f"SELECT case_no, points, pd, grade, bins FROM ({full})",
        "all of it with the reasons, generated": full,
    }


def agree(connection: duckdb.DuckDBPyConnection, card: Scorecard) -> bool:
    """Whether both totals are the same, but for ratios that rounding to two decimals takes over a bin's end."""
    generated = statements(connection, card)["total, generated"]
    both = f"({BY_HAND}) AS h JOIN ({generated}) AS g USING (case_no)"
    counted = f"SELECT count(*), count(*) FILTER (h.points <> g.points) FROM {both}"
    rows, different = connection.execute(counted).fetchall()[0]
    print(f"{rows:,} rows; {different:,} totals differ, where a ratio lies within rounding of a bin's end")
    if different > MOST_DIFFERENT * rows:
        print("The statement by hand no longer tells the points of the shipped scorecard: write it anew.")
    return bool(different <= MOST_DIFFERENT * rows)


def timed(connection: duckdb.DuckDBPyConnection, queries: dict[str, str], runs: int) -> dict[str, float]:
    """Median seconds to store the answer of each query; the queries take turns."""
    found: dict[str, list[float]] = {name: [] for name in queries}
    for _ in range(runs):
        for name, query in queries.items():
            connection.execute("DROP TABLE IF EXISTS answer")
            started = time.perf_counter()
            connection.execute(f"CREATE TABLE answer AS {query}")
            found[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in found.items()}


def report(seconds: dict[str, float], rows: int) -> None:
    base = next(iter(seconds.values()))
    print(f"{'':44} {'median s':>10} {'rows/s':>12} {'to by hand':>11}")
    for name, taken in seconds.items():
        print(f"{name:44} {taken:10.3f} {rows / taken:12,.0f} {taken / base:10.2f}x")


def workspace_seconds(frame: Any, card: Scorecard) -> float:
    """Seconds of ``score_all`` over the rows in an encrypted workspace, storing included."""
    from app.adapters.cipher import AesGcmCipher
    from app.usecases.score_case import score_all
    from data.repositories.tables import add_fact_columns
    from data.workspace import open_workspace
    from tests.doubles import FixedClock

    names = [name for name in score_columns(card) if name in frame.columns]
    rows = frame[["case_no", *names]].assign(table_no=1, row=frame["case_no"] + 1, opened=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(Path(folder), lambda _: bytes(32), AesGcmCipher, clock=FixedClock()) as workspace,
    ):
        with workspace._database.transaction() as tx:  # noqa: SLF001 (rows without files)
            tx.insert("application_tables", [(1, "d" * 64, "table", "instalment-loan", "EUR", 2026)])
            add_fact_columns(tx, workspace.catalogue, names)
            tx.insert_frame("application_rows", rows)
        return score_all(workspace, card, clock=FixedClock()).seconds


if __name__ == "__main__":
    sys.exit(main())
