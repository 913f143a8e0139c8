"""The foot of a case: the score on its scale, what policy says, what would fit, and the ways to decide."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.domain.case import Outcome, Status
from app.domain.facts import Stance
from app.domain.policy import PolicyResult
from app.usecases.record_decision import ADVERSE
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import fact_behind
from views.parts.basics import KeyValue
from views.parts.chip import KeyButton
from views.parts.leading import Leading
from views.parts.score_gauge import ScoreGauge, Zones
from views.stored_words import clause_words
from views.strings import tr
from views.theme import set_role
from views.widgets import label, row

KEYS = {Outcome.REFER: "R", Outcome.DECLINE: "D", Outcome.APPROVE: "A", Outcome.COUNTER_OFFER: "S"}
_STANCES = {"approve": Stance.FAVOURABLE, "refer": Stance.ADVERSE, "decline": Stance.ADVERSE}


@dataclass(frozen=True, slots=True)
class Seal:
    """What checking a package came to."""

    words: str
    detail: str  # the file, and what is wrong with it
    good: bool


class DecisionBar(QFrame):
    """Asks for a decision by signal; a decided case shows its decision and seal instead."""

    decision_asked = Signal(str)  # outcome
    export_asked = Signal()
    verify_asked = Signal()
    letter_asked = Signal()
    fact_chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        set_role(self, "footer")
        self.setFixedHeight(92)
        self.gauge = ScoreGauge(context)
        self.gauge.setFixedWidth(204)
        self.policy, self.fits = KeyValue(), KeyValue()
        self.scored = Leading(self.gauge)
        for leads in (self.scored, self.policy.leads, self.fits.leads):
            leads.chosen.connect(self.fact_chosen)
        self.decided, self.seal = KeyValue(), label("", "pill")
        self.seal.setFixedHeight(26)
        self.buttons = {outcome: KeyButton(context) for outcome in KEYS}
        self.export, self.again, self.letter = KeyButton(context, "primary"), KeyButton(context), KeyButton(context)
        for outcome, button in self.buttons.items():
            button.clicked.connect(lambda _=False, chosen=outcome: self.decision_asked.emit(chosen.value))
            button.setMinimumHeight(38)
        self.export.clicked.connect(self.export_asked)
        self.again.clicked.connect(self.verify_asked)
        self.letter.clicked.connect(self.letter_asked)
        for later in (self.seal, self.export, self.again, self.letter):
            later.hide()  # beside the buttons above they would force the window wider, even before the first case
        line = row(
            self.gauge,
            14,
            self.policy,
            8,
            self.fits,
            8,
            self.decided,
            self.seal,
            0,
            *self.buttons.values(),
            self.letter,
            self.again,
            self.export,
            spacing=12,
            margins=(20, 0, 20, 0),
        )
        self.setLayout(line)

    def show_case(self, view: CaseView, zones: Zones | None = None, verified: Seal | None = None) -> None:
        """Show one case; ``verified`` is what checking its package came to."""
        self.gauge.show_score(view.score, zones)
        self.scored.lead_to(fact_behind(view, "score.points") if view.score else "")
        words, stance = policy_words(view.policy)
        self.policy.show_value(tr("case.decision.policy"), words, stance)
        self.policy.leads.lead_to(deciding_fact(view))
        self._show_fit(view.policy)
        self.fits.leads.lead_to(fact_behind(view, "offer.amount", "limit.amount"))
        decided = view.decision is not None and view.decision.outcome is not Outcome.REFER
        signed = view.case.status is Status.SIGNED
        self._show_decision(view)
        for outcome, button in self.buttons.items():
            button.show_text(tr(f"case.decision.{outcome}"), KEYS[outcome])
            button.setVisible(not decided and not signed)
            button.dress("primary" if outcome is recommended(view) else "")
        self.buttons[Outcome.COUNTER_OFFER].setEnabled(view.case.amount is not None)
        self.export.show_text(tr("case.decision.export"), "X")
        self.export.setVisible(view.decision is not None)
        self.again.show_text(tr("case.decision.verify"), "V")
        self.again.setVisible(signed)
        self.letter.show_text(tr("letter.open"), "L")
        self.letter.setVisible(view.decision is not None and view.decision.outcome in ADVERSE)
        self._show_seal(verified, signed=signed)

    def _show_seal(self, verified: Seal | None, *, signed: bool) -> None:
        self.seal.setText(verified.words if verified else tr("case.decision.signed"))
        self.seal.setToolTip(verified.detail if verified else "")
        role = "pill" if verified is None else "chip-favourable" if verified.good else "chip-adverse"
        set_role(self.seal, role)
        self.seal.setVisible(verified is not None or signed)

    def may_decide(self) -> bool:
        """Whether the case can still be decided."""
        return self.buttons[Outcome.REFER].isVisibleTo(self)

    def _show_fit(self, policy: PolicyResult | None) -> None:
        offer = policy.fits if policy else None
        if offer is None:
            text = tr("case.decision.nothing_fits") if policy else ""
            self.fits.show_value(tr("case.decision.fits"), text, Stance.ADVERSE)
            return
        parts = (
            fmt.money(offer.amount, offer.currency),
            fmt.months(offer.term_months, self._context.language),
            fmt.percent(offer.rate_pct),
        )
        self.fits.show_value(tr("case.decision.fits"), " · ".join(parts), Stance.FAVOURABLE)

    def _show_decision(self, view: CaseView) -> None:
        decision = view.decision
        if decision is None:
            self.decided.show_value("", "")
            return
        parts = [tr(f"outcome.{decision.outcome}")]
        if decision.amount is not None and decision.outcome in (Outcome.APPROVE, Outcome.COUNTER_OFFER):
            parts.append(fmt.money(decision.amount, decision.currency))
        parts.append(decision.person)
        stance = {Outcome.DECLINE: Stance.ADVERSE, Outcome.REFER: Stance.NEUTRAL}.get(
            decision.outcome, Stance.FAVOURABLE
        )
        when = fmt.moment(decision.decided_at, self._context.language)
        self.decided.show_value(tr("case.decision.decided", when=when), " · ".join(parts), stance)


def policy_words(policy: PolicyResult | None) -> tuple[str, Stance]:
    """``Refer: affordability 4.2``: the outcome with the first clause that decides it."""
    if policy is None:
        return tr("case.decision.no_policy"), Stance.NEUTRAL
    outcome = tr(f"case.policy.{policy.outcome}")
    deciding = [clause.clause for clause in policy.clauses if clause.outcome == policy.outcome != "pass"]
    words = tr("case.decision.clause", outcome=outcome, clause=clause_words(deciding[0])) if deciding else outcome
    return words, _STANCES.get(policy.outcome, Stance.NEUTRAL)


def deciding_fact(view: CaseView) -> str:
    """Id of a fact that the deciding clause went by; blank where nothing decides against."""
    clauses = view.policy.clauses if view.policy else ()
    deciding = [each for each in clauses if view.policy and each.outcome == view.policy.outcome != "pass"]
    return next((fact for clause in deciding[:1] for fact in clause.facts if view.fact(fact)), "")


def recommended(view: CaseView) -> Outcome | None:
    """The outcome that the case's findings recommend; None before it is assessed."""
    codes = (finding.code for finding in view.findings if finding.section == "recommendation")
    named = (code.partition(".")[2] for code in codes)
    return next((Outcome(name) for name in named if name in set(Outcome)), None)
