"""The policy room: the versions at the left, the chosen one beside them with tables, changes, simulation, prices,
credentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.domain.policy_edit import set_version
from app.domain.policy_versions import Change
from app.errors import WorkbenchError
from views import policy_jobs as jobs
from views.context import Context
from views.models.draft import Draft
from views.panels.credentials_page import CredentialsPage
from views.panels.policy_dialogs import PolicyDialog
from views.panels.policy_diff_panel import PolicyDiffPanel
from views.panels.policy_head import PolicyHead
from views.panels.policy_list import PolicyList
from views.panels.price_panel import PricePanel
from views.panels.simulation_panel import SimulationPanel
from views.panels.table_editor import TableEditor
from views.parts.basics import StatePane
from views.strings import tr
from views.widgets import EmptyState, Notice, button, column, error_text, frame, label, row, shortcut

TABS = ("tables", "changes", "simulation", "prices", "credentials")
KEEP_MILLISECONDS = 0  # edits of one turn of the event loop are kept together


class PolicyPanel(QWidget):
    """Reloads when a policy changed; keeps the chosen version and tab, and every draft at each change."""

    case_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.entries: list[jobs.Entry] = []
        self.chosen = ""
        self.against = ""
        self.dialog: PolicyDialog | None = None
        self._grades: tuple[str, ...] = ()
        self._drafts: dict[str, Draft] = {}
        self._unkept = ""  # key of the draft whose last change is not kept yet
        self._later = QTimer(self, singleShot=True, interval=KEEP_MILLISECONDS)
        self._later.timeout.connect(self.keep)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.dress()
        self.loading.show_loading(tr("policy.loading"))
        self.reload()

    # Making

    def _make_parts(self) -> None:
        context = self._context
        self._title, self._text = label(role="title"), label(role="soft")
        self.take_in = button("", self.choose_file)
        self.notice = Notice(context.theme)
        self.list = PolicyList(context)
        self.table = self.list  # what gets the keyboard when the screen is shown
        self.head = PolicyHead(context)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tables = TableEditor(context)
        self.diff = PolicyDiffPanel(context)
        self.simulation = SimulationPanel(context)
        self.prices = PricePanel(context)
        self.credentials = CredentialsPage(context)
        self.loading, self.broken = StatePane(), EmptyState("warning", context.theme)

    def _lay_out(self) -> None:
        head = frame(row(self._title, 6, self._text, 0, self.take_in, margins=(20, 12, 20, 12)), "bar")
        self.pages = QStackedWidget()
        for page in (self.tables, self.diff, self.simulation, self.prices, self.credentials):
            self.pages.addWidget(page)
        bar = frame(row(self.tabs, 0, margins=(24, 0, 20, 0)), "bar")
        detail = QWidget()
        body = column(self.head, bar, self.pages, spacing=0)
        body.setStretch(2, 1)
        detail.setLayout(body)
        self.room = QWidget()
        across = row(self.list, spacing=0)
        across.addWidget(detail, 1)
        self.room.setLayout(across)
        self.stack = QStackedWidget()
        for state in (self.loading, self.room, self.broken):
            self.stack.addWidget(state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.notice)
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.list.chosen.connect(self._on_chosen)
        self.head.acted.connect(self._on_acted)
        self.tabs.currentChanged.connect(self._on_tab)
        self.broken.acted.connect(self.reload)
        self.tables.checked.connect(self.head.show_checked)
        self.diff.against_chosen.connect(self._on_against)
        self.diff.opened.connect(self.show_change)
        self.simulation.case_wanted.connect(self.case_wanted)
        for number in range(1, len(TABS) + 1):
            shortcut(f"Alt+{number}", self, _later(self.tabs.setCurrentIndex, number - 1))
        refresh = self._context.refresh
        refresh.watch(self, Changes.POLICY | Changes.SETTINGS, lambda _: self.reload())
        refresh.language_changed.connect(lambda _: self.dress())
        refresh.theme_changed.connect(lambda _: self._on_theme())

    def dress(self) -> None:
        """Texts of the language in force."""
        self._title.setText(tr("policy.title"))
        self.take_in.setText(tr("policy.action.import"))
        while self.tabs.count() < len(TABS):
            self.tabs.addTab("")
        for place, name in enumerate(TABS):
            self.tabs.setTabText(place, tr(f"policy.tab.{name}"))
            self.tabs.setTabToolTip(place, f"Alt+{place + 1}")
        self.tabs.setAccessibleName(tr("policy.parts"))
        self.tables.dress()
        self.simulation.dress()
        self.prices.dress()
        self.credentials.dress()
        if self.entries:
            self._show_list()

    def _on_theme(self) -> None:
        for each in (self.broken, self.notice):
            each.set_theme(self._context.theme)
        if self.entries:
            self._show_list()

    # Showing

    def reload(self) -> None:
        """Read the versions anew."""
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: jobs.read_room(desk), self._on_read, self, "read", key="policies", failed=self._on_failed
        )

    def _on_read(self, room: jobs.Room) -> None:
        self.entries, self._grades = room.entries, room.grades
        for key in [key for key in self._drafts if key not in {each.key for each in room.entries}]:
            del self._drafts[key]
        self._show_list()

    def _show_list(self) -> None:
        active = next((each for each in self.entries if each.state == "active"), None)
        self._text.setText("" if active is None else tr("policy.in_force", version=active.version))
        self.stack.setCurrentWidget(self.room)
        self.list.show_entries(self.entries, self.chosen)
        entry = self.list.entry()
        if entry is not None:
            self._on_chosen(entry.key)

    def _on_failed(self, error: WorkbenchError) -> None:
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.stack.setCurrentWidget(self.broken)

    def entry(self) -> jobs.Entry:
        """The chosen version; there is one."""
        return next(each for each in self.entries if each.key == self.chosen)

    def _on_chosen(self, key: str) -> None:
        if key != self.chosen:
            self.keep()
            self.against = ""
        self.chosen = key
        entry = self.entry()
        if not self.against or self.against not in {each.key for each in self._others()}:
            self.against = self._usual_against(entry)
        base = next((each.version for each in self.entries if each.key == entry.base), entry.base[:8])
        self.head.show_entry(entry, base)
        self.tables.show_draft(self.draft(entry), entry.policy, self._grades, self.changes())
        self._fill()

    def _choose(self, key: str) -> None:
        """What is chosen when the list has been read anew; it is compared with its own base then."""
        self.chosen, self.against = key, ""

    def draft(self, entry: jobs.Entry) -> Draft:
        """The version as it is edited, with what can be undone; one that is no draft only shows."""
        if entry.key not in self._drafts:
            made = Draft(entry.document, editable=entry.editable, parent=self)
            made.changed.connect(lambda _, key=entry.key: self._on_edited(key))
            self._drafts[entry.key] = made
        return self._drafts[entry.key]

    def _others(self) -> list[jobs.Entry]:
        return [each for each in self.entries if each.key != self.chosen and each.policy == self.entry().policy]

    def _usual_against(self, entry: jobs.Entry) -> str:
        """What a version is compared with: that it was made from, else the one in force, else the one before."""
        others = self._others()
        wanted = [each for each in others if each.key == entry.base]
        wanted += [each for each in others if each.state == "active"]
        return next((each.key for each in (*wanted, *others)), "")

    def changes(self) -> Sequence[Change]:
        """What differs from the version compared with."""
        other = next((each for each in self.entries if each.key == self.against), None)
        return () if other is None else jobs.compare(self.draft(other).document, self.draft(self.entry()).document)

    def _on_tab(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        if self.entries:
            self._fill()

    def _fill(self) -> None:
        """Fill the part that is seen; the tables are always filled."""
        entry, name = self.entry(), TABS[self.tabs.currentIndex()]
        document = self.draft(entry).document
        if name == "changes":
            self.diff.show_changes(self._others(), self.against, self.changes())
        elif name == "simulation":
            self.simulation.show_entry(entry, document, self.entries)
        elif name == "prices":
            self.prices.show_entry(entry, document)
        elif name == "credentials":
            self.credentials.show_draft(self.draft(entry))

    def _on_against(self, key: str) -> None:
        self.against = key
        self.tables.set_changes(self.changes())
        self._fill()

    def show_tab(self, name: str) -> None:
        """Bring a part of the chosen version to the front."""
        self.tabs.setCurrentIndex(TABS.index(name))

    def show_change(self, change: Change) -> None:
        """Bring the cell that differs to the front."""
        self.show_tab("credentials" if change.what == "credential" else "tables")
        if change.what == "credential":
            self.credentials.setFocus()
            return
        if change.table:
            self.tables.show_table(change.table)
            grid = self.tables.grid
            rows = grid.rowCount()
            if change.row is not None and change.after is not None and change.row <= rows:
                self.tables.view.go(change.row - 1, max(0, grid.column_at(change.column or "")))
        elif change.what == "test" or (change.column or "").startswith("test "):
            self.tables.show_side("examples")
        self.tables.view.setFocus()

    # Keeping

    def _on_edited(self, key: str) -> None:
        if self._unkept and self._unkept != key:
            self.keep()
        self._unkept = key
        if key == self.chosen:
            self.tables.set_changes(self.changes())
        self._later.start()

    def keep(self) -> None:
        """Keep the draft that was changed last."""
        self._later.stop()
        key, desk = self._unkept, self._context.desk
        self._unkept = ""
        if key in self._drafts:
            document = self._drafts[key].document
            draft_id = key.removeprefix("draft:")
            self._write(lambda: desk.policies.keep_draft(draft_id, document), lambda kept: self._on_kept(key, kept))

    def _on_kept(self, key: str, kept: Any) -> None:
        self.entries = [
            replace(each, document=kept.document, person=kept.person, at=kept.changed_at, version=kept.version)
            if each.key == key
            else each
            for each in self.entries
        ]
        if key == self.chosen:
            self.list.show_entries(self.entries, self.chosen)

    # Doing

    def _on_acted(self, name: str) -> None:
        {
            "draft": self.start_draft,
            "drop": self.drop_draft,
            "submit": self.open_dialog,
            "activate": self.open_dialog,
            "add": self.take_version_in,
            "export": self._export,
        }[name]()

    def start_draft(self) -> None:
        """Begin a draft of the version after the chosen one."""
        entry, desk = self.entry(), self._context.desk

        def done(draft: Any) -> None:
            self._choose(f"draft:{draft.id}")
            self.show_tab("tables")
            self._changed(tr("policy.drafted", version=draft.version))

        wanted = entry.key if entry.added else entry.policy
        self._write(lambda: desk.policies.start_draft(wanted), done)

    def drop_draft(self) -> None:
        """Throw the chosen draft away, after asking."""
        entry = self.entry()
        box = QMessageBox(
            QMessageBox.Icon.NoIcon, tr("policy.action.drop"), tr("policy.drop_text", version=entry.version)
        )
        yes = box.addButton(tr("policy.action.drop"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(tr("button.cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setParent(self, box.windowFlags())
        box.buttonClicked.connect(lambda pressed: self.drop(entry) if pressed is yes else None)
        box.finished.connect(box.deleteLater)
        self.question = box
        box.open()

    def drop(self, entry: jobs.Entry) -> None:
        """Throw a draft away."""
        desk = self._context.desk
        self._unkept = ""
        self._later.stop()

        def done(_: object) -> None:
            self._choose("")
            self._changed(tr("policy.dropped", version=entry.version))

        self._write(lambda: desk.policies.drop_draft(entry.draft_id), done)

    def open_dialog(self) -> None:
        """Ask for what adding a draft, or activating a version, needs."""
        self.keep()
        entry = self.entry()
        dialog = self.dialog = PolicyDialog(self._context, entry, self)
        act = self._submit if entry.editable else self._activate

        def submit(version: str, person: str, note: str) -> None:
            act(dialog, entry, version, person, note)

        dialog.submitted.connect(submit)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _submit(self, dialog: PolicyDialog, entry: jobs.Entry, version: str, person: str, note: str) -> None:
        desk = self._context.desk
        document = set_version(self.draft(entry).document, version)

        def work() -> Any:
            kept = desk.policies.keep_draft(entry.draft_id, document)
            return desk.policies.submit_draft(replace(kept, document=document), note, person)

        def done(added: Any) -> None:
            dialog.accept()
            self._choose(added.sha256)
            self._changed(tr("policy.submitted", version=added.version))

        self._context.tasks.run(lambda _: work(), done, dialog, "write", failed=dialog.refuse)

    def _activate(self, dialog: PolicyDialog, entry: jobs.Entry, _: str, person: str, note: str) -> None:
        desk = self._context.desk

        def done(_: Any) -> None:
            dialog.accept()
            self._changed(tr("policy.now_in_force", version=entry.version), Changes.POLICY | Changes.CASES)

        self._context.tasks.run(
            lambda _: desk.policies.activate(entry.key, note, person or " "),  # nobody is not the desk's person
            done,
            dialog,
            "write",
            failed=dialog.refuse,
        )

    def take_version_in(self) -> None:
        """Add the policy that ships to the workspace, so that it can be put in force again."""
        entry, desk = self.entry(), self._context.desk
        self._write(
            lambda: desk.policies.add_document(entry.document, entry.policy),
            lambda added: self._changed(tr("policy.submitted", version=added.version)),
        )

    def choose_file(self) -> None:
        """Take a version in from a file that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("policy.action.import"), "", tr("policy.files"))
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Add the policy of a JDM file to the workspace."""
        desk = self._context.desk

        def done(sha256: str) -> None:
            self._choose(sha256)
            self._changed(tr("policy.imported", file=path.name))

        self._write(lambda: jobs.take_in(desk, path), done)

    def _export(self) -> None:
        entry = self.entry()
        name, _ = QFileDialog.getSaveFileName(
            self, tr("policy.action.export"), f"{entry.policy}-{entry.version}.json", "JSON (*.json)"
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the chosen version to a JDM file."""
        document = self.draft(self.entry()).document
        self._context.tasks.run(
            lambda _: jobs.write_out(document, path),
            lambda written: self.notice.show_word(tr("policy.exported", file=written.name)),
            self,
            "documents",
            failed=self.notice.show_error,
        )

    def _write(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._context.tasks.run(lambda _: work(), done, self, "write", failed=self.notice.show_error)

    def _changed(self, words: str, changes: Changes = Changes.POLICY) -> None:
        self.notice.show_word(words)
        QTimer.singleShot(0, self, lambda: self._context.refresh.broadcast(changes))


def _later(act: Callable[..., object], *values: object) -> Callable[[], object]:
    return lambda: act(*values)
