"""The head of a policy's version: how far it has come, who made and activated it, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy

from views.context import Context
from views.panels.policy_list import moment_words, who_words
from views.parts.basics import KeyValue, Shrinking
from views.policy_jobs import Checked, Entry
from views.strings import tr
from views.theme import set_role
from views.widgets import button, column, label, row

ROLE = {"active": "chip-favourable", "waiting": "chip-amber", "draft": "chip", "retired": "chip"}
ACTIONS = ("export", "drop", "draft", "submit", "add", "activate")


class PolicyHead(QFrame):
    """``acted(name)``: one of ``ACTIONS``."""

    acted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._context = context
        self.title = Shrinking("", "title")
        self.chip = label("", "chip")
        self.chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.values = {name: KeyValue() for name in ("made", "note", "activated", "checks")}
        self.actions_by_name = {name: self._button(name) for name in ACTIONS}
        top = row(self.title, self.chip, 0, *self.actions_by_name.values(), spacing=8)
        body = column(spacing=8, margins=(24, 12, 20, 10))
        body.addLayout(top)
        body.addLayout(row(*self.values.values(), 0, spacing=30))
        self.setLayout(body)

    def _button(self, name: str) -> QPushButton:
        role = "primary" if name in ("submit", "activate") else "danger" if name == "drop" else ""
        return button("", lambda: self.acted.emit(name), role)

    def show_entry(self, entry: Entry, base: str) -> None:
        """Show a version; what cannot be done with it is not offered. ``base`` is what a draft was made from."""
        language = self._context.language
        self.title.setText(f"{entry.policy}  {entry.version}")
        set_role(self.chip, ROLE[entry.state])
        self.chip.setText(tr(f"policy.state.{entry.state}"))
        if entry.editable:
            self.values["made"].show_value(tr("policy.draft_of", base=base), who_words(entry, language))
            self.values["note"].show_value(tr("policy.note"), tr("policy.note_later"))
        else:
            self.values["made"].show_value(tr("policy.added"), who_words(entry, language))
            self.values["note"].show_value(tr("policy.note"), entry.note or tr("policy.no_note"))
        self.values["note"].setToolTip(entry.note)
        last = entry.activations[-1] if entry.activations else None
        told = tr("policy.nobody") if last is None else f"{last.person}, {moment_words(last.activated_at, language)}"
        if last is None and entry.state == "active":
            told = tr("policy.from_start")
        self.values["activated"].show_value(tr("policy.activated"), told)
        self.values["activated"].setToolTip("" if last is None else last.note)
        shown = {
            "export": True,
            "drop": entry.editable,
            "draft": not entry.editable,
            "submit": entry.editable,
            "add": not entry.editable and not entry.added,
            "activate": not entry.editable and entry.added and entry.state != "active",
        }
        for name, each in self.actions_by_name.items():
            each.setText(tr(f"policy.action.{name}"))
            each.setToolTip(tr(f"policy.action_why.{name}"))
            each.setVisible(shown[name])
        self.values["checks"].show_value(tr("policy.checks_and_examples"), tr("policy.checking"))

    def show_checked(self, found: Checked) -> None:
        """Say whether the tables are in order and the examples pass; a version is activated only then."""
        errors = sum(each.level == "error" for each in found.report.findings)
        passed = sum(each.passed for each in found.results)
        text = tr("policy.errors", count=errors) if errors else tr("policy.tables_fine")
        text += " · " + tr("policy.side_examples", passed=passed, count=found.tests)
        ready = not errors and bool(found.results) and passed == found.tests
        self.values["checks"].show_value(tr("policy.checks_and_examples"), text)
        set_role(self.values["checks"].value, "value-favourable" if ready else "value-adverse")
        self.actions_by_name["activate"].setEnabled(ready)
        self.actions_by_name["activate"].setToolTip(tr("policy.action_why.activate" if ready else "policy.not_ready"))
