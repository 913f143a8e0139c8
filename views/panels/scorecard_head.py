"""The head of a scorecard: its name, how far it has come, what it was fitted on, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QSizePolicy

from app.domain.register import ScorecardEntry, State
from views import format as fmt
from views.context import Context
from views.panels.scorecard_list import state_key, state_words
from views.parts.basics import KeyValue, Shrinking
from views.strings import tr
from views.theme import set_role
from views.widgets import button, column, label, row

DIALECTS = ("duckdb", "postgres", "spark")
FORMS = ("json", "pmml", *(f"sql.{dialect}" for dialect in DIALECTS))
ROLE = {"use": "chip-favourable", "approved": "chip"}


class ScorecardHead(QFrame):
    """``acted(name)``: ``approve``, ``use``, ``document`` or ``export.<form>``."""

    acted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._context = context
        self.title, self.named = Shrinking("", "title"), Shrinking("", "soft")
        self.chip = label()
        self.values = {name: KeyValue() for name in ("author", "fitted", "ranks", "approval", "cases")}
        self.approve = button("", lambda: self.acted.emit("approve"))
        self.use = button("", lambda: self.acted.emit("use"), "primary")
        self.export, self.document = QPushButton(), button("", lambda: self.acted.emit("document"))
        self._menu = QMenu(self)
        self._forms = {form: self._form(form) for form in FORMS}
        self.export.setMenu(self._menu)
        self.chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        top = row(self.title, self.chip, 0, self.export, self.document, self.approve, self.use, spacing=10)
        body = column(spacing=10, margins=(24, 14, 20, 12))
        body.addLayout(top)
        body.addLayout(row(*self.values.values(), 0, spacing=30))
        self.setLayout(body)

    def _form(self, form: str) -> QAction:
        action = QAction(self._menu)
        action.triggered.connect(lambda: self.acted.emit(f"export.{form}"))
        self._menu.addAction(action)
        return action

    def show_entry(self, entry: ScorecardEntry) -> None:
        """Show a scorecard; what cannot be done with it now is not offered."""
        context = self._context
        self.title.setText(f"{entry.title(context.language)}  {entry.version}")
        key = state_key(entry, context)
        self.chip.setText(state_words(entry, context))
        set_role(self.chip, ROLE.get(key, "chip-amber"))
        self._show_values(entry)
        state = entry.state(context.desk.clock.now().date())
        self.approve.setVisible(state is State.DRAFT)
        self.use.setVisible(state is not State.DRAFT and not entry.in_use)
        self.use.setEnabled(state is State.APPROVED)
        for name, each in (("approve", self.approve), ("use", self.use), ("document", self.document)):
            each.setText(tr(f"scores.action.{name}"))
        self.export.setText(tr("scores.action.export"))
        for form, action in self._forms.items():
            action.setText(tr(f"scores.form.{form}"))

    def _show_values(self, entry: ScorecardEntry) -> None:
        fit, performance = entry.document["fit"], entry.document["fit"]["performance"]
        adder = tr("scores.added_by", person=entry.person) if entry.person else tr("scores.shipped")
        self.values["author"].show_value(tr("scores.author"), entry.author)
        self.values["author"].setToolTip(adder)
        rows = tr("scores.rows", rows=fmt.number(fit["data"]["rows"]), file=fit["data"]["file"])
        self.values["fitted"].show_value(tr("scores.fitted"), rows)
        self.values["fitted"].setToolTip(self._sample_words(entry))
        figures = [f"{name} {float(performance[name.lower()]['value']):.3f}" for name in ("AUC", "Gini", "KS")]
        sample = performance["sample"]
        key = {"hold-out": "holdout", "development": "development"}.get(sample, "other")
        self.values["ranks"].show_value(tr(f"scores.measured.{key}"), "  ".join(figures))
        approval = entry.approval
        words = (
            tr("scores.nobody")
            if approval is None
            else tr(
                "scores.approved_by",
                person=approval.person,
                day=fmt.day(approval.valid_from, self._context.language),
            )
        )
        self.values["approval"].show_value(tr("scores.approval"), words)
        self.values["approval"].setToolTip("" if approval is None else approval.note)
        self.values["cases"].show_value(tr("scores.cases"), fmt.number(entry.cases))

    def _sample_words(self, entry: ScorecardEntry) -> str:
        split = entry.document["fit"]["split"]
        parts = [
            tr(
                "scores.sample_counts",
                sample=tr(f"scores.sample.{name}"),
                goods=fmt.number(split[name]["good"]),
                bads=fmt.number(split[name]["bad"]),
            )
            for name in ("development", "holdout")
            if split.get(name)
        ]
        return "\n".join(parts)
