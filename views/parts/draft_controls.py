"""The strip under the report, and the question that comes before it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QProgressBar, QVBoxLayout, QWidget

from app.domain.case import Outcome
from app.domain.report_kinds import FULL, ReportKind
from views.context import Context
from views.parts.chip import KeyButton
from views.strings import language, tr
from views.theme import set_role
from views.widgets import choices, label, row

RULES_ONLY = "none"  # the model choice that leaves the rule sentences as they are


class OpinionPane(QWidget):
    """Asks what the underwriter thinks before the draft can sway it."""

    given = Signal(str)
    skipped = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.title, self.text = label("", "subtitle"), label("", "soft")
        self.text.setWordWrap(True)
        self.buttons = {outcome: KeyButton(context) for outcome in (Outcome.APPROVE, Outcome.REFER, Outcome.DECLINE)}
        self.skip = KeyButton(context, "quiet")
        for part in (self.title, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for outcome, button in self.buttons.items():
            button.clicked.connect(lambda _=False, chosen=outcome: self.given.emit(chosen.value))
        self.skip.clicked.connect(self.skipped)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 32, 40, 32)
        column.setSpacing(10)
        column.addStretch(2)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(6)
        column.addLayout(row(0, *self.buttons.values(), 0))
        column.addLayout(row(0, self.skip, 0))
        column.addStretch(3)
        self.set_texts()

    def set_texts(self) -> None:
        self.title.setText(tr("case.opinion.title"))
        self.text.setText(tr("case.opinion.text"))
        keys = {Outcome.APPROVE: "1", Outcome.REFER: "2", Outcome.DECLINE: "3"}
        for outcome, button in self.buttons.items():
            button.show_text(tr(f"outcome.{outcome}"), f"Alt+{keys[outcome]}")
            button.setShortcut(f"Alt+{keys[outcome]}")
        self.skip.show_text(tr("case.opinion.skip"), "Alt+0")
        self.skip.setShortcut("Alt+0")


class DraftControls(QFrame):
    """Kind, model, draft, progress and cancel, and a new sentence: the strip under the report."""

    draft_asked = Signal(str)
    cancel_asked = Signal()
    add_asked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        set_role(self, "footer")
        self.kind, self.model = QComboBox(), QComboBox()
        self.kind.setMinimumWidth(130)
        self.model.setMinimumWidth(150)
        self.draft, self.cancel, self.new = KeyButton(context), KeyButton(context), KeyButton(context)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.progress = label("", "soft")
        self._drafting = self._adding = True
        self.draft.clicked.connect(lambda: self.draft_asked.emit(self.model.currentData() or RULES_ONLY))
        self.cancel.clicked.connect(self.cancel_asked)
        self.new.clicked.connect(self.add_asked)
        parts = (self.kind, self.model, self.draft, self.bar, self.progress, self.cancel)
        line = row(*parts, 0, self.new, margins=(28, 8, 28, 8))
        line.setStretchFactor(self.bar, 1)
        self.setLayout(line)
        self._kinds: list[ReportKind] = [FULL]
        self._models: list[tuple[str, str]] = []
        self.set_texts()
        self.show_idle()

    def set_texts(self) -> None:
        self.draft.show_text(tr("case.report.draft"), "G")
        self.cancel.show_text(tr("button.cancel"), "Esc")
        self.new.show_text(tr("case.report.add"), "N")
        self.model.setAccessibleName(tr("case.report.model"))
        self.kind.setAccessibleName(tr("case.report.kind"))
        self.kind.setToolTip(tr("case.report.kind_more"))
        self.show_kinds(self._kinds)
        choices(self.model, [*self._models, (RULES_ONLY, tr("case.report.rules_only"))])

    def show_models(self, models: list[tuple[str, str]], chosen: str) -> None:
        """Offer the installed models by name and words; rules alone can always be chosen."""
        self._models = models
        choices(self.model, [*models, (RULES_ONLY, tr("case.report.rules_only"))], chosen)

    def show_kinds(self, kinds: Sequence[ReportKind]) -> None:
        """Offer the kinds of report, the full assessment first."""
        self._kinds = sorted(kinds, key=lambda kind: kind.name != FULL.name)
        choices(self.kind, [(kind.name, kind.title.get(language(), kind.name)) for kind in self._kinds])

    def choose_kind(self, kind: ReportKind | None) -> None:
        """Choose the kind of the report that is shown, where it is offered."""
        at = self.kind.findData(kind.name) if kind else 0
        self.kind.setCurrentIndex(max(0, at))

    def allow(self, *, drafting: bool, adding: bool) -> None:
        """A decided case can be read, not rewritten."""
        self._drafting, self._adding = drafting, adding
        self.draft.setEnabled(drafting)
        self.kind.setEnabled(drafting)
        self.model.setEnabled(drafting)
        self.new.setEnabled(adding)

    def adding_allowed(self) -> bool:
        return self._adding

    def show_busy(self, done: int, total: int | None, what: str) -> None:
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)
        counted = tr("case.report.progress", done=done, total=total) if total else tr("case.report.starting")
        self.progress.setText(counted)
        self.progress.setToolTip(what)
        self._swap(busy=True)

    def show_idle(self) -> None:
        self._swap(busy=False)

    def busy(self) -> bool:
        return self.cancel.isVisibleTo(self)

    def _swap(self, *, busy: bool) -> None:
        for part in (self.bar, self.progress, self.cancel):
            part.setVisible(busy)
        for other in (self.kind, self.model, self.draft, self.new):
            other.setVisible(not busy)
