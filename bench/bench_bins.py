"""Re-binning one characteristic after a change by hand, against counting its rows plainly.

    python bench/bench_bins.py [--rows 30000] [--rounds 30]

What the bin editor waits for: counts, weight of evidence, information value, Gini and shift of the new bins. The plain
way is the same count of the column's rows by ``pandas.cut`` and ``groupby``. Wanted: below 50 ms.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from app.domain.fitting import BinSpec  # noqa: E402
from local_models.modelling.rebinning import rebinned  # noqa: E402
from tests.fitted_card import EDGES, a_frame, prepared_of  # noqa: E402


def median_ms(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    frame = a_frame(given.rows)
    prepared = prepared_of(frame, list(np.arange(given.rows) % 3 == 0))
    spec = BinSpec(edges=EDGES, special=(-9.0,))
    bad = frame["outcome"] == "bad"
    ends = [-np.inf, *EDGES, np.inf]

    def plainly() -> object:
        return bad.groupby(pd.cut(frame["income"], ends, right=False), observed=False).agg(["sum", "count"])

    ours, plain = (median_ms(work, given.rounds) for work in (lambda: rebinned(prepared, "income", spec), plainly))
    print(f"{given.rows:,} rows: {ours:.1f} ms with all figures, {plain:.1f} ms counted plainly: {plain / ours:.2f}")


if __name__ == "__main__":
    main()
