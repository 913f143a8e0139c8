"""A case at a glance: contradictions side by side, every fact with its source, every finding with its stance."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.domain.facts import Fact, Stance
from app.domain.findings import Finding
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import SourceWords, contradicting_pair, mark_of, open_contradictions, paper_of
from views.models.facts_model import RowsModel, fact_rows, finding_rows
from views.parts.basics import StatePane, clear
from views.parts.chip import FigureChip
from views.parts.row_delegate import RowList
from views.strings import tr
from views.theme import set_role
from views.widgets import ElidedLabel, label


class OverviewPanel(QWidget):
    """Facts at the left, findings at the right, what contradicts above both."""

    fact_chosen = Signal(str)
    document_chosen = Signal(str, object)  # SHA-256; the ``Mark`` to look at, or None

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._view: CaseView | None = None
        self.facts, self.findings = RowsModel(self), RowsModel(self)
        self.fact_list, self.finding_list = RowList(context, self.facts), RowList(context, self.findings)
        self.fact_heading, self.finding_heading = label("", "subtitle"), label("", "subtitle")
        self.no_facts, self.no_findings = StatePane(), StatePane()
        self.contradictions = QWidget()
        self._cards = QVBoxLayout(self.contradictions)
        self._cards.setContentsMargins(0, 0, 0, 4)
        self._cards.setSpacing(8)
        self.fact_list.chosen.connect(self.fact_chosen)
        self.finding_list.chosen.connect(self._on_finding)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(_side(self.fact_heading, self.fact_list, self.no_facts))
        split.addWidget(_side(self.finding_heading, self.finding_list, self.no_findings))
        split.setSizes([480, 520])
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 10)
        column.setSpacing(8)
        column.addWidget(self.contradictions)
        column.addWidget(split, 1)

    def show_case(self, view: CaseView) -> None:
        """Fill both lists; the chosen fact stays chosen."""
        self._view = view
        self.facts.show_rows(fact_rows(view, self._context))
        self.findings.show_rows(finding_rows(view, self._context))
        self.fact_heading.setText(tr("case.overview.facts", count=len(view.facts)))
        self.finding_heading.setText(tr("case.overview.findings", count=len(view.findings)))
        self.fact_list.setAccessibleName(self.fact_heading.text())
        self.finding_list.setAccessibleName(self.finding_heading.text())
        self.no_facts.show_empty(tr("case.overview.no_facts"), tr("case.overview.no_facts_more"))
        self.no_findings.show_empty(tr("case.overview.no_findings"), tr("case.overview.no_findings_more"))
        for shown, pane, rows in (
            (self.fact_list, self.no_facts, view.facts),
            (self.finding_list, self.no_findings, view.findings),
        ):
            shown.setVisible(bool(rows))
            pane.setVisible(not rows)
        self._show_contradictions(view)

    def mark(self, fact_id: str) -> None:
        """Mark the fact that the evidence shows."""
        self.fact_list.mark(fact_id)

    def _show_contradictions(self, view: CaseView) -> None:
        clear(self._cards)
        found = [finding for finding in view.findings if finding.relation == "contradicts"]
        still_open = {finding.id for finding in open_contradictions(view)}
        for finding in found:
            pair = contradicting_pair(view, finding)
            if pair is not None:
                card = ContradictionCard(self._context, view, finding, pair, still_open=finding.id in still_open)
                card.chosen.connect(self.fact_chosen)
                self._cards.addWidget(card)
        self.contradictions.setVisible(self._cards.count() > 0)

    def _on_finding(self, finding_id: str) -> None:
        found = next((each for each in self._view.findings if each.id == finding_id), None) if self._view else None
        if found is None or self._view is None:
            return
        fact, document = paper_of(self._view, found)
        if document is not None:
            self.document_chosen.emit(document.sha256, mark_of(document, found))
        elif fact is not None:
            self.fact_chosen.emit(fact.id)
        elif found.facts:
            self.fact_chosen.emit(found.facts[0])


def _side(heading: QWidget, rows: QWidget, empty: QWidget) -> QWidget:
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(4, 0, 4, 0)
    column.setSpacing(2)
    heading.setContentsMargins(10, 4, 0, 0)
    column.addWidget(heading)
    column.addWidget(rows, 1)
    column.addWidget(empty, 1)
    return side


class ContradictionCard(QFrame):
    """Two readings of one thing, each with its source; either opens its document."""

    chosen = Signal(str)

    def __init__(
        self, context: Context, view: CaseView, finding: Finding, pair: tuple[Fact, Fact], *, still_open: bool
    ) -> None:
        super().__init__()
        self._context = context
        set_role(self, "card")
        words = SourceWords(view, context.desk.workspace.catalogue, context.language)
        title = label(tr("case.overview.contradiction" if still_open else "case.overview.settled"), "amber")
        title.setFont(context.theme.font(12, 600))
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 8, 14, 8)
        line.setSpacing(18)
        line.addWidget(title)
        for fact, stance in zip(pair, (Stance.NEUTRAL, Stance.ADVERSE), strict=True):
            line.addLayout(self._reading(fact, stance, words), 1)

    def _reading(self, fact: Fact, stance: Stance, words: SourceWords) -> QHBoxLayout:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        chip = FigureChip(self._context, fmt.fact_text(fact, catalogue, language), fact.id, stance)
        chip.chosen.connect(self.chosen)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        name = ElidedLabel(fmt.fact_label(fact.name, catalogue, language))
        texts.addWidget(name)
        texts.addWidget(ElidedLabel(words.line(fact), "caption"))
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(chip)
        line.addLayout(texts, 1)
        return line
