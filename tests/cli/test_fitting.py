"""``scorecard fit`` from end to end, its refusals, and the planted columns in every labelled table at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.cli import run
from app.domain.scorecard_format import read_scorecard

CSV = Path(__file__).resolve().parents[2] / "data" / "samples" / "credit_data.csv"


def fit(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the JSON object, and what went to standard error."""
    status = run(["scorecard", "fit", *arguments, "--json"])
    printed = capsys.readouterr()
    return status, json.loads(printed.out) if printed.out.strip() else {}, printed.err


def test_a_fitted_scorecard_scores_the_same_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optbinning")
    out, scores = tmp_path / "card.json", tmp_path / "scores.csv"
    given = [str(CSV), "--target", "Status", "--bad", "bad", "--out", str(out), "--seed", "20261121"]
    status, data, _ = fit(capsys, *given, "--exclude", "Debt", "--keep", "Home=A test keeps it.")
    assert status == 0
    assert (data["rows"], data["goods"], data["bads"]) == (4454, 3200, 1254)
    assert data["auc"]["low"] < data["auc"]["value"] < data["auc"]["high"]
    assert data["auc"]["value"] > 0.83
    named = {guard["column"]: guard for guard in data["guards"]}
    assert named["rownames"]["code"] == "identifier"
    assert named["Age"]["excluded"]
    assert named["Marital"]["excluded"]
    kept = [guard for guard in data["guards"] if guard["column"] == "Home" and guard["reason"]]
    assert [guard["code"] for guard in kept] == ["prohibited.proxy"]
    assert {"Age", "Marital", "rownames", "Debt"} <= {row["name"] for row in data["excluded"]}
    card = read_scorecard(json.loads(out.read_text(encoding="utf-8")))
    assert card.sha256 == data["sha256"]
    assert "Home" in card.names
    assert run(["scorecard", "score", str(out), str(CSV), "--out", str(scores), "--json"]) == 0
    capsys.readouterr()
    table, truth = pd.read_csv(scores), pd.read_csv(CSV)
    assert (
        table.loc[truth["Status"] == "good", "score"].mean() > table.loc[truth["Status"] == "bad", "score"].mean() + 30
    )
    assert table["pd"].mean() == pytest.approx(0.2815, abs=0.02)


def test_the_extra_is_imported_without_a_word(root: Path) -> None:
    pytest.importorskip("optbinning")
    code = "from local_models.modelling.extra import need; need('optbinning')"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--target", "status", "--bad", "bad"], "'Status'"),
        (["--target", "Stats", "--bad", "bad"], "closest first: Status, "),
        (["--target", "Status", "--bad", "Bad"], "good, bad"),
        (["--target", "Status", "--bad", "bad", "--exclude", "Agee"], "'Agee'"),
        (["--target", "Status", "--bad", "bad", "--keep", "Age"], "gives no reason"),
        (["--target", "Status", "--bad", "bad", "--holdout", "1"], "--holdout is 1.0"),
        (["--target", "Status", "--bad", "bad", "--monotone", "nowhere.json"], "nowhere.json"),
    ],
)
def test_slips_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    out = tmp_path / "card.json"
    status, data, message = fit(capsys, str(CSV), *arguments, "--out", str(out))
    assert (status, data) == (1, {})
    assert why in message
    assert not out.exists()


def bench_readers() -> list[Any]:
    from bench.bench_fit import READERS

    return list(READERS)


@pytest.mark.slow
@pytest.mark.parametrize("reader", bench_readers(), ids=lambda reader: reader.__name__)
def test_planted_columns_are_named_in_every_table(reader: Any) -> None:
    from app.domain.fitting import FitOptions
    from bench.bench_fit import TABLES
    from local_models.modelling.guards import before_fitting

    try:
        frame, bad = reader(TABLES)
    except FileNotFoundError:
        pytest.skip("the table is not here")
    rng = np.random.Generator(np.random.PCG64(101))
    rows = len(frame)
    days = pd.Timestamp("2025-03-01") + pd.to_timedelta(rng.integers(0, 200, rows), unit="D")
    more = {
        "planted_copy": bad ^ (rng.random(rows) < 0.05),
        "planted_noise": bad + rng.normal(0, 0.3, rows),
        "planted_after": np.where(bad & (rng.random(rows) < 0.7), rng.uniform(10, 900, rows), np.nan),
        "planted_id": rng.permutation(rows) + 70_000,
        "planted_code": [f"K{number:07d}" for number in rng.permutation(rows)],
        "application_date": days,
        "planted_closed": days + pd.to_timedelta(120, unit="D"),
    }
    planted = pd.concat([frame.reset_index(drop=True), pd.DataFrame(more)], axis=1)
    found = before_fitting(planted, bad, FitOptions(name="test"), lambda _: None)
    named = {str(guard.column) for guard in found if guard.excluded}
    assert {name for name in planted if str(name).startswith("planted_")} <= named
    honest = {str(name) for name in frame}
    leaks = {guard.column for guard in found if guard.code.startswith(("leakage", "identifier"))}
    assert leaks.isdisjoint(honest)


def test_a_named_scorecard_is_a_draft_of_the_workspace(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optbinning")
    table = tmp_path / "few.csv"
    pd.read_csv(CSV).iloc[:900][["Seniority", "Records", "Job", "Income", "Status"]].to_csv(table, index=False)
    status, data, _ = fit(capsys, str(table), "--target", "Status", "--bad", "bad", "--name", "small", "--holdout", "0")
    assert (status, data["scorecard"], data["out"]) == (0, "small", None)
    assert data["sample"] == "cross-validation"
    assert run(["scorecard", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["scorecards"]
    entry = next(row for row in listed if row["sha256"] == data["sha256"])
    assert entry["state"] == "draft"
