"""1,000,000 rows, 10 variables, 63 bins in memory: Caseworth's frame scorer, optbinning, and what one writes by hand.

Part of ``bench_score.py``. All of them score the same columns into the same whole points, in turn, in one process.
optbinning takes part where the extra ``modelling`` is installed; it fits the points, which otherwise are drawn.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from data.scorecard_files import SHIPPED, open_scorecard
from local_models.modelling.extra import quiet
from local_models.modelling.frame_scores import frame_points

if TYPE_CHECKING:
    import pandas as pd

BINS = (6, 6, 6, 6, 7, 7, 6, 7, 6, 6)  # of each variable, missing counted: 63
SAMPLE = 20_000  # rows optbinning fits on
OPTBINNING = "optbinning's score"
FOUR_TIMES, AT_MOST = 4.0, 1.3  # the marks: of optbinning's speed, of the best plain way's time

Way = Callable[[], Any]


def compare(rows: int, runs: int) -> bool:
    """Print seconds and ratios; False when two ways differ in a row's points."""
    frame, bad = make_frame(rows)
    ends = {
        name: np.quantile(frame[name].dropna(), np.linspace(0, 1, bins)[1:-1])
        for name, bins in zip(frame, BINS, strict=True)
    }
    fitted = optbinning_scorecard(frame, bad, ends)
    points = drawn_points(ends) if fitted is None else fitted_points(fitted, ends)
    card = scorecard_of(ends, points)
    ways = ways_of(frame, ends, points, card)
    if fitted is not None:
        ways[OPTBINNING] = lambda: fitted.score(frame)
    totals = {name: np.asarray(way()).astype(np.int64) for name, way in ways.items()}
    ours = totals["Caseworth, frame"]
    wrong = [name for name, total in totals.items() if (total != ours).any()]
    said = f"DIFFERENT: {', '.join(wrong)}" if wrong else "all ways agree"
    print(f"\n{rows:,} rows in memory, {len(ends)} variables, {sum(BINS)} bins; {said}")
    report(timed(ways, runs), rows)
    for name in ("Caseworth, frame", "numpy.digitize, one thread"):
        print(f"memory beside the frame, {name:42} {peak_mb(ways[name]):8.0f} MB")
    if fitted is None:
        print("optbinning is not installed (extra 'modelling'): left out")
    return not wrong


def make_frame(rows: int) -> tuple[pd.DataFrame, Any]:
    """Ten variables of different shapes, one value in twenty missing, and an outcome that follows from them."""
    import pandas as pd

    random = np.random.default_rng(20261121)
    columns, odds = {}, np.full(rows, 1.5)
    for at in range(len(BINS)):
        values = random.normal(size=rows) if at % 2 else random.lognormal(size=rows)
        odds += 0.3 * np.tanh(values)
        values = values * 1000
        values[random.random(rows) < 0.05] = np.nan
        columns[f"v{at}"] = values
    bad = random.random(rows) < 1 / (1 + np.exp(odds))
    return pd.DataFrame(columns), bad


def optbinning_scorecard(frame: pd.DataFrame, bad: Any, ends: dict[str, Any]) -> Any:
    """optbinning's scorecard with these bins, missing values by what was seen of them; None without optbinning."""
    try:
        with quiet():
            from optbinning import BinningProcess
            from optbinning import Scorecard as OptbinningScorecard
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return None
    given = {
        name: {"user_splits": list(cuts), "user_splits_fixed": [True] * len(cuts), "monotonic_trend": None}
        for name, cuts in ends.items()
    }
    process = BinningProcess(list(ends), binning_fit_params=given)
    scaling = {"pdo": 20, "odds": 30, "scorecard_points": 600}
    card = OptbinningScorecard(
        process, LogisticRegression(), scaling_method="pdo_odds", scaling_method_params=scaling, rounding=True
    )
    card.fit(frame.iloc[:SAMPLE], bad[:SAMPLE], metric_missing="empirical")
    return card


