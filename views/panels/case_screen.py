"""The case screen: one case with its documents, report, score, cash flow, history, evidence and decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.bootstrap import Desk
from app.domain.changes import Changes
from app.domain.facts import Fact, SourceKind
from app.domain.reading import Mark
from app.errors import WorkbenchError
from app.ports import Progress
from app.usecases.show_case import CaseView, show_case
from views.context import Context
from views.panels.ask_panel import AskPanel
from views.panels.case_actions import CaseActions
from views.panels.case_header import CaseHeader
from views.panels.cash_flow_panel import CashFlowPanel
from views.panels.decision_bar import DecisionBar
from views.panels.document_list import DocumentList
from views.panels.evidence_panel import EvidencePanel
from views.panels.history_panel import HistoryPanel
from views.panels.letter_actions import LetterActions
from views.panels.limit_panel import LimitPanel
from views.panels.overview_panel import OverviewPanel
from views.panels.report_panel import ReportPanel
from views.panels.scorecard_panel import ScorecardPanel
from views.parts.basics import StatePane, still
from views.strings import tr
from views.widgets import hairline, shortcut

TABS = ("overview", "report", "scorecard", "cash_flow", "limit", "history", "ask")
_READS = Changes.EVERYTHING & ~(Changes.SETTINGS | Changes.REJECTS)


class CaseScreen(QWidget):
    """Reads the case on the read lane; each tab is filled when it is first looked at."""

    case_changed = Signal(str)  # id of the case now shown
    told = Signal(str)  # what went well, in words

    header: CaseHeader
    documents: DocumentList
    overview: OverviewPanel
    report: ReportPanel
    scorecard: ScorecardPanel
    cash_flow: CashFlowPanel
    limit: LimitPanel
    history: HistoryPanel
    ask: AskPanel
    evidence: EvidencePanel
    bar: DecisionBar
    middle: QWidget

    def __init__(self, context: Context, *, at_once: bool = True) -> None:
        """Without ``at_once`` the screen is empty until ``build_more`` has said that it is whole."""
        super().__init__()
        self.setObjectName("paper")
        self.context = context
        self.view: CaseView | None = None
        self._case_id = ""
        self._look_at = ""  # SHA-256 of the document to begin with
        self._stale: set[str] = set()
        self._building = self._build()
        if at_once:
            self.finish()

    # -- building

    def build_more(self) -> bool:
        """Build the next piece, some milliseconds of work; False when there is none left."""
        return next(self._building, None) is not None

    def finish(self) -> None:
        """Build what is missing."""
        while self.build_more():
            pass

    def _build(self) -> Iterator[str]:
        """The frame comes first and each panel goes straight to its place: moving a panel dresses all of it anew."""
        self._frame()
        yield "frame"
        for name, (panel, put) in self._panels().items():
            made = panel(self.context)
            setattr(self, name, made)
            put(made)
            yield name
        self._settle_sizes()
        self.jobs = CaseActions(self.context, self)
        self.letters = LetterActions(self.context, self, self.jobs.write)
        self._connect()
        yield "jobs"
        self._add_shortcuts()
        self.context.refresh.watch(self, _READS, self._on_changed)
        self.context.refresh.watch(self, Changes.SETTINGS, lambda _: self._on_settings())
        self.context.refresh.language_changed.connect(lambda _: self._dress())
        self.context.refresh.theme_changed.connect(lambda _: self._dress())
        self._dress()
        yield "connections"

    def _panels(self) -> dict[str, tuple[Callable[[Context], QWidget], Callable[[QWidget], object]]]:
        """What makes each panel and what puts it in its place, in the order the tab key goes."""

        def page(at: int) -> Callable[[QWidget], object]:
            return lambda panel: self.pages.insertWidget(at, panel)

        return {
            "header": (CaseHeader, partial(self._whole.insertWidget, 0)),
            "documents": (DocumentList, partial(self._put_aside, 200)),
            "middle": (lambda _: self._middle(), self.split.addWidget),
            "overview": (OverviewPanel, page(0)),
            "report": (ReportPanel, page(1)),
            "scorecard": (ScorecardPanel, page(2)),
            "cash_flow": (CashFlowPanel, page(3)),
            "limit": (LimitPanel, page(4)),
            "history": (HistoryPanel, page(5)),
            "ask": (AskPanel, page(6)),
            "evidence": (EvidencePanel, partial(self._put_aside, 320)),
            "bar": (DecisionBar, self._whole.addWidget),
        }

    def _frame(self) -> None:
        self.state = StatePane()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.state)
        whole = QWidget()
        self._stack.addWidget(whole)
        self._whole = _bare_column(whole)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self._whole.addWidget(self.split, 1)

    def _middle(self) -> QWidget:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setContentsMargins(28, 0, 0, 0)
        for name in TABS:
            self.tabs.addTab(tr(f"case.tab.{name}"))
        self.tabs.setCurrentIndex(TABS.index("report"))
        self.pages = QStackedWidget()
        middle = QWidget()
        middle.setMinimumWidth(480)
        column = _bare_column(middle)
        column.addWidget(_TabStrip(self.tabs))
        column.addWidget(self.pages, 1)
        return middle

    def _put_aside(self, least: int, panel: QWidget) -> None:
        panel.setMinimumWidth(least)
        self.split.addWidget(panel)

    def _settle_sizes(self) -> None:
        self.pages.setCurrentWidget(self.report)
        for at, stretch in enumerate((0, 1, 0)):
            self.split.setStretchFactor(at, stretch)
        self._share(self.width())

    def _connect(self) -> None:
        self.state.retried.connect(lambda: self.open_case(self._case_id))
        self.tabs.currentChanged.connect(self._on_tab)
        self.documents.chosen.connect(self.evidence.show_document)
        for panel in (self.header, self.overview, self.report, self.scorecard, self.limit, self.ask, self.bar):
            panel.fact_chosen.connect(self.show_fact)
        self.overview.document_chosen.connect(self.show_document)
        self.report.document_chosen.connect(self.show_document)
        self.ask.place_chosen.connect(self.evidence.show_place)
        self.evidence.reading_asked.connect(self.set_reading)
        self.documents.kind_asked.connect(self.jobs.classify)
        self.documents.again_asked.connect(self.jobs.read_as)
        self.documents.stop_asked.connect(self.jobs.stop_reading)
        self.evidence.again_asked.connect(self.jobs.read_as)
        self.evidence.stop_asked.connect(self.jobs.stop_reading)
        self.context.refresh.reading_moved.connect(self.documents.show_reading)
        self.context.refresh.reading_moved.connect(self.evidence.show_reading)
        self.scorecard.offer_chosen.connect(self.jobs.offer)
        self.limit.wished.connect(lambda value: self.jobs.wish(value, self.limit.show_error))
        self.cash_flow.entry_chosen.connect(self.evidence.show_entry)
        self.evidence.document_shown.connect(self.documents.mark)
        self.evidence.fact_shown.connect(self.overview.mark)
        self.jobs.connect_panels(self.report, self.evidence, self.bar)
        self.bar.export_asked.connect(lambda: self.letters.before_seal(self.jobs.export))
        self.bar.letter_asked.connect(self.letters.open_letter)
        self.evidence.ask_asked.connect(self.letters.ask_about)
        self.letters.written.connect(self.told)
        self.letters.fact_chosen.connect(self.show_fact)
        self.jobs.told.connect(self.told)
        self.jobs.scorecard_read.connect(self._on_scorecard)
        self.jobs.read_models()
        self.jobs.read_kinds()

    def _add_shortcuts(self) -> None:
        keys = {
            "C": lambda: self.evidence.confirm.click(),
            "E": self._on_edit_key,
            "G": lambda: self.report.controls.draft.click(),
            "N": self._on_next_key,
            "F": lambda: self.set_reading(not self.evidence.reading),
            "R": lambda: self.jobs.decide("refer"),
            "D": lambda: self.jobs.decide("decline"),
            "A": lambda: self.jobs.decide("approve"),
            "S": lambda: self.jobs.decide("counter-offer"),
            "X": lambda: self.bar.export.click(),
            "V": lambda: self.bar.again.click(),
            "L": lambda: self.letters.open_letter(),
            "Q": lambda: self.evidence.ask.click(),
            "Esc": self._on_escape,
            "Alt+Left": self.evidence.go_back,
            "Ctrl+Tab": lambda: self._step_tab(1),
            "Ctrl+Shift+Tab": lambda: self._step_tab(-1),
        }
        for key, act in keys.items():
            shortcut(key, self, act, window_wide=True)
        for at, name in enumerate(TABS, 1):
            shortcut(str(at), self, _to_tab(self, name), window_wide=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share(event.size().width())

    def _share(self, wide: int) -> None:
        if hasattr(self, "split"):
            side, evidence = (264, 440) if wide >= 1400 else (220, 360)
            reading = hasattr(self, "evidence") and self.evidence.reading
            self.split.setSizes([side, 0, wide - side] if reading else [side, wide - side - evidence, evidence])

    # -- opening

    def open_case(self, case_id: str) -> None:
        """Read a case and show it; one already shown stays on the screen meanwhile."""
        if case_id != self._case_id or self.view is None:
            self.view = None
            self.state.show_loading(tr("case.loading"))
            self._stack.setCurrentIndex(0)
        self._case_id = case_id
        op = partial(_read, self.context.desk, case_id)
        self.context.tasks.run(op, self._on_view, self, "read", key="case", failed=self._on_failed)

    def _on_view(self, view: CaseView) -> None:
        """Show what was read, in three turns of the event loop so that none holds the window up."""
        first = self.view is None or self.view.case.id != view.case.id
        self.view = view
        self._case_id = view.case.id
        self._stack.setCurrentIndex(1)
        self._stale = set(TABS)
        self.setUpdatesEnabled(False)  # until the tab is filled
        QTimer.singleShot(0, self, partial(self._show_tab_of, view, first=first))
        for part in (self.header, self.documents, self.evidence, self.jobs, self.letters):
            part.show_case(view)

    def _show_tab_of(self, view: CaseView, *, first: bool) -> None:
        self.setUpdatesEnabled(True)
        if self.view is not view:
            return
        with still(self):
            self._fill()
        if first:
            QTimer.singleShot(0, self, partial(self._look_first, view))

    def _look_first(self, view: CaseView) -> None:
        if self.view is not None and self.view.case.id == view.case.id:
            wanted, self._look_at = self._look_at, ""
            if any(document.sha256 == wanted for document in view.documents):
                self.show_document(wanted)
            else:
                self._show_first_figure(self.view)
            self._assess_first(self.view)
            self.case_changed.emit(view.case.id)

    def _assess_first(self, view: CaseView) -> None:
        """Assess a case nobody has looked at yet: rows of a table are only scored when they come in.

        Of one that was assessed, let the challenger speak where it has not.
        """
        if view.policy is None and view.decision is None and view.facts:
            self.jobs.assess()
        else:
            self._refresh_challenger(view)

    def _refresh_challenger(self, view: CaseView) -> None:
        if view.score is not None and view.decision is None:
            self.jobs.refresh_challenger()

    def _on_settings(self) -> None:
        """Another challenger may run now, or none."""
        if self.view is not None:
            self._refresh_challenger(self.view)

    def _on_failed(self, error: WorkbenchError) -> None:
        self.view = None
        self.state.show_error(tr("case.failed"), str(error))
        self._stack.setCurrentIndex(0)

    def _show_first_figure(self, view: CaseView) -> None:
        """Open the evidence at what matters most, so that the pane is never empty for want of a click."""
        for finding in sorted(view.findings, key=lambda each: -each.materiality):
            for fact in filter(None, map(view.fact, finding.facts)):
                if _is_read(fact):
                    self.evidence.show_fact(fact.id)
                    return
        catalogue = self.context.desk.workspace.catalogue
        read = next((fact for fact in view.facts if _is_read(fact) and not catalogue.prohibited(fact.name)), None)
        if read is not None:
            self.evidence.show_fact(read.id)
        elif view.documents:
            self.evidence.show_document(view.documents[0].sha256)

    def _on_changed(self, case_id: str | None) -> None:
        if self._case_id and case_id in (None, self._case_id):
            self.open_case(self._case_id)

    # -- tabs

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.set_reading(False)
        self.tabs.setCurrentIndex(TABS.index(name))

    def _step_tab(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % len(TABS))

    def _on_tab(self, at: int) -> None:
        self.pages.setCurrentIndex(at)
        self._fill()

    def _fill(self) -> None:
        """Fill the tab in front, if it has not been filled from this reading yet."""
        name = TABS[self.tabs.currentIndex()]
        if self.view is None or name not in self._stale:
            return
        self._stale.discard(name)
        if name == "scorecard":
            self.scorecard.show_case(self.view, self.jobs.zones, self.jobs.quality)
        else:
            getattr(self, name).show_case(self.view)

    def _on_scorecard(self) -> None:
        self._stale.add("scorecard")
        self._fill()

    # -- evidence

    def show_fact(self, fact_id: str) -> None:
        """Show where a fact comes from."""
        self.evidence.show_fact(fact_id)

    def show_document(self, sha256: str, mark: Mark | None = None) -> None:
        """Show a document from its beginning, or at a place on it."""
        self.evidence.show_document(sha256, mark)
        self.documents.mark(sha256)

    def show_document_of(self, case_id: str, sha256: str) -> None:
        """Show a document of a case as soon as the case is there."""
        if self.view is not None and self.view.case.id == case_id:
            self.show_document(sha256)
        else:
            self._look_at = sha256

    def set_reading(self, reading: bool) -> None:
        """Let the document stand over the middle, or bring the case back."""
        if reading != self.evidence.reading:
            with still(self):
                self.middle.setVisible(not reading)
                self.evidence.set_reading(reading)
                self._share(self.width())

    def _on_escape(self) -> None:
        """Give up a rectangle that is drawn, else leave the reading view, else stop the draft."""
        if self.evidence.viewer.page.drop_drag():
            return
        if self.evidence.reading:
            self.set_reading(False)
        else:
            self.jobs.cancel_draft()

    def _on_next_key(self) -> None:
        """N adds a sentence; over a document it goes to the next doubtful field."""
        if self.evidence.reading:
            self.evidence.go_doubtful()
        else:
            self.report.controls.new.click()

    def _on_edit_key(self) -> None:
        on_report = self.tabs.currentIndex() == TABS.index("report") and not self.evidence.reading
        if not (on_report and self.report.edit_chosen()):
            self.evidence.correct.click()

    # -- language and theme

    def _dress(self) -> None:
        for at, name in enumerate(TABS):
            self.tabs.setTabText(at, tr(f"case.tab.{name}"))
        self.evidence.set_texts()
        self.report.forget()
        if self.view is not None:
            self._on_view(self.view)
            fact = self.evidence.fact()
            if fact is not None:
                self.evidence.show_fact(fact.id)


def _read(desk: Desk, case_id: str, _: Progress) -> CaseView:
    """On the read lane: the case, with the clock of its notice."""
    view = show_case(case_id, desk.workspace)
    return replace(view, notice=desk.letters.notice(view))


def _is_read(fact: Fact) -> bool:
    """Whether a fact stands in a document."""
    return fact.source.kind in (SourceKind.DOCUMENT, SourceKind.ROW)


class _TabStrip(QWidget):
    """The tabs with a hairline under them."""

    def __init__(self, tabs: QTabBar) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inner = QVBoxLayout()
        inner.setContentsMargins(28, 0, 28, 0)
        inner.addWidget(tabs)
        column.addLayout(inner)
        column.addWidget(hairline())


def _to_tab(screen: CaseScreen, name: str) -> Callable[[], None]:
    return lambda: screen.show_tab(name)


def _bare_column(widget: QWidget) -> QVBoxLayout:
    """A layout from top to bottom without gaps."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
