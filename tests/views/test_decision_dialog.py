"""Deciding: the bar, the dialog with its live preview, recording, sealing, verifying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.case import Decision, Outcome, Status
from app.domain.facts import Stance
from app.domain.findings import Finding, Materiality
from app.domain.money import annuity_instalment
from app.domain.policy import Terms
from app.domain.verification import Part, PartStatus, SignatureStatus, Verification
from app.usecases.show_case import show_case
from tests.views.case_fixture import CASE, CASE_ID, POLICY, case_view
from tests.views.case_stage import Stage
from views.panels.decision_bar import policy_words, recommended
from views.panels.decision_dialog import DecisionDialog
from views.parts.decision_preview import preview_of, sheet_of

DECISION = Decision(
    Outcome.APPROVE, Decimal("12000.00"), "EUR", 36, Decimal("9.90"), (), "It fits.", (), "A. Lind", "underwriter",
    "authority 5.1: 15000 EUR", None, datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
)  # fmt: skip
DECIDED = case_view(decision=DECISION, case=replace(CASE, status=Status.DECIDED))


@pytest.fixture
def assessed(stage: Callable[..., Stage]) -> Stage:
    """The drawn case assessed by the shipped scorecard and policy."""
    at = stage()
    at.desk.assess(CASE_ID)
    at.open()
    return at


def dialog_for(at: Stage, outcome: Outcome) -> DecisionDialog:
    at.screen.jobs.decide(outcome.value)
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    settle_dialog(at, dialog)
    return dialog


def settle_dialog(at: Stage, dialog: DecisionDialog) -> None:
    at.settle()
    dialog._wait.stop()
    dialog._ask_preview()
    at.settle()


def decision_of(at: Stage) -> Decision | None:
    with at.workspace.read() as stores:
        return stores.decisions.get(CASE_ID)


def test_the_policy_is_told_with_its_first_deciding_clause() -> None:
    assert policy_words(POLICY) == ("Refer: affordability 4.2", Stance.ADVERSE)
    assert policy_words(replace(POLICY, outcome="approve", clauses=())) == ("Approve", Stance.FAVOURABLE)
    assert policy_words(None) == ("Not assessed yet", Stance.NEUTRAL)


@pytest.mark.parametrize(
    ("key", "outcome"),
    [(Qt.Key.Key_R, "refer"), (Qt.Key.Key_D, "decline"), (Qt.Key.Key_A, "approve"), (Qt.Key.Key_S, "counter-offer")],
)
def test_a_key_opens_the_dialog_of_its_outcome(assessed: Stage, qtbot: QtBot, key: Qt.Key, outcome: str) -> None:
    assessed.screen.activateWindow()
    assessed.screen.documents.list.setFocus()
    qtbot.keyClick(assessed.screen.documents.list, key)
    dialog = assessed.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    assert dialog.outcome == outcome
    assessed.settle()
    dialog.reject()


def test_the_recommended_decision_stands_out(assessed: Stage) -> None:
    bar, view = assessed.screen.bar, case_view()
    for outcome in (*Outcome, None):
        finding = Finding("r", f"recommendation.{outcome}", "recommendation", Stance.NEUTRAL, Materiality.MAJOR, ())
        bar.show_case(replace(view, findings=(finding,) if outcome else ()))
        assert recommended(replace(view, findings=(finding,) if outcome else ())) is outcome
        assert [each for each, button in bar.buttons.items() if button.property("role") == "primary"] == [
            *([outcome] if outcome else [])
        ]


def test_the_preview_follows_the_terms(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.COUNTER_OFFER)
    dialog.amount.setText("8,000.00")
    dialog.term.setText("24")
    dialog.rate.setText("")
    settle_dialog(assessed, dialog)
    preview = dialog.preview
    assert preview is not None
    assert preview.rate_pct is not None
    assert preview.instalment == annuity_instalment(Decimal(8000), preview.rate_pct, 24)
    assert dialog.figures["instalment"].value.text() == f"{preview.instalment:,.2f} EUR"
    assert preview.authority == "15,000 EUR · authority 5.1"
    assert dialog.standing.text() == "Within policy and authority."
    dialog.amount.setText("eight")
    dialog._on_terms()
    assert dialog.amount.property("role") == "invalid"
    settle_dialog(assessed, dialog)
    assert not dialog.sign.isEnabled()
    dialog.reject()


def test_a_counter_offer_starts_from_what_fits_and_never_above_the_request(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.COUNTER_OFFER)
    terms = dialog.terms()
    view = assessed.screen.view
    assert view is not None
    assert view.policy is not None
    assert view.policy.fits is not None
    assert terms is not None
    assert terms.amount == min(view.policy.fits.amount, Decimal(12000))
    dialog.reject()


def test_outside_policy_an_override_reason_is_asked_for(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.APPROVE)
    assert dialog.preview is not None
    assert dialog.preview.outside
    assert dialog.override.isVisible()
    assert dialog.standing.text().startswith("Outside policy or authority: referral 3.5")
    dialog.reason.setPlainText("The employer confirmed the income.")
    dialog.submit()
    assert dialog.error.text() == (
        "These terms leave the policy or your authority: give an override reason, or other terms."
    )
    assert dialog.override.hasFocus() or dialog.isVisible()
    assert decision_of(assessed) is None
    dialog.override.setText("Confirmed by telephone with the employer.")
    dialog.seal.setChecked(False)
    dialog.submit()
    assessed.settle()
    kept = decision_of(assessed)
    assert kept is not None
    assert kept.outcome is Outcome.APPROVE
    assert kept.override == "Confirmed by telephone with the employer."
    assert kept.amount == Decimal("12000.00")
    assert assessed.screen.bar.decided.value.text() == "Approve · 12,000.00 EUR · A. Lind"
    assert assessed.screen.header.decision.value.text() == "Approve"


def test_a_decline_needs_words_and_one_to_four_principal_reasons(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.DECLINE)
    assert 1 <= len(dialog.chosen()) <= 4
    dialog.submit()
    assert dialog.error.text() == "Say what the decision rests on."
    dialog.reason.setPlainText("Income differs from the form.")
    for box in dialog.reasons.values():
        box.setChecked(False)
    dialog.submit()
    assert dialog.error.text() == "Choose at least one principal reason."
    for box in dialog.reasons.values():
        if box.isEnabled():
            box.setChecked(True)
    assert len(dialog.chosen()) == min(4, len(dialog.reasons))
    if len(dialog.reasons) > 4:
        assert any(not box.isEnabled() for box in dialog.reasons.values())
    dialog.seal.setChecked(False)
    dialog.submit()
    assessed.settle()
    kept = decision_of(assessed)
    assert kept is not None
    assert kept.outcome is Outcome.DECLINE
    assert tuple(reason.code for reason in kept.reasons) == dialog_codes(kept)
    assert not assessed.screen.bar.may_decide()


def dialog_codes(kept: Decision) -> tuple[str, ...]:
    codes = tuple(reason.code for reason in kept.reasons)
    assert 1 <= len(codes) <= 4
    return codes


def test_what_the_use_case_refuses_is_shown_in_the_dialog(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.DECLINE)
    dialog.reason.setPlainText("Internal standards.")
    dialog.seal.setChecked(False)
    dialog.submit()
    assessed.settle()
    assert dialog.isVisible()
    assert "is no specific reason" in dialog.error.text()
    assert assessed.errors == []
    assert decision_of(assessed) is None
    dialog.reject()


def test_a_referral_leaves_the_case_open(assessed: Stage) -> None:
    dialog = dialog_for(assessed, Outcome.REFER)
    assert dialog.seal.isHidden()
    dialog.reason.setPlainText("Wait for the employer's letter.")
    dialog.submit()
    assessed.settle()
    kept = decision_of(assessed)
    assert kept is not None
    assert kept.outcome is Outcome.REFER
    assert assessed.screen.bar.may_decide()


def test_the_preview_knows_whose_authority_it_takes(assessed: Stage) -> None:
    desk, view = assessed.desk, show_case(CASE_ID, assessed.workspace)
    sheet = sheet_of(view, desk.catalogue, desk.policy, desk.engine)
    large = preview_of(sheet, Outcome.APPROVE, Terms(Decimal(20000), 36), "underwriter", "EUR")
    assert "above the authority of underwriter" in large.beyond
    assert large.needs_override
    nobody = preview_of(sheet, Outcome.REFER, None, "gardener", "EUR")
    assert "gives the role 'gardener' no authority" in nobody.beyond
    refused = preview_of(sheet, Outcome.DECLINE, Terms(Decimal(20000), 36), "underwriter", "EUR")
    assert (refused.instalment, refused.outside) == (None, ())


def test_a_case_without_an_assessment_cannot_be_decided(stage: Callable[..., Stage]) -> None:
    at = stage(case_view(score=None, policy=None, facts=(), findings=(), report=None))
    at.open()
    dialog = dialog_for(at, Outcome.REFER)
    assert "has not been assessed" in dialog.error.text()
    assert not dialog.sign.isEnabled()
    dialog.reject()


def test_a_decided_case_offers_its_package_only(stage: Callable[..., Stage]) -> None:
    at = stage(DECIDED)
    at.open()
    bar = at.screen.bar
    assert bar.export.isVisible()
    assert not bar.again.isVisible()
    assert not any(button.isVisible() for button in bar.buttons.values())
    assert bar.seal.isHidden()
    at.screen.jobs.decide("approve")
    assert at.screen.jobs.dialog is None


def verification(case: str, *, problems: tuple[str, ...] = (), trusted: bool = False) -> Verification:
    signature = SignatureStatus("A. Lind", "underwriter", "ab" * 32, True, trusted)
    return Verification(case, None, (signature,), (Part("decision.json", PartStatus.INTACT),), (), problems)


def test_the_seal_tells_what_verifying_came_to(stage: Callable[..., Stage]) -> None:
    at = stage(case_view(decision=DECISION, case=replace(CASE, status=Status.SIGNED)))
    at.open()
    bar, jobs = at.screen.bar, at.screen.jobs
    assert bar.seal.text() == "Signed"
    assert bar.again.isVisible()
    path = Path("c.cwz")
    jobs._keep_verified(CASE_ID, path, verification(CASE_ID))
    assert (bar.seal.text(), bar.seal.property("role")) == ("Signed by A. Lind, intact", "chip-favourable")
    jobs._keep_verified(CASE_ID, path, verification(CASE_ID, problems=("decision.json was changed.",)))
    assert (bar.seal.text(), bar.seal.property("role")) == ("Package does not verify", "chip-adverse")
    assert "decision.json was changed." in bar.seal.toolTip()
    jobs._keep_verified(CASE_ID, path, verification("C-2026-000001"))
    assert "This is the package of case C-2026-000001." in bar.seal.toolTip()


def test_a_file_that_is_no_package_is_said_to_be_none(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    at = stage(case_view(decision=DECISION, case=replace(CASE, status=Status.SIGNED)))
    at.open()
    wrong = tmp_path / "wrong.cwz"
    wrong.write_bytes(b"not a zip")
    at.screen.jobs.verify_at(wrong)
    at.settle()
    assert at.screen.bar.seal.text() == "Package does not verify" or at.errors
