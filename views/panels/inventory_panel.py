"""The inventory: everything that can shape a decision, with who answers for it and how far it may be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.domain.inventory import Act, Entry, PartKind, State
from app.domain.watching import Light
from app.errors import WorkbenchError
from views import format as fmt
from views.context import Context
from views.models.watching import Cell, Sheet
from views.panels.inventory_dialog import InventoryDialog, Said
from views.parts.sheet_table import SheetTable
from views.strings import tr
from views.widgets import ElidedLabel, EmptyState, Notice, button, choices, column, error_text, frame, label, row

COLUMNS = ("kind", "name", "version", "state", "owner", "approved", "used")
LIGHTS = {State.APPROVED: Light.GREEN, State.RETIRED: Light.GREY, State.EXPIRED: Light.RED}
DETAILS = ("purpose", "owner", "registered", "approved", "used", "origin", "sha256")
FILTERS = ("all", "in_use", "open", "retired")


class InventoryPanel(QWidget):
    """A table of parts over what is known of the chosen one, which can be registered, approved and retired."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.entries: list[Entry] = []
        self.shown: list[Entry] = []
        self.dialog: InventoryDialog | None = None
        self._chosen = ""
        self.notice = Notice(context.theme)
        self.table = SheetTable(context)
        self.table.picked.connect(self._on_picked)
        self.empty, self.broken = EmptyState("search", context.theme), EmptyState("warning", context.theme)
        self.broken.acted.connect(self.reload)
        self.stack = QStackedWidget()
        for state in (self.table, self.empty, self.broken):
            self.stack.addWidget(state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_head())
        layout.addWidget(self.notice)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self._make_detail())
        self._connect()
        self._set_texts()
        self.reload()

    def _make_head(self) -> QWidget:
        self._title, self.count = label(role="title"), label(role="soft")
        self.search, self.kind, self.filter = QLineEdit(), QComboBox(), QComboBox()
        self.search.setFixedWidth(200)
        self.search.setClearButtonEnabled(True)
        tools = row(self._title, 4, self.count, 0, self.search, self.kind, self.filter, margins=(20, 12, 20, 12))
        return frame(tools, "bar")

    def _make_detail(self) -> QWidget:
        self.title = label(role="subtitle")
        self.state = label(role="chip")
        self.buttons = {act: button("", partial(self.open, act)) for act in Act}
        self.buttons[Act.APPROVED].setProperty("role", "primary")
        head = row(self.title, 4, self.state, 0, *self.buttons.values())
        self._captions = {name: label(role="soft") for name in DETAILS}
        self.values = {name: ElidedLabel("", mode=Qt.TextElideMode.ElideMiddle) for name in DETAILS}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)
        for at, name in enumerate(DETAILS):
            self.values[name].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(self._captions[name], at, 0)
            grid.addWidget(self.values[name], at, 1)
        body = column(spacing=10, margins=(20, 12, 20, 14))
        body.addLayout(head)
        body.addLayout(grid)
        self._detail = frame(body, "panel")
        return self._detail

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._show())
        for box in (self.kind, self.filter):
            box.currentIndexChanged.connect(lambda _: self._show())
        refresh = self._context.refresh
        refresh.watch(self, Changes.SETTINGS | Changes.POLICY | Changes.SCORE, lambda _: self.reload())
        refresh.language_changed.connect(lambda _: self._set_texts())
        refresh.theme_changed.connect(lambda _: self._on_theme())

    def reload(self) -> None:
        """Find the parts anew."""
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: desk.inventory.entries(), self._on_entries, self, "read", key="inventory", failed=self._on_failed
        )

    def _on_entries(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._show()

    def _on_failed(self, error: WorkbenchError) -> None:
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.stack.setCurrentWidget(self.broken)
        self._detail.hide()

    def _set_texts(self) -> None:
        self._title.setText(tr("inventory.title"))
        self.search.setPlaceholderText(tr("inventory.find"))
        self.search.setAccessibleName(tr("inventory.find"))
        kinds = [(kind.value, tr(f"inventory.kind.{kind.value}")) for kind in PartKind]
        choices(self.kind, [("", tr("inventory.kind.all")), *kinds])
        choices(self.filter, [(name, tr(f"inventory.filter.{name}")) for name in FILTERS])
        self.kind.setAccessibleName(tr("inventory.column.kind"))
        self.filter.setAccessibleName(tr("inventory.column.state"))
        self.empty.set_texts(tr("inventory.none"), tr("inventory.none_text"))
        for act, each in self.buttons.items():
            each.setText(tr(f"inventory.act.{act.value}"))
        for name, caption in self._captions.items():
            caption.setText(tr(f"inventory.detail.{name}"))
        self._show()

    def _on_theme(self) -> None:
        for each in (self.empty, self.broken, self.notice):
            each.set_theme(self._context.theme)
        self._show()

    # Showing

    def _show(self) -> None:
        today = self._context.desk.clock.now().date()
        self.shown = [entry for entry in self.entries if self._wanted(entry, entry.state(today))]
        self.count.setText(tr("inventory.count", shown=len(self.shown), all=len(self.entries)))
        self.stack.setCurrentWidget(self.table if self.shown else self.empty)
        self._detail.setVisible(bool(self.shown))
        rows = tuple(self._row(entry, entry.state(today)) for entry in self.shown)
        self.table.show_sheet(Sheet(COLUMNS, rows), tr("inventory.title"), "inventory.column")
        if self.shown:
            chosen = next((at for at, one in enumerate(self.shown) if one.part.sha256 == self._chosen), 0)
            self.table.selectRow(chosen)
            self._on_picked(chosen)

    def _wanted(self, entry: Entry, state: State) -> bool:
        part, text = entry.part, self.search.text().strip().casefold()
        if self.kind.currentData() not in ("", part.kind.value):
            return False
        if text and text not in f"{part.name}\n{part.version}\n{part.sha256}\n{entry.owner}".casefold():
            return False
        match self.filter.currentData():
            case "in_use":
                return part.in_use
            case "open":
                return part.in_use and state is not State.APPROVED
            case "retired":
                return state is State.RETIRED
        return True

    def _row(self, entry: Entry, state: State) -> tuple[Cell, ...]:
        part = entry.part
        at_work = f" · {tr('inventory.in_use')}" if part.in_use else ""
        return (
            Cell(tr(f"inventory.kind.{part.kind.value}")),
            Cell(part.name, hint=part.sha256),
            Cell(part.version or part.sha256[:8]),
            Cell(tr(f"inventory.state.{state.value}") + at_work, LIGHTS.get(state, Light.AMBER)),
            Cell(entry.owner or fmt.NOTHING),
            Cell(self._approved(entry)),
            Cell(self._used(entry)),
        )

    def _approved(self, entry: Entry) -> str:
        approval = entry.approval
        if approval is None:
            return fmt.NOTHING
        end = "" if approval.valid_to is None else tr("inventory.until", day=approval.valid_to.isoformat())
        return tr("inventory.by", person=approval.person, day=approval.valid_from.isoformat()) + end

    def _used(self, entry: Entry) -> str:
        if entry.use is None:
            return fmt.NOTHING
        return tr("inventory.uses", cases=fmt.number(entry.use.cases), packages=fmt.number(entry.use.packages))

    def entry(self) -> Entry | None:
        """The chosen one."""
        return next((entry for entry in self.shown if entry.part.sha256 == self._chosen), None)

    def _on_picked(self, at: int) -> None:
        entry = self.shown[at]
        self._chosen = entry.part.sha256
        state = entry.state(self._context.desk.clock.now().date())
        self.title.setText(f"{entry.part.name} {entry.part.version}".strip())
        self.state.setText(tr(f"inventory.state.{state.value}"))
        registered = entry.registered_by
        if entry.registered_at is not None:
            registered += f", {entry.registered_at.date().isoformat()}"
        approved = self._approved(entry)
        if entry.approval is not None and entry.approval.note:
            approved += f" · {entry.approval.note}"
        if entry.retired_at is not None:
            day = entry.retired_at.date().isoformat()
            approved = tr("inventory.retired", person=entry.retired_by, day=day, reason=entry.retired_because)
        told = {
            "purpose": entry.purpose,
            "owner": entry.owner,
            "registered": registered,
            "approved": approved,
            "used": self._used(entry),
            "origin": tr(f"inventory.origin.{entry.part.origin}")
            + (f" · {entry.part.author}" if entry.part.author else ""),
            "sha256": entry.part.sha256,
        }
        for name, text in told.items():
            self.values[name].setText(text or fmt.NOTHING)
        self.buttons[Act.APPROVED].setEnabled(state not in (State.FOUND, State.RETIRED))
        self.buttons[Act.RETIRED].setEnabled(state is not State.RETIRED)

    # Doing

    def open(self, act: Act) -> None:
        """Ask what the act needs."""
        entry = self.entry()
        if entry is None:
            return
        self.dialog = InventoryDialog(self._context, act, entry, self)
        self.dialog.submitted.connect(lambda said: self._do(entry, said))
        self.dialog.open()

    def _do(self, entry: Entry, said: Said) -> None:
        inventory, part = self._context.desk.inventory, entry.part
        done: Callable[[], Changes]
        match said.act:
            case Act.REGISTERED:
                done = partial(inventory.register, part, said.owner, said.text, person=said.person)
            case Act.APPROVED:
                days = (said.valid_from, said.valid_to)
                done = partial(inventory.approve, part, *days, said.text, person=said.person)
            case Act.RETIRED:
                done = partial(inventory.retire, part, said.text, person=said.person)
        refuse = self.dialog.refuse if self.dialog else self.notice.show_error
        self._context.tasks.run(lambda _: done(), self._on_done, self, "write", failed=refuse)

    def _on_done(self, changes: Changes) -> None:
        if self.dialog is not None:
            self.dialog.accept()
            self.dialog = None
        self._context.refresh.broadcast(changes)
