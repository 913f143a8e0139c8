"""The score tab's offers, changes and standing: what they say, how cells are pointed at, and how they are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.domain.case import Outcome
from app.domain.counterfactual import OpenDebt, Proposal
from app.domain.offers import Cell, Reason
from app.domain.policy import Terms
from app.domain.pricing import Price
from app.domain.standing import LEAST_APPROVED, Standing
from app.errors import InputError
from app.usecases.find_changes import Change, Outlook, Target
from tests.views.case_fixture import CASE_ID, SCORE, case_view
from tests.views.case_stage import Stage
from tests.views.test_decision_dialog import DECIDED
from views.panels import changes_panel, offer_panel
from views.panels.changes_panel import change_words, effect_words
from views.panels.decision_dialog import DecisionDialog
from views.panels.offer_panel import KEPT, OfferPanel, standing_words
from views.panels.scorecard_panel import PARTS, ScorecardPanel
from views.panels.standing_panel import standing_words as words_among
from views.parts.decision_preview import read_number
from views.parts.offer_grid import LABEL, OfferPicture, standing_of
from views.strings import use_language


@pytest.fixture
def tab(stage: Callable[..., Stage]) -> Callable[..., tuple[Stage, ScorecardPanel]]:
    """``tab(view)`` shows the score tab of the drawn case, assessed by the shipped scorecard and policy."""

    def make(view: Any = None, *, width: int = 1500) -> tuple[Stage, ScorecardPanel]:
        at = stage(view)
        at.screen.resize(width, 900)
        at.desk.assess(CASE_ID)
        at.open()
        at.show_tab("scorecard")
        return at, at.screen.scorecard

    return make


Tab = Callable[..., tuple[Stage, ScorecardPanel]]


def texts_of(panel: Any) -> list[str]:
    return [each.text() for each in panel.findChildren(QLabel) if each.text()]


def cell_of(picture: OfferPicture) -> Cell:
    cell = picture.pointed_at()
    assert cell is not None
    return cell


def move(widget: QWidget, to: QPoint) -> None:
    """The mouse over a widget, as the window system would tell it."""
    none = Qt.MouseButton.NoButton
    where = widget.mapToGlobal(to).toPointF()
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, to.toPointF(), where, none, none, Qt.KeyboardModifier.NoModifier)
    )


def middle_of(picture: OfferPicture, line: int, column: int) -> QPoint:
    return picture.box_of(line, column).center().toPoint()


# Offers


def test_the_requested_offer_is_told_first(tab: Tab) -> None:
    _, panel = tab()
    offers = panel.offers
    assert offers.body.isVisible()
    cell = cell_of(offers.picture)
    assert (cell.amount, cell.term_months) == (Decimal("12000.00"), 36)
    assert offers.figures["terms"].value.text() == "12,000.00 EUR · 36 months"
    assert cell.price is not None
    assert offers.figures["instalment"].value.text() == f"{cell.price.instalment:,.2f} EUR"
    assert offers.figures["apr"].value.text().endswith(" %")
    assert "12,000.00 EUR, 36 months" in offers.picture.accessibleDescription()
    assert offers.held_to.text().startswith("instalment-loan ")


def test_the_cell_under_the_mouse_is_told_until_it_leaves(tab: Tab, qtbot: QtBot) -> None:
    _, panel = tab()
    picture = panel.offers.picture
    at_rest = cell_of(picture)
    panel.jump("offers")
    with qtbot.waitSignal(picture.pointed):
        move(picture, middle_of(picture, 0, 1))
    cell = cell_of(picture)
    assert (cell.amount, cell.term_months) != (at_rest.amount, at_rest.term_months)
    assert panel.offers.figures["terms"].value.text() == f"{cell.amount:,.2f} EUR · {cell.term_months} months"
    move(picture, QPoint(round(LABEL) - 30, 4))  # over the heads there is no cell
    assert cell_of(picture) == at_rest


def test_arrow_keys_walk_and_stay_inside(tab: Tab, qtbot: QtBot) -> None:
    _, panel = tab()
    picture = panel.offers.picture
    start = cell_of(picture)
    qtbot.keyClick(picture, Qt.Key.Key_Right)
    assert cell_of(picture).term_months > start.term_months
    qtbot.keyClick(picture, Qt.Key.Key_Home)
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    qtbot.keyClick(picture, Qt.Key.Key_PageUp)
    qtbot.keyClick(picture, Qt.Key.Key_Up)
    least = cell_of(picture)
    qtbot.keyClick(picture, Qt.Key.Key_End)
    qtbot.keyClick(picture, Qt.Key.Key_PageDown)
    most = cell_of(picture)
    assert least.amount < start.amount <= most.amount
    assert (least.term_months, most.term_months) == (6, 84)


def test_why_a_cell_does_not_fit_is_said(tab: Tab, qtbot: QtBot) -> None:
    _, panel = tab()
    picture = panel.offers.picture
    qtbot.keyClick(picture, Qt.Key.Key_PageDown)
    qtbot.keyClick(picture, Qt.Key.Key_Home)  # the most money in the shortest time
    cell = cell_of(picture)
    assert standing_of(cell) == "not"
    words = panel.offers.standing.text()
    assert words.startswith("Does not fit: ")
    assert cell.reasons[0].text in words
    assert "does not fit" in picture.accessibleDescription()
    assert panel.offers.standing.property("role") == "adverse"


def test_enter_puts_a_cell_into_the_decision(tab: Tab, qtbot: QtBot) -> None:
    at, panel = tab()
    picture = panel.offers.picture
    qtbot.keyClick(picture, Qt.Key.Key_Up)
    cell = cell_of(picture)
    qtbot.keyClick(picture, Qt.Key.Key_Return)
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    at.settle()
    assert dialog.outcome is Outcome.COUNTER_OFFER
    assert read_number(dialog.amount.text()) == cell.amount
    assert dialog.term.text() == str(cell.term_months)
    assert cell.price is not None
    assert read_number(dialog.rate.text()) == cell.price.rate_pct
    terms = dialog.terms()
    assert terms is not None
    assert dialog.preview is not None
    assert dialog.preview.instalment == cell.price.instalment


def test_a_click_takes_the_cell_that_was_pressed_only(tab: Tab, qtbot: QtBot) -> None:
    at, panel = tab()
    picture, left = panel.offers.picture, Qt.MouseButton.LeftButton
    taken: list[object] = []
    panel.offer_chosen.connect(taken.append)
    qtbot.mousePress(picture, left, pos=middle_of(picture, 0, 0))
    qtbot.mouseRelease(picture, left, pos=middle_of(picture, 2, 2))
    assert taken == []
    qtbot.mouseClick(picture, left, pos=middle_of(picture, 1, 3))
    assert len(taken) == 1
    assert isinstance(at.screen.jobs.dialog, DecisionDialog)


def test_the_offer_that_was_asked_for_opens_the_approval(tab: Tab, qtbot: QtBot) -> None:
    at, panel = tab()
    qtbot.keyClick(panel.offers.picture, Qt.Key.Key_Return)
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    assert dialog.outcome is Outcome.APPROVE


def test_of_a_decided_case_the_offers_are_only_told(tab: Tab, qtbot: QtBot) -> None:
    at, panel = tab(DECIDED)
    assert panel.offers.hint.text() == "The case is decided; the cells are only told."
    qtbot.keyClick(panel.offers.picture, Qt.Key.Key_Return)
    assert at.screen.jobs.dialog is None


def test_the_same_content_is_laid_out_once(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    at, _ = tab()
    asked: list[str] = []
    real = offer_panel.offer_terms

    def counted(cmd: Any, *given: Any, **more: Any) -> Any:
        asked.append(cmd.case_id)
        return real(cmd, *given, **more)

    monkeypatch.setattr(offer_panel, "offer_terms", counted)
    at.open()
    at.settle()
    assert asked == []
    with at.workspace.transaction() as stores:
        fact = next(each for each in stores.facts.current(CASE_ID) if each.name == "expenses.monthly_living")
        stores.facts.retire(CASE_ID, [fact.id])
    at.open()
    at.settle()
    assert asked == [CASE_ID]


def test_grids_are_kept_up_to_a_number(stage: Callable[..., Stage]) -> None:
    panel = OfferPanel(stage().context)
    for number in range(KEPT + 5):
        panel._keep((number,), None)  # type: ignore[arg-type]
    assert (len(panel._kept), next(iter(panel._kept))) == (KEPT, (5,))
    panel.deleteLater()


def test_what_fails_is_told_with_a_way_to_try_again(tab: Tab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    at, panel = tab()
    real = offer_panel.offer_terms

    def broken(*_: Any, **__: Any) -> Any:
        raise InputError("policy", "The policy cannot be read.", remedy="Mend it.")

    monkeypatch.setattr(offer_panel, "offer_terms", broken)
    panel.offers._kept.clear()
    at.open()
    at.settle()
    assert not panel.offers.body.isVisible()
    assert "The policy cannot be read." in panel.offers.note.text()
    assert "Mend it." in panel.offers.note.text()
    assert at.errors == []
    monkeypatch.setattr(offer_panel, "offer_terms", real)
    qtbot.mouseClick(panel.offers.retry, Qt.MouseButton.LeftButton)
    assert panel.offers.bar.isVisibleTo(panel)
    at.settle()
    assert panel.offers.body.isVisibleTo(panel)
    assert not panel.offers.retry.isVisibleTo(panel)


REASON = Reason("affordability 4.2", "refer", "Too much.")


@pytest.mark.parametrize(
    ("fits", "reasons", "referrals", "state", "words"),
    [
        (True, (), (), "fits", "Fits policy."),
        (
            True,
            (),
            (Reason("referral 3.5", "refer", "Stated."), REASON),
            "refer",
            "Fits by amount, term and price; the case is referred: referral 3.5: Stated. (and 1 more)",
        ),
        (False, (REASON,), (REASON,), "not", "Does not fit: affordability 4.2: Too much."),
        (False, (), (), "not", "does not fit"),
    ],
)
def test_a_cell_says_how_it_fits(fits: bool, reasons: Any, referrals: Any, state: str, words: str) -> None:
    use_language("en")
    cell = Cell(Decimal(1000), 12, fits, None, None, None, None, None, reasons, referrals)
    assert standing_of(cell) == state
    assert standing_words(cell) == words


# Changes


def test_the_nearest_changes_are_told_with_their_effect(tab: Tab) -> None:
    _, panel = tab()
    told = texts_of(panel.changes)
    assert told[0] == "WHAT WOULD CHANGE IT"
    assert any(text.startswith("To ") for text in told)
    effects = [text for text in told if " points (" in text]
    assert effects
    assert all(", grade " in text and " of income" in text for text in effects)
    assert any("instead of 12,000.00 EUR" in text or "instead of 36 months" in text for text in told)
    assert any("every other fact stays as it is" in text for text in told)


def test_an_effect_says_what_the_goal_leaves_open() -> None:
    use_language("en")
    score = replace(SCORE, points=600)
    proposal = Proposal(Decimal(8000), 24, ("Bank A-1",), Decimal(4000), 12, Decimal(900), score)
    debts = (OpenDebt("Bank A-1", Decimal(900), Decimal(40)),)
    price = Price(Decimal("9.40"), Decimal("366.88"), Decimal(0), Decimal("9.82"), Decimal("9.4"), Decimal(805))
    change = Change(proposal, debts, False, price, Decimal("38.10"))
    held = Outlook(Terms(Decimal(12000), 36), "EUR", False, "C", 612, False, ())
    assert change_words(change, held, "en") == (
        "8,000.00 EUR instead of 12,000.00 EUR and 24 months instead of 36 months and Bank A-1 paid off (900.00 EUR)"
    )
    told = "600 points (\u221212), grade C · 9.4 %, 366.88 EUR a month · 38.1 % of income"
    assert effect_words(change, held, Target(None, (change,))) == told
    assert effect_words(change, held, Target("B", (change,))) == f"{told} · outside policy"
    same = replace(change, proposal=replace(proposal, score=replace(score, points=612)), fits=True, debts=())
    assert effect_words(same, held, Target("B", ())).startswith("612 points (\u00b10), grade C")
    assert effect_words(same, held, Target("B", ())).endswith(" · fits policy")


def test_changes_are_told_in_chinese(tab: Tab) -> None:
    at, panel = tab()
    use_language("zh")
    at.context.language = "zh"
    at.context.refresh.language_changed.emit("zh")
    at.settle()
    told = texts_of(panel.changes)
    assert "如何改变结果" in told
    assert any("级" in text and "分（" in text for text in told)
    assert panel.offers.figures["terms"].value.text() == "12,000.00 EUR · 36 个月"


def test_a_case_that_changed_since_it_was_scored_says_so(stage: Callable[..., Stage]) -> None:
    at = stage()  # drawn, never assessed: its scorecard is kept nowhere
    at.open()
    at.show_tab("scorecard")
    changes = at.screen.scorecard.changes
    assert "changed since it was scored. Assess it anew." in changes.note.text()
    assert changes.retry.isVisibleTo(changes)


def test_a_request_without_an_amount_has_no_changes(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    real = changes_panel.find_changes
    monkeypatch.setattr(
        changes_panel, "find_changes", lambda *given, **more: replace(real(*given, **more), requested=None, targets=())
    )
    _, panel = tab()
    assert panel.changes.note.text().startswith("Amount or term of the request is not known")
    assert not panel.changes.body.isVisibleTo(panel)


# Standing


def test_no_other_case_is_an_empty_state(tab: Tab) -> None:
    _, panel = tab()
    assert panel.standing.note.text() == "This scorecard has scored no other case yet."
    assert not panel.standing.body.isVisibleTo(panel)


def test_the_applicant_is_set_among_the_others(stage: Callable[..., Stage]) -> None:
    at = stage()
    with at.workspace.transaction() as stores:
        for points in range(SCORE.points - 30, SCORE.points + 10, 2):
            stores.scores.put(f"C-2026-9{points:05d}", replace(SCORE, points=points))
    at.open()
    at.show_tab("scorecard")
    panel = at.screen.scorecard.standing
    assert panel.caption.text() == (
        "612 points are above 78 % of all 20 cases that this scorecard scored; none of them is approved so far."
    )
    assert sum(panel.spread.bars()) == 20
    assert panel.spread.accessibleDescription() == panel.caption.text()


@pytest.mark.parametrize(
    ("approved", "among", "words"),
    [
        (LEAST_APPROVED, True, "600 points are above 50 % of 30 approved cases that this scorecard scored."),
        (12, False, "12 of them are approved so far."),
        (0, False, "none of them is approved so far."),
    ],
)
def test_which_cases_are_compared_with_is_said(approved: int, among: bool, words: str) -> None:
    use_language("en")
    assert words_among(Standing(600, among, approved, ((590, 15), (610, 15)))).endswith(words)


# The tab


def test_links_lead_to_the_parts(tab: Tab, qtbot: QtBot) -> None:
    _, panel = tab()
    assert list(panel.jumps) == list(PARTS)
    qtbot.mouseClick(panel.jumps["offers"], Qt.MouseButton.LeftButton)
    assert not panel.offers.picture.visibleRegion().isEmpty()
    qtbot.mouseClick(panel.jumps["standing"], Qt.MouseButton.LeftButton)
    assert panel.offers.picture.visibleRegion().isEmpty()


def test_points_are_told_with_neutral_and_best(tab: Tab) -> None:
    _, panel = tab()
    for row in panel.chart.rows():
        assert f"{row.points} points, neutral {row.neutral_points}, best {row.maximum_points}" in panel.chart.words(row)


@pytest.mark.parametrize("width", [1224, 1544])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_short_or_scrolls_sideways(tab: Tab, width: int, language: str) -> None:
    at, panel = tab(width=width)
    use_language(language)
    at.context.language = language
    at.context.refresh.language_changed.emit(language)
    at.settle()
    assert panel._area.horizontalScrollBar().maximum() == 0
    for name, figure in panel.offers.figures.items():
        assert figure.value.width() >= figure.value.sizeHint().width(), name


def test_a_case_without_a_score_has_no_parts(stage: Callable[..., Stage]) -> None:
    at = stage(case_view(score=None, policy=None, facts=()))
    at.open()
    at.show_tab("scorecard")
    assert at.screen.scorecard.state.isVisible()
    assert not at.screen.scorecard.offers.isVisible()
