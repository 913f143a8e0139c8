"""Scorecards fitted on every labelled table at hand, beside the plain ways, on one split.

    python bench/bench_fit.py [--tables DIR] [--only NAME]... [--seed 20261121] [--guards] [--no-challenger]

The split is scikit-learn's ``train_test_split(test_size=.3, stratify=y, random_state=seed)``; everybody sees the same
columns of the same rows. Without ``--guards`` the columns that the guards leave out are kept, with that as the recorded
reason, so that Caseworth sees what the others see; with it the others are given what the guards left. Printed a table
and a way: AUC with its DeLong interval, Gini, KS, Brier, seconds of fitting. Exits 1 if the scorecard is worse than
optbinning's by more than 0.002 AUC on any table, or not 0.005 better on average. Without the tables it says so, and
ends well. Needs the extra ``modelling``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 (threads are set above)
import pandas as pd  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.fitting import FitOptions  # noqa: E402
from app.domain.scorecard_format import read_scorecard  # noqa: E402
from local_models.modelling import metrics  # noqa: E402
from local_models.modelling.extra import quiet  # noqa: E402
from local_models.modelling.fitting import fit_scorecard  # noqa: E402
from local_models.modelling.frame_scores import frame_points  # noqa: E402

TABLES = Path(os.environ.get("CASEWORTH_TABLES", ROOT.parent / "shared" / "data" / "tables"))
WORST, AVERAGE = -0.002, 0.005
Table = tuple[pd.DataFrame, np.ndarray]
Predicted = tuple[np.ndarray, np.ndarray | None, float]  # points (higher is better), PD, seconds


def credit_data(folder: Path) -> Table:
    frame = pd.read_csv(folder / "credit_data" / "credit_data.csv")
    return frame.drop(columns=["Status", "rownames"]), (frame["Status"] == "bad").to_numpy()


def taiwan(folder: Path) -> Table:
    frame = pd.read_csv(folder / "taiwan_credit_card" / "UCI_Credit_Card.csv")
    return frame.drop(columns=["class", "ID"]), (frame["class"] == 1).to_numpy()


def south_german(folder: Path) -> Table:
    frame = pd.read_csv(folder / "south_german_credit" / "SouthGermanCredit.asc", sep=" ")
    return frame.drop(columns=["credit_risk"]), (frame["credit_risk"] == 0).to_numpy()


def boston_hmda(folder: Path) -> Table:
    frame = pd.read_csv(folder / "boston_hmda" / "aer_hmda_boston.csv")
    return frame.drop(columns=["deny", "rownames"]), (frame["deny"] == "yes").to_numpy()


def berka(folder: Path) -> Table:
    loans, accounts = (pd.read_csv(folder / "berka" / name, sep=";") for name in ("loan.asc", "account.asc"))
    districts = pd.read_csv(folder / "berka" / "district.asc", sep=";", na_values="?")
    frame = loans.merge(accounts, on="account_id", suffixes=("", "_account"))
    frame = frame.merge(districts, left_on="district_id", right_on="A1")
    left_out = ["status", "loan_id", "account_id", "A1", "A2"]
    return frame.drop(columns=left_out), frame["status"].isin(["B", "D"]).to_numpy()


def home_credit(folder: Path) -> Table:
    large = folder / "home_credit_linked" / "application_train_5000.csv"
    frame = pd.read_csv(large if large.exists() else folder / "home_credit_linked" / "rel_application.csv")
    target = "TARGET" if "TARGET" in frame else "DEFAULTED"
    return frame.drop(columns=[target, "SK_ID_CURR"]), (frame[target] == 1).to_numpy()


READERS = (credit_data, taiwan, south_german, boston_hmda, berka, home_credit)


def caseworth(train: pd.DataFrame, bad: np.ndarray, test: pd.DataFrame, options: dict[str, Any]) -> Predicted:
    started = time.perf_counter()
    fitted = fit_scorecard(
        train, bad, FitOptions(name="bench", holdout=0, seed=options["seed"], reasons=options["kept"])
    )
    seconds = time.perf_counter() - started
    card = read_scorecard(fitted.document)
    points = frame_points(card, test)
    pd_of = {value: float(card.calibration.pd(int(value))) for value in np.unique(points)}
    return points.astype(float), np.array([pd_of[value] for value in points]), seconds


def challenger(train: pd.DataFrame, bad: np.ndarray, test: pd.DataFrame, options: dict[str, Any]) -> Predicted:
    from local_models.modelling.challenger.fit import ChallengerOptions, fit_challenger

    started = time.perf_counter()
    model = fit_challenger(train, bad, ChallengerOptions(seed=options["seed"]))
    seconds = time.perf_counter() - started
    odds = model.log_odds(test)
    return odds, 1 / (1 + np.exp(odds)), seconds


def lightgbm(train: pd.DataFrame, bad: np.ndarray, test: pd.DataFrame, options: dict[str, Any]) -> Predicted:
    from lightgbm import LGBMClassifier

    levels = {name: sorted(train[name].dropna().unique()) for name in texts_of(train)}
    rows = [
        part.assign(**{name: pd.Categorical(part[name], levels[name]) for name in levels}) for part in (train, test)
    ]
    started = time.perf_counter()
    model = LGBMClassifier(n_jobs=1, verbose=-1).fit(rows[0], bad)
    seconds = time.perf_counter() - started
    chance = model.predict_proba(rows[1])[:, 1]
    return -chance, chance, seconds


def one_hot(train: pd.DataFrame, bad: np.ndarray, test: pd.DataFrame, options: dict[str, Any]) -> Predicted:
    """Logistic regression on one-hot deciles and categories."""
    from sklearn.linear_model import LogisticRegression

    started = time.perf_counter()
    columns: list[list[np.ndarray]] = [[], []]
    for name in train:
        codes = decile_codes(train[name], test[name])
        for value in np.unique(codes[0]):
            for side in (0, 1):
                columns[side].append(codes[side] == value)
    model = LogisticRegression(max_iter=2000).fit(np.array(columns[0]).T, bad)
    seconds = time.perf_counter() - started
    chance = model.predict_proba(np.array(columns[1]).T)[:, 1]
    return -chance, chance, seconds


def decile_codes(train: pd.Series[Any], test: pd.Series[Any]) -> list[np.ndarray]:
    if pd.api.types.is_numeric_dtype(train):
        ends = np.unique(np.nanquantile(train.astype(float), np.arange(0.1, 1, 0.1)))
        return [
            np.where(part.isna(), -1, np.searchsorted(ends, part.astype(float), side="right")) for part in (train, test)
        ]
    levels = {level: place for place, level in enumerate(sorted(train.dropna().unique()))}
    return [part.map(levels).astype(float).fillna(-1).to_numpy() for part in (train, test)]


def optbinning(train: pd.DataFrame, bad: np.ndarray, test: pd.DataFrame, options: dict[str, Any]) -> Predicted:
    """Its scorecard as it is meant: optimal bins, WoE, logistic regression; missing and special values measured."""
    with quiet():
        from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression

    texts = texts_of(train)
    rows = [
        part.assign(**{name: part[name].astype(object).where(part[name].notna(), None) for name in texts})
        for part in (train, test)
    ]
    started = time.perf_counter()
    process = BinningProcess(list(train.columns), categorical_variables=texts).fit(rows[0], bad.astype(int))
    fair = {"metric": "woe", "metric_missing": "empirical", "metric_special": "empirical"}
    model = LogisticRegression(max_iter=1000).fit(process.transform(rows[0], **fair), bad)
    seconds = time.perf_counter() - started
    chance = model.predict_proba(process.transform(rows[1], **fair))[:, 1]
    return -chance, chance, seconds


def texts_of(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]


WAYS: dict[str, Callable[..., Predicted]] = {
    "caseworth": caseworth,
    "challenger": challenger,
    "lightgbm": lightgbm,
    "one-hot": one_hot,
    "optbinning": optbinning,
}


def compared(reader: Callable[[Path], Table], given: argparse.Namespace) -> float | None:
    """Print a table's rows; how much better the scorecard is than optbinning's, or None where the table is absent."""
    from sklearn.model_selection import train_test_split

    try:
        frame, bad = reader(given.tables)
    except FileNotFoundError as exc:
        print(f"{reader.__name__}: {exc.filename} is not here", flush=True)
        return None
    split = {"test_size": 0.3, "stratify": bad.astype(int), "random_state": given.seed}
    train, test, seen, held = train_test_split(frame, bad, **split)
    train, test = train.reset_index(drop=True), test.reset_index(drop=True)
    kept = dict.fromkeys(map(str, frame.columns), "The benchmark compares all on the same columns.")
    if given.guards:
        train, test = guarded(train, test, seen, given.seed)
        kept = {}
    size = f"{len(frame):,} rows, {train.shape[1]} columns, {bad.mean():.1%} bad"
    print(f"{reader.__name__}: {size}, {held.sum()} held out bad")
    found = {}
    for name, way in WAYS.items():
        if name == "challenger" and given.no_challenger:
            continue
        try:
            points, chance, seconds = way(train, seen, test, {"seed": given.seed, "kept": kept})
        except ImportError as exc:
            print(f"  {name:11} is not available: {exc}")
            continue
        found[name] = shown(name, points, chance, held, seconds)
    return found["caseworth"] - found["optbinning"]


def guarded(train: pd.DataFrame, test: pd.DataFrame, bad: np.ndarray, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both parts without the columns that the guards leave out."""
    from local_models.modelling.guards import before_fitting

    found = before_fitting(train, bad, FitOptions(name="bench", seed=seed), lambda _: None)
    out = sorted({str(guard.column) for guard in found if guard.excluded})
    print(f"  left out by the guards: {', '.join(out) or 'none'}")
    return train.drop(columns=out), test.drop(columns=out)


