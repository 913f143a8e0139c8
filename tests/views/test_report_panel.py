"""The report: sentences with their authors, drafting live, cancelling, editing, the first opinion."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.case import Outcome, Status
from app.domain.plan import SentencePlan
from app.domain.report import Report
from app.domain.sentences import Author, State
from app.errors import Cancelled
from app.wording_ports import NO_KINDS, Wording, WordingRequest
from tests.views.case_fixture import CASE, CASE_ID, FLAGGED, RUN, SENTENCES, case_view, fact_id
from tests.views.case_stage import Stage
from views.panels.report_panel import counts_words
from views.panels.sentence_editor import SentenceEditor
from views.parts.draft_controls import RULES_ONLY
from views.parts.sentence_row import SentenceRow, fallback_words, problem_words, reason_words


class Asking:
    """Asks for every sentence, and takes the answer as it comes."""

    name = "asking"
    together = False

    def request(
        self, sentence: SentencePlan, labels: Mapping[str, str], language: str, kinds: Mapping[str, str] = NO_KINDS
    ) -> WordingRequest:
        return WordingRequest("prompt", "grammar", 20, 0)

    def template(self, answer: str, sentence: SentencePlan) -> str:
        return answer


class Waiting:
    """A model that waits for ``go`` before each answer, and hears a cancel."""

    languages = ("en", "zh")
    style = Asking()

    name = "waiting"
    sha256 = "7" * 64
    runtime = "scripted 1"
    adapter_sha256 = ""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.asked = 0
        self.cancelled = threading.Event()

    def word(self, *_: Any, **__: Any) -> Wording:
        self.asked += 1
        while not self.go.acquire(timeout=0.02):
            if self.cancelled.is_set():
                raise Cancelled
        return Wording("No wording at all.", tokens=4, seconds=0.01, stopped="stop")

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        """Nothing is held open."""


def row_of(at: Stage, key: str) -> SentenceRow:
    return next(row for row in at.screen.report.rows() if row.sentence.key == key)


def drafted(at: Stage) -> Report:
    with at.workspace.read() as stores:
        report = stores.reports.get(CASE_ID)
    assert report is not None
    return report


def test_sentences_stand_under_their_headings_with_their_counts(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    panel = at.screen.report
    assert [row.sentence.key for row in panel.rows()] == [each.key for each in SENTENCES]
    assert panel.counts.text() == "24 sentences · 19 by the model · 4 fell back · 1 yours"
    assert counts_words([FLAGGED]) == "1 sentence · 1 yours · 1 flagged"
    chips = row_of(at, "capacity.affordability").flow.chips()
    assert [chip.text() for chip in chips] == ["47 %", "40 %"]


def test_a_wording_that_was_not_taken_is_struck_with_its_reason(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    row = row_of(at, "history.enquiries")
    assert row.rejected is not None
    assert row.rejected.text() == "Five enquiries suggest a high credit score."
    assert row.why is not None
    assert row.why.text() == "Replaced by the rule sentence above: its stance contradicts the finding."
    assert row_of(at, "history.clean").rejected is None


def test_reasons_are_told_in_words() -> None:
    assert fallback_words("slot_missing: income.net_monthly") == "a figure was left out (income.net_monthly)"
    assert fallback_words("something new") == "something new"
    assert problem_words("unsupported_figure", "4,999") == "No fact supports the figure 4,999."
    assert problem_words("novel", "x") == "novel: x"
    assert reason_words(FLAGGED) == "No fact supports the figure 4,999."
    assert reason_words(SENTENCES[0]) == ""


def test_a_figure_opens_its_evidence(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    chip = row_of(at, "capacity.contradiction").flow.chips()[1]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    at.settle()
    fact = at.screen.evidence.fact()
    assert fact is not None
    assert fact.id == fact_id("income.net_monthly_stated")
    assert at.screen.evidence.viewer.page.marked() is not None


def test_arrow_keys_move_between_sentences(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    at.screen.activateWindow()
    rows = at.screen.report.rows()
    rows[0].setFocus()
    qtbot.keyClick(rows[0], Qt.Key.Key_Down)
    assert at.screen.report.chosen() is rows[1]
    qtbot.keyClick(rows[1], Qt.Key.Key_Up)
    qtbot.keyClick(rows[0], Qt.Key.Key_Up)
    assert at.screen.report.chosen() is rows[0]


def test_a_flagged_figure_is_underlined_and_explained(stage: Callable[..., Stage]) -> None:
    at = stage(case_view(report=Report(CASE_ID, "en", (*SENTENCES, FLAGGED), RUN)))
    at.open()
    row = row_of(at, FLAGGED.key)
    assert row.flow.flagged() == ["4,999"]
    assert row.why is not None
    assert row.why.text() == "No fact supports the figure 4,999."
    assert row.words() == "person, neutral, No fact supports the figure 4,999."


def test_e_edits_the_chosen_sentence_and_saving_makes_it_the_persons(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    at.screen.activateWindow()
    row = row_of(at, "history.accounts")
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_E)
    editor = row.editor
    assert isinstance(editor, SentenceEditor)
    assert editor.words() == "The bureau knows 4 accounts."
    editor.text.setPlainText("The bureau knows 4 accounts, and\nthe employer confirms 4,999 a month.")
    qtbot.keyClick(editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    at.settle()
    kept = next(each for each in drafted(at).sentences if each.key == "history.accounts")
    assert kept.author is Author.PERSON
    assert kept.state is State.FLAGGED
    shown = row_of(at, "history.accounts")
    assert shown.sentence.text == "The bureau knows 4 accounts, and the employer confirms 4,999 a month."
    assert any("4,999" in span for span in shown.flow.flagged())
    assert "2 yours" in at.screen.report.counts.text()


def test_escape_leaves_the_sentence_as_it_was(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    row = row_of(at, "history.accounts")
    qtbot.mouseDClick(row, Qt.MouseButton.LeftButton)
    assert row.editor is not None
    row.editor.text.setPlainText("Something else")
    qtbot.keyClick(row.editor.text, Qt.Key.Key_Escape)
    assert row.editor is None
    assert row.flow.isVisible()
    assert drafted(at).sentences == SENTENCES


def test_a_blank_or_endless_sentence_cannot_be_saved(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    row = row_of(at, "history.accounts")
    row.edit()
    assert row.editor is not None
    for text, allowed in (("  ", False), ("x" * 1001, False), ("A sentence.", True)):
        row.editor.text.setPlainText(text)
        assert row.editor.keep.isEnabled() is allowed


def test_a_new_sentence_goes_into_the_section_of_the_chosen_one(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    panel = at.screen.report
    at.screen.activateWindow()
    row_of(at, "capacity.salary").setFocus()
    panel.controls.new.click()
    editor = panel._adding
    assert editor is not None
    editor.text.setPlainText("The employer was called.")
    editor.save()
    at.settle()
    new = [each for each in drafted(at).sentences if each.text == "The employer was called."]
    assert [each.section for each in new] == ["capacity"]
    assert any(row.sentence.text == "The employer was called." for row in panel.rows())


def undrafted(status: Status = Status.SCORED) -> Any:
    return case_view(report=None, first_opinion=None, case=replace(CASE, status=status))


def test_the_first_opinion_is_asked_before_the_draft(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage(undrafted())
    at.open()
    panel = at.screen.report
    assert panel.asks_opinion()
    assert panel.opinion.isVisible()
    panel.controls.draft.click()
    at.settle()
    with at.workspace.read() as stores:
        assert stores.reports.get(CASE_ID) is None  # the draft waits
    qtbot.mouseClick(panel.opinion.buttons[Outcome.REFER], Qt.MouseButton.LeftButton)
    at.settle()
    qtbot.waitUntil(lambda: not at.screen.jobs.drafting(), timeout=10_000)
    at.settle()
    with at.workspace.read() as stores:
        opinion = stores.decisions.opinion(CASE_ID)
    assert opinion is not None
    assert (opinion.outcome, opinion.person) == (Outcome.REFER, "A. Lind")
    assert len(drafted(at).sentences) == len(panel.rows()) > 5
    assert not panel.opinion.isVisible()
    assert at.errors == []


def test_the_first_opinion_can_be_skipped(stage: Callable[..., Stage]) -> None:
    at = stage(undrafted())
    at.open()
    panel = at.screen.report
    panel.opinion.skip.click()
    at.settle()
    assert not panel.asks_opinion()
    assert panel.state.isVisible()
    assert panel.state.title.text() == "No report yet"
    panel.controls.draft.click()
    qtbot_wait(at)
    assert panel.rows()
    with at.workspace.read() as stores:
        assert stores.decisions.opinion(CASE_ID) is None


def qtbot_wait(at: Stage) -> None:
    for _ in range(50):
        at.settle()
        if not at.screen.jobs.drafting():
            break
    at.settle()


def test_sentences_of_the_model_take_their_places_one_by_one(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage(undrafted())
    at.open()
    at.desk.assess(CASE_ID)
    model = Waiting()
    at.desk.scripted = model
    at.screen.report.opinion.skip.click()
    panel = at.screen.report
    panel.controls.show_models([("waiting", "waiting")], "waiting")
    panel.controls.draft.click()
    assert panel.controls.busy()
    qtbot.waitUntil(lambda: model.asked == 1 and len(panel.rows()) > 5, timeout=10_000)
    qtbot.waitUntil(panel.settled, timeout=10_000)
    before = [row.sentence.rejected for row in panel.rows()]
    assert not any(before)
    model.go.release(2)
    qtbot.waitUntil(lambda: sum(bool(row.sentence.fallback) for row in panel.rows()) >= 1, timeout=10_000)
    assert panel.controls.busy()
    assert "of" in panel.controls.progress.text()
    model.go.release(200)
    qtbot.waitUntil(lambda: not at.screen.jobs.drafting(), timeout=10_000)
    at.settle()
    assert not panel.controls.busy()
    assert any(each.fallback for each in drafted(at).sentences)


def test_escape_cancels_the_draft_within_a_moment(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage(undrafted())
    at.open()
    at.desk.assess(CASE_ID)
    model = Waiting()
    at.desk.scripted = model
    panel = at.screen.report
    panel.opinion.skip.click()
    panel.controls.show_models([("waiting", "waiting")], "waiting")
    panel.controls.draft.click()
    qtbot.waitUntil(lambda: model.asked == 1, timeout=10_000)
    at.screen.activateWindow()
    panel.controls.cancel.setFocus()
    qtbot.keyClick(panel.controls.cancel, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not at.screen.jobs.drafting(), timeout=2_000)
    assert model.cancelled.is_set()
    at.settle()
    assert at.errors == []
    assert all(each.author is Author.RULE for each in drafted(at).sentences)
    assert panel.rows()


def test_a_decided_case_is_read_only(stage: Callable[..., Stage]) -> None:
    from tests.views.test_decision_dialog import DECIDED

    at = stage(DECIDED)
    at.open()
    panel = at.screen.report
    assert not panel.controls.draft.isEnabled()
    assert not panel.controls.new.isEnabled()
    assert not panel.asks_opinion()
    at.screen.activateWindow()
    row = panel.rows()[0]
    row.setFocus()
    assert panel.edit_chosen() is False
    row.edit()
    assert row.editor is None
    assert panel.controls.model.findData(RULES_ONLY) >= 0


def test_delete_takes_a_sentence_out_of_the_report(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    at.screen.activateWindow()
    row = row_of(at, "person.1")
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    at.settle()
    assert "person.1" not in [each.key for each in drafted(at).sentences]
    assert len(at.screen.report.rows()) == 23
    assert "yours" not in at.screen.report.counts.text()
