"""The shipped scorecard comes back from its own data, by the code that fits any other; its bins can be changed."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.bootstrap.training import load_training
from app.domain.prohibited import basis_of
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from data.scorecards.fit_credit_data import BASES, EXCLUDED, OFFERED, WATCHED, table_of
from tests import credit_data

SCORECARDS = Path(__file__).resolve().parents[2] / "data" / "scorecards"
TABLE = SCORECARDS / "credit-data.csv"


def shipped() -> Scorecard:
    return read_scorecard(json.loads((SCORECARDS / "credit-data.json").read_text(encoding="utf-8")))


def test_the_table_holds_the_facts_of_the_shipped_mapping() -> None:
    rows = list(csv.DictReader(io.StringIO(table_of(credit_data.FILE))))
    assert len(rows) == 4454
    for line, row in zip(credit_data.lines(), rows, strict=True):
        assert row["Status"] == line["Status"]
        for name, value in credit_data.facts_of(line).items():
            if name in row:
                assert same(row[name], value), (name, row[name], value)


def same(cell: str, value: object) -> bool:
    if value is None or isinstance(value, str):
        return cell == (value or "")
    if isinstance(value, bool):
        return cell == str(value).lower()
    return float(cell) == float(str(value))


def test_the_table_that_ships_is_the_one_the_script_makes() -> None:
    assert TABLE.read_text(encoding="utf-8") == table_of(credit_data.FILE)


def test_another_file_is_refused(tmp_path: Path) -> None:
    for content, message in (("a,b\n1,2\n", "is this credit_data.csv"), ("rownames,Status\n1,ugly\n", "ugly")):
        path = tmp_path / "other.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(SystemExit, match=message):
            table_of(path)


def test_what_is_left_out_has_its_reason_and_what_is_kept_was_looked_at() -> None:
    document = shipped().document
    why = {row["name"]: row["why"] for row in document["excluded"]}
    assert set(why) == {*OFFERED, *WATCHED, *EXCLUDED, *BASES} - set(shipped().names)
    assert all("prohibited basis" in why[name].lower() for name in BASES)
    assert "above 0.70" in why["expenses.monthly_living"]
    looked_at = {row["name"]: row["why"] for row in document["proxies"]}
    for name in shipped().names:
        assert basis_of(name) is None
        assert "within the limits" in looked_at[name]


def test_the_shipped_file_has_what_the_window_shows() -> None:
    fit = shipped().document["fit"]
    held = fit["distribution"]["holdout"]
    for outcome in ("good", "bad"):
        assert sum(row[outcome] for row in held) == fit["performance"][outcome] == fit["split"]["holdout"][outcome]
    assert {"auc", "gini", "ks", "brier"} <= set(fit["performance"])
    assert set(fit["stability"]) == {"score", *shipped().names}


def test_the_bins_of_the_shipped_scorecard_can_be_changed() -> None:
    """Its table is there, to the byte, and the hold-out is found again."""
    training = load_training(TABLE, shipped())
    assert set(training.prepared.columns) == set(shipped().names)
    if find_spec("sklearn") is not None:
        held = training.prepared.held
        assert int((held & training.prepared.bad).sum()) == shipped().document["fit"]["performance"]["bad"]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("optbinning") is None, reason="the extra `modelling` is not installed")
def test_the_script_makes_the_shipped_scorecard_again(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "credit-data.json"
    script = root / "data" / "scorecards" / "fit_credit_data.py"
    command = [sys.executable, str(script), str(credit_data.FILE), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert out.read_bytes() == (root / "data" / "scorecards" / "credit-data.json").read_bytes()
    assert out.with_suffix(".csv").read_bytes() == TABLE.read_bytes()
