"""The monitoring of a scorecard in the window, over a real workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import bootstrap
from views.context import Context
from views.panels.monitoring_panel import READINGS, MonitoringPanel
from views.panels.scores_panel import ScoresPanel
from views.refresh import Refresh
from views.settings import Settings
from views.strings import has_text
from views.tasks import Tasks
from views.theme import theme_named

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@pytest.fixture
def scored(tmp_path: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A desk with three hundred real applications that are scored."""
    import itertools
    import shutil

    from app.adapters import keys

    monkeypatch.setattr(keys, "SCRYPT_N", 2**15)
    with (SAMPLES / "credit_data.csv").open(encoding="utf-8") as source:
        (tmp_path / "credit.csv").write_text("".join(itertools.islice(source, 301)), encoding="utf-8")
    shutil.copy(SAMPLES / "credit_data.toml", tmp_path / "credit.toml")
    with bootstrap.create_desk(
        tmp_path / "desk", person="Vera Holm", passphrase=lambda new: "correct horse battery", use_keyring=False
    ) as desk:
        desk.import_files([tmp_path / "credit.csv"], tmp_path / "credit.toml")
        desk.score_all()
        yield desk
        tasks.close()


def test_a_measurement_shows_every_figure_the_worst_first(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[], None], scored: Any
) -> None:
    context = Context(scored, tasks, Refresh(), Settings(scored.workspace, tasks), "en", theme_named("light"))
    panel = MonitoringPanel(context)
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    panel.show()
    (entry,) = scored.register.entries()
    panel.show_entry(entry)
    assert panel.state.title.text() == "Not measured yet"
    panel.measure.click()
    settle()
    assert panel.report is not None
    assert panel._summary.text().startswith("300 cases · ")
    assert panel.readings.rowCount() == len(panel.report.readings) > 0
    lights = [panel.readings.item(at, 0).text() for at in range(panel.readings.rowCount())]  # type: ignore[union-attr]
    order = ["●  red", "●  amber", "●  green", "●  grey"]
    assert lights == sorted(lights, key=order.index)
    assert panel.months.rowCount() == len(panel.report.months) == 1
    assert panel.months.item(0, 2).text() == "300"  # type: ignore[union-attr]


def test_without_a_scored_case_nothing_is_measured(qtbot: QtBot, shell_context: Callable[..., Context]) -> None:
    context = shell_context(0)
    panel = MonitoringPanel(context)
    qtbot.addWidget(panel)
    (entry,) = context.desk.register.entries()
    panel.show_entry(entry)
    assert panel.state.title.text() == "No case is scored with it"
    assert not panel.measure.isEnabled()


def test_every_measure_with_a_threshold_has_words() -> None:
    from data.monitoring_limits import load_limits

    assert [name for name in load_limits().thresholds if not has_text(f"scores.watch.measure_of.{name}")] == []
    assert [name for name in READINGS if not has_text(f"scores.watch.column.{name}")] == []


def test_the_model_document_is_written_and_signed(
    qtbot: QtBot, tasks: Tasks, settle: Callable[[], None], scored: Any, tmp_path: Path
) -> None:
    context = Context(scored, tasks, Refresh(), Settings(scored.workspace, tasks), "en", theme_named("light"))
    room = ScoresPanel(context)
    qtbot.addWidget(room)
    room.show()
    settle()
    out = tmp_path / "model.pdf"
    room.document_to(out)
    settle()
    assert room.notice.message.text() == "Written to model.pdf"
    written = out.read_bytes()
    assert written.startswith(b"%PDF")
    assert b"/ByteRange" in written, "it is signed"