def fitted_points(fitted: Any, ends: dict[str, Any]) -> dict[str, list[int]]:
    """Points of each interval, then of missing."""
    table = fitted.table(style="detailed")
    found = {}
    for name, cuts in ends.items():
        points = table[table["Variable"] == name]["Points"].astype(int).tolist()
        found[name] = [*points[: len(cuts) + 1], points[-1]]  # the one before the last is of special values
    return found


def drawn_points(ends: dict[str, Any]) -> dict[str, list[int]]:
    random = np.random.default_rng(7)
    return {name: random.integers(20, 100, size=len(cuts) + 2).tolist() for name, cuts in ends.items()}


def scorecard_of(ends: dict[str, Any], points: dict[str, list[int]]) -> Scorecard:
    """The shipped scorecard's document around these bins."""
    document = dict(open_scorecard("credit-data", folders=(SHIPPED,)).document)
    return read_scorecard(
        document | {"characteristics": [characteristic(*each, points[each[0]]) for each in ends.items()]}
    )


def characteristic(name: str, cuts: Any, points: list[int]) -> dict[str, Any]:
    seen = {"woe": "0", "good": 1, "bad": 1}
    texts = [None, *(repr(float(cut)) for cut in cuts), None]
    spans = zip(pairwise(texts), points[:-1], strict=True)
    bins = [seen | {"from": low, "to": high, "points": each} for (low, high), each in spans]
    bins.append(seen | {"missing": True, "points": points[-1]})
    head = {"name": name, "kind": "numeric", "reason_code": name, "coefficient": "1", "neutral_points": max(points)}
    return head | {"bins": bins}


def ways_of(frame: pd.DataFrame, ends: dict[str, Any], points: dict[str, list[int]], card: Scorecard) -> dict[str, Way]:
    import duckdb

    db = duckdb.connect()
    db.register("frame", frame)
    empty = ", ".join(f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" for name in ends)
    db.execute(f"CREATE TABLE stored AS SELECT {empty} FROM frame")
    total = " + ".join(case_by_hand(name, cuts, points[name]) for name, cuts in ends.items())

    def digitize() -> Any:
        found = np.zeros(len(frame), dtype=np.int32)
        for name, cuts in ends.items():
            values = frame[name].to_numpy()
            places = np.digitize(values, cuts)
            places[np.isnan(values)] = len(cuts) + 1
            found += np.array(points[name], dtype=np.int32)[places]
        return found

    return {
        "Caseworth, frame": lambda: frame_points(card, frame),
        "Caseworth, frame, one thread": lambda: frame_points(card, frame, threads=1),
        "numpy.digitize, one thread": digitize,
        "CASE chain by hand, table in DuckDB": lambda: db.execute(f"SELECT {total} AS p FROM stored").fetchnumpy()["p"],
    }


def case_by_hand(name: str, cuts: Any, points: list[int]) -> str:
    whens = " ".join(f"WHEN {name} < {float(cut)!r}e0 THEN {each}" for cut, each in zip(cuts, points, strict=False))
    return f"CASE WHEN {name} IS NULL THEN {points[-1]} {whens} ELSE {points[len(cuts)]} END"


def timed(ways: dict[str, Way], runs: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            found[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def report(seconds: dict[str, float], rows: int) -> None:
    ours = seconds["Caseworth, frame"]
    print(f"{'':44} {'median s':>10} {'rows/s':>12} {'to Caseworth':>13}")
    for name, taken in seconds.items():
        print(f"{name:44} {taken:10.3f} {rows / taken:12,.0f} {taken / ours:12.2f}x")
    best = min(taken for name, taken in seconds.items() if not name.startswith("Caseworth") and name != OPTBINNING)
    print(f"time to the best plain way: {ours / best:.2f}x (mark: at most {AT_MOST})")
    if OPTBINNING in seconds:
        print(f"speed to {OPTBINNING}: {seconds[OPTBINNING] / ours:.1f}x (mark: at least {FOUR_TIMES:.0f})")


def peak_mb(way: Way) -> float:
    """Most megabytes that Python and numpy held at once for one run."""
    tracemalloc.start()
    try:
        way()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    sys.exit(0 if compare(1_000_000, 5) else 1)
