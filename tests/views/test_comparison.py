"""Champion and challenger side by side, on the rows of the training table."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap.training import load_training
from app.domain.register import ScorecardEntry
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from tests.fitted_card import a_card, a_frame, a_table
from views.comparison_jobs import compare_with, curve_of
from views.context import Context
from views.panels.comparison_panel import ComparisonPanel

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


def weaker(table: Path) -> Any:
    """The same scorecard without the job."""
    document = dict(a_card(table, a_frame()).document)
    return read_scorecard(document | {"name": "weaker", "characteristics": document["characteristics"][:1]})


@pytest.fixture
def panel(qtbot: QtBot, shell_context: MakeContext, tmp_path: Path) -> ComparisonPanel:
    table = a_table(tmp_path)[0]
    card, other = a_card(table, a_frame()), weaker(table)
    made = ComparisonPanel(shell_context(0))
    qtbot.addWidget(made)
    made.resize(1200, 800)
    entries = [ScorecardEntry(each.sha256, each.document) for each in (card, other)]
    made.show_card(card, entries, load_training(table, card))
    made.show()
    return made


def test_the_weaker_one_ranks_worse_and_who_changes_side_adds_up(panel: ComparisonPanel, settle: Settle) -> None:
    assert panel.state.title.text() == "Nothing compared yet"
    panel.run.click()
    settle()
    compared = panel.compared
    assert compared is not None
    assert compared.names == ("wages 1.0.0", "weaker 1.0.0")
    found = compared.comparison
    assert found.difference.value < 0
    swap = found.swap
    assert swap.swapped_in.cases == pytest.approx(swap.swapped_out.cases)
    total = sum(each.cases for each in (swap.both_approve, swap.both_decline, swap.swapped_in, swap.swapped_out))
    assert total == pytest.approx(3000)
    assert panel._cells["auc", 1].text().startswith(f"{found.champion.performance.auc.value:.4f}")
    assert "\u2212" in panel._difference.text()
    assert "swapped in" in panel.swap.accessibleDescription()


def test_without_the_table_it_asks_for_it(qtbot: QtBot, shell_context: MakeContext, tmp_path: Path) -> None:
    table = a_table(tmp_path)[0]
    card = a_card(table, a_frame())
    made = ComparisonPanel(shell_context(0))
    qtbot.addWidget(made)
    made.show_card(card, [], None)
    made.show()
    assert made.state.title.text() == "The training table is not at hand"
    assert not made.run.isEnabled()
    with qtbot.waitSignal(made.table_wanted):
        made.state.retry.click()


def test_one_on_other_columns_is_refused(panel: ComparisonPanel, settle: Settle, tmp_path: Path) -> None:
    other = dict(weaker(tmp_path / "wages.csv").document)
    row = dict(other["characteristics"][0]) | {"name": "LIMIT_BAL"}
    with pytest.raises(InputError, match="LIMIT_BAL"):
        compare_with(panel.training, read_scorecard(other | {"characteristics": [row]}))


def test_a_file_that_is_no_challenger_is_told(panel: ComparisonPanel, settle: Settle, tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no")
    panel.compare_file(tmp_path / "x.onnx")
    settle()
    assert panel.notice.isVisible()
    assert panel.compared is None


def test_a_challenger_is_read_from_its_file(panel: ComparisonPanel, settle: Settle, tmp_path: Path) -> None:
    fit = pytest.importorskip("local_models.modelling.challenger.fit")
    writer = pytest.importorskip("local_models.modelling.challenger.onnx_writer")
    pytest.importorskip("lightgbm")
    pytest.importorskip("onnx")
    training = panel.training
    options = fit.ChallengerOptions(name="trees", columns=("income", "job"), seconds=4.0, seed=1)
    fitted = fit.fit_challenger(training.frame, training.prepared.bad, options, None)
    writer.write_challenger(fitted, tmp_path / "trees.onnx")
    panel.compare_file(tmp_path / "trees.onnx")
    settle()
    assert panel.compared is not None, panel.notice.message.text()
    assert panel.compared.names[1] == "trees"
    assert panel.compared.comparison.challenger.performance.auc.value > 0.6


def test_a_drawn_curve_keeps_its_ends_and_its_area() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    bad = rng.uniform(size=5000) < 0.3
    odds = rng.normal(size=5000) - bad
    curve = curve_of(odds, bad)
    assert len(curve) < 300
    assert (curve[0].goods, curve[-1].goods, curve[-1].bads) == (0, 1, 1)
    from local_models.modelling.metrics import auc

    area = sum((b.goods - a.goods) * (b.bads + a.bads) / 2 for a, b in pairwise(curve))
    assert area == pytest.approx(auc(odds, bad), abs=2e-3)
