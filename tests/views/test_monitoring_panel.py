"""The monitoring of a scorecard in the window, over a real workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import bootstrap
from data.catalogue import load_catalogue
from data.scorecard_files import load_scorecard
from tests.views.monitored import MONTHS, WORSE, report_of
from views.context import Context
from views.panels.monitoring_panel import PARTS, MonitoringPanel
from views.panels.scores_panel import ScoresPanel
from views.refresh import Refresh
from views.settings import Settings
from views.strings import has_text, use_language
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
    readings, months = panel.tables["readings"], panel.tables["months"]
    assert readings.rowCount() == len(panel.report.readings) > 0
    lights = [readings.item(at, 0).text() for at in range(readings.rowCount())]  # type: ignore[union-attr]
    order = ["●  red", "●  amber", "●  green", "●  grey"]
    assert lights == sorted(lights, key=order.index)
    assert months.rowCount() == len(panel.report.months) == 1
    assert months.item(0, 2).text() == "300"  # type: ignore[union-attr]
    assert panel.no_rows["vintages"].text().startswith("No outcome is known yet")
    assert panel.tables["vintages"].isHidden()


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


@pytest.fixture
def measured(
    qtbot: QtBot, shell_context: Callable[..., Context], settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., MonitoringPanel]:
    """A panel with a report of a year of cohorts."""

    def make(language: str = "en") -> MonitoringPanel:
        context = shell_context(0)
        use_language(language)
        context.language = language
        (entry,) = context.desk.register.entries()
        report = report_of(load_scorecard(entry.name, load_catalogue()))
        monkeypatch.setattr("app.bootstrap.watching.monitor", lambda desk, **_: report)
        panel = MonitoringPanel(context)
        qtbot.addWidget(panel)
        panel.resize(1300, 800)
        panel.show()
        panel.show_entry(replace(entry, cases=report.scorecard.cases))
        panel.run()
        settle()
        return panel

    yield make
    use_language("en")


def texts_of(panel: MonitoringPanel, name: str) -> list[list[str]]:
    table = panel.tables[name]
    return [
        [table.item(at, place).text() for place in range(table.columnCount())]  # type: ignore[union-attr]
        for at in range(table.rowCount())
    ]


def test_every_reading_of_the_report_is_in_the_window_with_its_light(measured: Callable[..., MonitoringPanel]) -> None:
    panel = measured()
    report = panel.report
    assert [panel.tabs.tabText(at) for at in range(panel.tabs.count())][:3] == ["Overview", "Stability", "Calibration"]
    assert len(texts_of(panel, "months")) == 12
    assert len(texts_of(panel, "stability")) == 1 + len(report.characteristics)
    grades = texts_of(panel, "grades")
    assert [line[1] for line in grades] == [*(row.grade for row in report.grades if row.grade), "all grades"]
    for name, rows in (("segments", report.segments), ("vintages", report.vintages)):
        assert len(texts_of(panel, name)) == len(rows)
    lit = {light.value for reading in report.readings for light in [reading.light]}
    assert lit == {"red", "amber", "green", "grey"}, "the drawn report shows every light"
    car = next(line for line in texts_of(panel, "segments") if line[1] == "Product: car")
    assert car[4].startswith("●  0.")
    assert "Approvals of a segment: amber at or below 0.8, red at or below 0.67" in panel.limits["segments"].text()
    assert "Bads of a segment: amber from 1.3, red from 1.6" in panel.limits["segments"].text()


def test_alerts_that_stand_are_listed_the_newest_first(measured: Callable[..., MonitoringPanel]) -> None:
    panel = measured()
    alerts = texts_of(panel, "alerts")
    assert len(alerts) == len(panel.report.standing) > 2
    assert alerts[0][1].endswith("· new")
    assert alerts[-1][1].endswith("09:00") or "2026" in alerts[-1][1]
    assert {line[0] for line in alerts} <= {"●  red", "●  amber"}


def test_overrides_tell_what_became_of_them(measured: Callable[..., MonitoringPanel]) -> None:
    panel = measured()
    low, high, within, every = texts_of(panel, "overrides")
    assert low[1:4] == ["Lent against policy", "110", "9.6 %"]
    assert low[5].startswith("14.9 % (")
    assert low[7] == "●  4.91"
    assert high[1:3] == ["Declined what policy approves", "30"]
    assert within[5].startswith("3.0 % (")
    assert every[3].startswith("●  12.3 % (")


def test_a_cohort_chosen_in_the_table_comes_to_the_front_of_the_curves(
    measured: Callable[..., MonitoringPanel],
) -> None:
    panel = measured()
    panel.tabs.setCurrentIndex(PARTS.index("vintages"))
    months = [line[1] for line in texts_of(panel, "vintages")]
    assert months == ["all months", *MONTHS[:10]]
    panel.tables["vintages"].selectRow(months.index(WORSE))
    assert panel.curves.chosen == WORSE
    plot = panel.curves.plot()
    worse = next(row for row in panel.report.vintages if row.month == WORSE)
    at = worse.curve[-1]
    words = panel.curves.hint(plot, plot.x(at.months), plot.y(at.share.value))
    assert words.startswith(f"{WORSE}: ")
    assert words.endswith(f"bad after {at.months} months")
    assert WORSE in panel.curves.accessibleDescription()


def test_notes_that_are_stored_in_english_are_told_in_chinese(measured: Callable[..., MonitoringPanel]) -> None:
    from views.models.watching import note_words

    panel = measured("zh")
    assert {
        reading.note for reading in panel.report.readings if reading.note and note_words(reading.note) == reading.note
    } == set()
    assert note_words("12 cases are too few to judge by; 50 are needed.") == "12 个案件不足以判断，至少需要 50 个。"
    assert note_words("Something else.") == "Something else."


def test_every_heading_of_the_monitoring_has_words(measured: Callable[..., MonitoringPanel]) -> None:
    sheets = measured().sheets()
    assert [c for sheet in sheets.values() for c in sheet.columns if not has_text(f"scores.watch.column.{c}")] == []
    assert [n for n in sheets if not (has_text(f"scores.watch.title.{n}") and has_text(f"scores.watch.no_{n}"))] == []
    assert {len(row) - len(sheet.columns) for sheet in sheets.values() for row in sheet.rows} == {0}


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
