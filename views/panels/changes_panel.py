"""What would change it: the nearest feasible changes to fit policy or reach the next grade, each with its effect.

Each is told as if it had been applied for, with a score of its own; the offer grid keeps the score of the application.
"""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ports import Progress
from app.usecases.find_changes import ALL_DEBTS, Change, Outlook, Target, find_changes
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.parts.basics import clear
from views.parts.section import Section
from views.strings import tr
from views.widgets import label


class ChangesPanel(Section):
    """Each change in words, over its effect."""

    def __init__(self, context: Context) -> None:
        body = QWidget()
        super().__init__(context, "changes", body)
        self.lines = QVBoxLayout(body)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(4)

    def show_case(self, view: CaseView) -> None:
        """Look for the changes of a scored case."""
        desk, case_id = self._context.desk, view.case.id

        def op(_: Progress) -> Outlook:
            return find_changes(case_id, desk.workspace, desk.engine, policy=desk.policy)

        self.ask(case_id, op, self._show)

    def _show(self, outlook: Outlook) -> None:
        clear(self.lines)
        if outlook.requested is None:
            self.show_empty()
            return
        if outlook.fits:
            self.lines.addWidget(label(tr("changes.fits"), "favourable"))
        if outlook.best:
            self.lines.addWidget(label(tr("changes.best", grade=outlook.grade)))
        for target in outlook.targets:
            self._show_target(target, outlook)
        if any(target.changes for target in outlook.targets):
            self.lines.addWidget(_wrapped(tr("changes.only"), "soft"))

    def _show_target(self, target: Target, outlook: Outlook) -> None:
        text = tr("changes.to_grade", grade=target.grade) if target.grade else tr("changes.to_policy")
        heading = label(text, "value")
        heading.setContentsMargins(0, 4, 0, 0)
        self.lines.addWidget(heading)
        if not target.changes:
            self.lines.addWidget(_wrapped(tr("changes.nothing"), "soft"))
        for change in target.changes:
            self.lines.addWidget(self._line(change, outlook, target))

    def _line(self, change: Change, outlook: Outlook, target: Target) -> QWidget:
        language = self._context.language
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(10, 2, 0, 2)
        column.setSpacing(1)
        column.addWidget(_wrapped(change_words(change, outlook, language)))
        column.addWidget(_wrapped(effect_words(change, outlook, target), "soft"))
        return holder


def _wrapped(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return made


def change_words(change: Change, outlook: Outlook, language: str) -> str:
    """``9,200.00 EUR instead of 12,000.00 EUR and 24 months instead of 36 months``."""
    asked, proposal = outlook.requested, change.proposal
    assert asked is not None
    parts = []
    if proposal.less:
        amounts = {
            "amount": fmt.money(proposal.amount, outlook.currency),
            "asked": fmt.money(asked.amount, outlook.currency),
        }
        parts.append(tr("changes.amount", **amounts))
    if proposal.months:
        terms = {
            "term": fmt.months(proposal.term_months, language),
            "asked": fmt.months(asked.term_months, language),
        }
        parts.append(tr("changes.term", **terms))
    if change.debts:
        names = (tr("changes.all_debts") if debt.id == ALL_DEBTS else debt.id for debt in change.debts)
        sum_ = sum((debt.outstanding for debt in change.debts), Decimal(0))
        listed = tr("changes.names").join(names)
        parts.append(tr("changes.debts", names=listed, sum=fmt.money(sum_, outlook.currency)))
    return tr("changes.join").join(parts)


def effect_words(change: Change, outlook: Outlook, target: Target) -> str:
    """Points, grade, price, share of income, and whether it fits policy where that is not what was looked for."""
    score, price = change.proposal.score, change.price
    more = score.points - outlook.points
    difference = f"{more:+d}".replace("-", "\u2212") if more else "\u00b10"
    parts = [tr("changes.points", points=score.points, difference=difference, grade=score.grade)]
    if price is not None:
        instalment = fmt.money(price.instalment, outlook.currency)
        parts.append(tr("changes.price", rate=fmt.percent(price.rate_pct), instalment=instalment))
    if change.dsr_after_pct is not None:
        parts.append(tr("changes.share", share=fmt.percent(change.dsr_after_pct)))
    if target.grade is not None:
        parts.append(tr("changes.fits_policy" if change.fits else "changes.outside"))
    return " · ".join(parts)