def shown(name: str, points: np.ndarray, chance: np.ndarray | None, bad: np.ndarray, seconds: float) -> float:
    area, gap = metrics.auc_interval(points, bad), metrics.ks(points, bad)
    quality = "" if chance is None else f"Brier {metrics.brier(chance, bad):.4f}"
    print(
        f"  {name:11} AUC {area.value:.4f} ({area.low:.4f} to {area.high:.4f})  Gini {2 * area.value - 1:.4f}  "
        f"KS {gap:.4f}  {quality}  {seconds:6.1f} s",
        flush=True,
    )
    return area.value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=TABLES)
    parser.add_argument("--only", action="append", choices=[reader.__name__ for reader in READERS])
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--guards", action="store_true")
    parser.add_argument("--no-challenger", action="store_true")
    given = parser.parse_args()
    if find_spec("optbinning") is None:
        print("The extra `modelling` is not installed.")
        return 0
    warnings.simplefilter("ignore")  # of the peers
    readers = [reader for reader in READERS if not given.only or reader.__name__ in given.only]
    gains = [gain for reader in readers if (gain := compared(reader, given)) is not None]
    if not gains:
        print(f"No labelled table is in {given.tables}; give --tables.")
        return 0
    mean, least = float(np.mean(gains)), min(gains)
    print(f"AUC of the scorecard less optbinning's: {mean:+.4f} on average, {least:+.4f} at the least")
    return 0 if least >= WORST and mean >= AVERAGE else 1


if __name__ == "__main__":
    sys.exit(main())
