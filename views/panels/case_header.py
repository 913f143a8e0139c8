"""The head of a case: who asks for what, whether it can be afforded, what is still open."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.domain.case import Case
from app.domain.facts import Fact, Stance
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import fact_behind, needs_confirmation, open_contradictions
from views.parts.basics import KeyValue, Shrinking
from views.parts.notice_words import notice_tip, notice_words
from views.strings import has_text, tr
from views.theme import set_role
from views.widgets import label

_WIDE = 1350  # pixels


class CaseHeader(QFrame):
    """One line of captions and values, with pills for what is open."""

    fact_chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        set_role(self, "bar")
        self.setFixedHeight(76)
        self.applicant, self.identity = Shrinking("", "title"), Shrinking("", "soft")
        self.requested, self.affordability = KeyValue(), KeyValue()
        self.notice, self.opinion, self.decision = KeyValue(), KeyValue(), KeyValue()
        for part in (self.requested, self.affordability):
            part.leads.chosen.connect(self.fact_chosen)
        self.contradictions, self.unconfirmed = label("", "pill-amber"), label("", "pill")
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch()
        names.addWidget(self.applicant)
        names.addWidget(self.identity)
        names.addStretch()
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(20, 0, 20, 0)
        line.setSpacing(26)
        line.addLayout(names)
        for part in (self.requested, self.affordability, self.notice, self.opinion, self.decision):
            line.addWidget(part)
        line.addStretch(1)
        for pill in (self.contradictions, self.unconfirmed):
            pill.setFixedHeight(26)
            line.addWidget(pill)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a narrow screen the first opinion, which the history tells, leaves its room to what is asked for."""
        super().resizeEvent(event)
        self._line.setSpacing(26 if event.size().width() >= _WIDE else 14)
        self._show_opinion_if_wide()

    def _show_opinion_if_wide(self) -> None:
        self.opinion.setVisible(self.width() >= _WIDE and bool(self.opinion.value.text()))

    def show_case(self, view: CaseView) -> None:
        """Fill every value; what the case does not have is hidden."""
        case, language = view.case, self._context.language
        self.applicant.setText(applicant_words(case))
        parts = (case.id, product_name(case.product), case.reference)
        self.identity.setText(" · ".join(part for part in parts if part))
        terms = [fmt.money(case.amount, case.currency)] if case.amount is not None else []
        terms += [fmt.months(case.term_months, language)] if case.term_months is not None else []
        self.requested.show_value(tr("case.head.requested"), " · ".join(terms))
        self.requested.leads.lead_to(fact_behind(view, "request.amount", "request.term_months"))
        self.affordability.show_value(tr("case.head.affordability"), *affordability(view))
        self.affordability.leads.lead_to(fact_behind(view, "ratio.dsr_after_pct"))
        self.notice.show_value(*notice_words(view.notice, language))
        self.notice.setToolTip(notice_tip(view.notice, language))
        self._show_opinion(view)
        self._show_pills(view)

    def _show_opinion(self, view: CaseView) -> None:
        opinion, decision = view.first_opinion, view.decision
        text = f"{tr(f'outcome.{opinion.outcome}')} · {opinion.at.astimezone():%H:%M}" if opinion else ""
        self.opinion.show_value(tr("case.head.opinion"), text)
        self._show_opinion_if_wide()
        shown = tr(f"outcome.{decision.outcome}") if decision else ""
        if decision and view.case.status.value == "signed":
            shown += f" · {tr('status.signed')}"
        self.decision.show_value(tr("case.head.decision"), shown)

    def _show_pills(self, view: CaseView) -> None:
        contradictions = len(open_contradictions(view))
        self.contradictions.setText(tr(_plural("case.head.contradictions", contradictions), count=contradictions))
        self.contradictions.setVisible(contradictions > 0)
        asks = sum(map(needs_confirmation, view.facts))
        self.unconfirmed.setText(tr("case.head.unconfirmed", count=asks, total=len(view.facts)))
        self.unconfirmed.setVisible(bool(view.facts) and asks > 0)


def applicant_words(case: Case) -> str:
    """The applicant's name; of a case from a table without names its number there."""
    if case.applicant:
        return case.applicant
    number = case.reference if case.reference and case.reference.isalnum() else ""
    return tr("case.numbered", reference=number) if number else tr("case.unnamed")


def affordability(view: CaseView) -> tuple[str, Stance]:
    """Instalments after the loan against the limit, and whether that is good or bad."""
    after, limit = view.named("ratio.dsr_after_pct"), view.named("limit.dsr_pct")
    if after is None:
        return "", Stance.NEUTRAL
    if limit is None:
        return tr("case.head.share", share=_percent(after)), Stance.NEUTRAL
    stance = Stance.ADVERSE if after.value > limit.value else Stance.FAVOURABLE  # type: ignore[operator]
    return tr("case.head.against", share=_percent(after), limit=_percent(limit)), stance


def _percent(fact: Fact) -> str:
    return fmt.percent(fact.value)  # type: ignore[arg-type]


def _plural(key: str, count: int) -> str:
    return f"{key}_one" if count == 1 else key


def product_name(product: str) -> str:
    """The product's name for people; its file's stem when there is no text for it."""
    key = f"case.product.{product}"
    return tr(key) if has_text(key) else product.replace("-", " ").capitalize()
