"""A version of a policy before the past cases: what it approves, loses and moves, beside the one in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHeaderView,
    QProgressBar,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain.policy import OUTCOMES
from app.domain.simulation import Period, Simulation
from app.errors import Cancelled, WorkbenchError
from views import format as fmt
from views import policy_jobs as jobs
from views.context import Context
from views.parts.basics import StatePane
from views.strings import tr
from views.tasks import Task
from views.widgets import button, choices, column, error_text, frame, label, quietly, row

ROWS = ("approvals", "referrals", "declines", "approval_rate", "observed", "bad_rate", "amount", "expected_loss")
MONEY = ("amount", "expected_loss")
BETTER = {"bad_rate": -1, "expected_loss": -1}
MOST_LISTED = 2_000
EVERY = "every"


class SimulationPanel(QWidget):
    """Runs off the UI thread with progress and cancel; ``case_wanted(id)`` opens a case that changes side."""

    case_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.entry: jobs.Entry | None = None
        self._entries: Sequence[jobs.Entry] = ()
        self.found: Simulation | None = None
        self._of = ""
        self._task: Task | None = None
        self._document: jobs.Document = {}
        self._make_controls()
        self._make_tables()
        self._lay_out()
        self.dress()

    def _make_controls(self) -> None:
        today = self._context.desk.clock.now().date()
        self._labels = {name: label("", "soft") for name in ("against", "since", "until")}
        self.against, self.bounded = QComboBox(), QCheckBox()
        self.against.setMinimumWidth(170)
        self.since, self.until = (_day_edit(today - timedelta(days=365)), _day_edit(today))
        self.run_button, self.stop = button("", self.run, "primary"), button("", self.cancel)
        self.bar, self.progress = QProgressBar(), label("", "soft")
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bounded.toggled.connect(lambda _: self._show_tools())
        self.state = StatePane()
        self.state.retried.connect(self.run)

    def _make_tables(self) -> None:
        self.summary = label("", "soft")
        self.summary.setWordWrap(True)
        self._title, self._list_title = label("", "heading"), label("", "heading")
        self.figures = _table(len(ROWS), 4)
        self.figures.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.figures.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.moves = QComboBox()
        self.moves.setMinimumWidth(170)
        self.moves.activated.connect(lambda _: self._show_cases())
        for at in range(1, 4):
            self.figures.horizontalHeader().setSectionResizeMode(at, QHeaderView.ResizeMode.ResizeToContents)
        self.cases = _table(0, 3)
        self.cases.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for at in (0, 2):
            self.cases.horizontalHeader().setSectionResizeMode(at, QHeaderView.ResizeMode.ResizeToContents)
        self.cases.itemActivated.connect(self._on_case)
        self.cases.itemDoubleClicked.connect(self._on_case)
        self.hint = label("", "soft")

    def _lay_out(self) -> None:
        labels = self._labels
        tools = row(
            labels["against"], self.against, 10, self.bounded, labels["since"], self.since, labels["until"],
            self.until, 0, self.bar, self.progress, self.stop, self.run_button, margins=(24, 12, 24, 8),
        )  # fmt: skip
        before = column(self._title, self.figures, 0, self.summary, spacing=8, margins=(16, 12, 14, 12))
        moved = column(spacing=8, margins=(16, 12, 14, 12))
        moved.addLayout(row(self._list_title, 0, self.moves))
        moved.addWidget(self.cases, 1)
        moved.addWidget(self.hint)
        held = QWidget()
        inner = row(spacing=14, margins=(24, 6, 24, 18))
        for layout, part in ((before, 3), (moved, 2)):
            inner.addWidget(frame(layout), part)
        held.setLayout(inner)
        self.body = QScrollArea(widgetResizable=True)
        self.body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.setWidget(held)
        whole = column(spacing=0)
        whole.addLayout(tools)
        whole.addWidget(self.state, 1)
        whole.addWidget(self.body, 1)
        self.setLayout(whole)

    def dress(self) -> None:
        """Texts of the language in force."""
        for name, each in self._labels.items():
            each.setText(tr(f"policy.sim.{name}"))
        for name, field in (("against", self.against), ("since", self.since), ("until", self.until)):
            field.setAccessibleName(tr(f"policy.sim.{name}"))
        self.bounded.setText(tr("policy.sim.bounded"))
        self.run_button.setText(tr("policy.sim.run"))
        self.stop.setText(tr("button.cancel"))
        self._title.setText(tr("policy.sim.figures").upper())
        self._list_title.setText(tr("policy.sim.moved").upper())
        self.hint.setText(tr("policy.sim.hint"))
        self.moves.setAccessibleName(tr("policy.sim.moved"))
        self.cases.setAccessibleName(tr("policy.sim.moved"))
        self.figures.setAccessibleName(tr("policy.sim.figures"))
        self._show()

    # Showing

    def show_entry(self, entry: jobs.Entry, document: jobs.Document, entries: Sequence[jobs.Entry]) -> None:
        """Offer the version for a simulation; what was simulated of another, or before an edit, is gone."""
        if self.entry is None or entry.key != self.entry.key or document is not self._document:
            self.cancel()
            self.found = None
        self.entry, self._document = entry, document
        self._entries = [each for each in entries if each.state != "draft" and each.key != entry.key]
        listed = [(each.key, f"{each.version} · {tr(f'policy.state.{each.state}')}") for each in self._entries]
        choices(self.against, listed)
        self._show()

    def _show(self) -> None:
        self._show_tools()
        if self._task is not None:
            return
        self.body.setVisible(self.found is not None)
        self.state.setVisible(self.found is None)
        if self.found is None:
            self.state.show_empty(tr("policy.sim.none"), tr("policy.sim.none_text"))
        else:
            self._show_found(self.found)

    def _show_tools(self) -> None:
        busy, bounded = self._task is not None, self.bounded.isChecked()
        for each in (self.since, self.until, self._labels["since"], self._labels["until"]):
            each.setVisible(bounded and not busy)
        for other in (self.bar, self.progress, self.stop):
            other.setVisible(busy)
        for control in (self.bounded, self.against, self._labels["against"]):
            control.setVisible(not busy)
        self.run_button.setEnabled(not busy and bool(self._entries))

    def _show_found(self, found: Simulation) -> None:
        data = found.to_json()
        sides = [data["active"], data["candidate"]]
        headings = ["", found.active_version, found.version, tr("policy.sim.difference")]
        self.figures.setHorizontalHeaderLabels(headings)
        self._align()
        for at, name in enumerate(ROWS):
            told = [_told(name, side) for side in sides]
            tone, text = _difference(name, sides)
            for place, cell in enumerate((_label(name, sides), *told, text)):
                item = QTableWidgetItem(cell)
                aligned = Qt.AlignmentFlag.AlignLeft if not place else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(aligned | Qt.AlignmentFlag.AlignVCenter)
                if place == 3 and tone:
                    item.setForeground(self._context.theme.colour(tone))
                self.figures.setItem(at, place, item)
        self.figures.resizeRowsToContents()
        high = sum(self.figures.rowHeight(at) for at in range(len(ROWS)))
        self.figures.setFixedHeight(high + self.figures.horizontalHeader().sizeHint().height() + 4)
        self.summary.setText(self._summary(found))
        listed = [
            (
                f"{change['from']}>{change['to']}",
                f"{_move(change['from'], change['to'])}  ({fmt.number(change['count'])})",
            )
            for change in data["changes"]
        ]
        moved = sum(change["count"] for change in data["changes"])
        choices(self.moves, [(EVERY, tr("policy.sim.all", count=fmt.number(moved))), *listed], EVERY)
        self._show_cases()

    def _align(self) -> None:
        """Headings stand over their figures."""
        for at in range(self.figures.columnCount()):
            side = Qt.AlignmentFlag.AlignRight if at else Qt.AlignmentFlag.AlignLeft
            heading = self.figures.horizontalHeaderItem(at)
            if heading is not None:
                heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    def _summary(self, found: Simulation) -> str:
        key = "policy.sim.lgd_assumed" if found.lgd_assumed else "policy.sim.lgd"
        parts = [tr("policy.sim.counted", cases=fmt.number(found.cases), seconds=f"{found.seconds:.1f}")]
        if found.unscored:
            parts.append(tr("policy.sim.unscored", cases=fmt.number(found.unscored)))
        parts += [tr(key, pct=fmt.percent(found.lgd_pct)), tr("policy.sim.verified", cases=fmt.number(found.verified))]
        return " ".join(parts)

    def _show_cases(self) -> None:
        found, wanted = self.found, str(self.moves.currentData())
        if found is None:
            return
        order = sorted(found.moved, key=lambda each: tuple(map(OUTCOMES.index, each)))
        listed = [(case, move) for move in order if wanted in (EVERY, ">".join(move)) for case in found.moved[move]]
        desk, shown = self._context.desk, listed[:MOST_LISTED]
        words = "nobody" if not listed else "hint" if len(listed) <= MOST_LISTED else "more"
        self.hint.setText(tr(f"policy.sim.{words}").format(count=fmt.number(MOST_LISTED)))
        self._context.tasks.run(
            lambda _: jobs.cases_named(desk, [case for case, _ in shown]),
            lambda named: self._fill_cases(named, dict(shown)),
            self,
            "read",
            key="cases",
        )

    def _fill_cases(self, named: Sequence[tuple[str, str]], moves: Mapping[str, tuple[str, str]]) -> None:
        self.cases.setHorizontalHeaderLabels(
            [tr(f"policy.sim.column.{each}") for each in ("case", "applicant", "move")]
        )
        self.cases.setRowCount(len(named))
        for at, (case, applicant) in enumerate(named):
            for place, text in enumerate((case, applicant or fmt.NOTHING, _move(*moves[case]))):
                item = QTableWidgetItem(text)
                if place == 2:
                    worse = OUTCOMES.index(moves[case][1]) > OUTCOMES.index(moves[case][0])
                    item.setForeground(self._context.theme.colour("adverse" if worse else "favourable"))
                self.cases.setItem(at, place, item)

    def _on_case(self, item: QTableWidgetItem) -> None:
        case = self.cases.item(item.row(), 0)
        if case is not None:
            self.case_wanted.emit(case.text())

    # Running

    def run(self) -> None:
        """Put the version before the cases of the period."""
        entry = self.entry
        if entry is None or self._task is not None or not self._entries:
            return
        desk, given = self._context.desk, replace(entry, document=self._document)
        against = next((each for each in self._entries if each.key == self.against.currentData()), None)
        period = Period(_date(self.since), _date(self.until)) if self.bounded.isChecked() else Period()
        self.bar.setRange(0, 0)
        self.progress.setText("")
        self._task = self._context.tasks.run(
            lambda progress: jobs.simulate(desk, given, against, period, None, progress),
            self._on_done,
            self,
            "read",
            key="simulate",
            failed=self._on_failed,
            progress=self._on_progress,
        )
        self._show_tools()
        self.state.show_loading(tr("policy.sim.running"))
        self.state.show()
        self.body.hide()

    def cancel(self) -> None:
        """Stop a simulation that runs."""
        if self._task is not None:
            self._task.cancel()

    def _on_progress(self, done: int, total: int | None, _: str) -> None:
        with quietly(self.bar):
            self.bar.setRange(0, total or 0)
            self.bar.setValue(done)
        self.progress.setText(f"{fmt.number(done)} / {fmt.number(total)}" if total else "")

    def _on_done(self, found: Simulation) -> None:
        self._task = None
        self.found = found
        self._show()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._task = None
        self._show()
        if not isinstance(error, Cancelled):
            self.state.show_error(*error_text(error))


def _told(name: str, side: Mapping[str, Any]) -> str:
    if name == "amount":
        return _money(side["amount_approved"])
    if name == "expected_loss":
        return _money(side["expected_loss"])
    value = side[name]
    if name in ("approval_rate", "bad_rate"):
        return fmt.NOTHING if value is None else fmt.percent(Decimal(value) * 100)
    return fmt.number(value)


def _codes(name: str, sides: Sequence[Mapping[str, Any]]) -> list[str]:
    """The currencies of both sides."""
    key = {"amount": "amount_approved"}.get(name, name)
    return list(dict.fromkeys(code for side in sides for code in side[key]))


def _label(name: str, sides: Sequence[Mapping[str, Any]]) -> str:
    """What the row counts, with its currency where there is only one."""
    words = tr(f"policy.sim.{name}")
    codes = _codes(name, sides) if name in MONEY else []
    return f"{words}, {codes[0]}" if len(codes) == 1 else words


def _money(amounts: Mapping[str, str]) -> str:
    if len(amounts) == 1:
        return fmt.amount_only(Decimal(next(iter(amounts.values()))))
    return "\n".join(fmt.money(Decimal(amount), code) for code, amount in amounts.items()) or fmt.NOTHING


def _difference(name: str, sides: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Colour and words of what the candidate adds."""
    key = {"amount": "amount_approved"}.get(name, name)
    before, after = sides[0][key], sides[1][key]
    if name in MONEY:
        codes = _codes(name, sides)
        steps = {code: Decimal(after.get(code, "0")) - Decimal(before.get(code, "0")) for code in codes}
        shown = [
            f"{_sign(step)}{abs(step):,.2f} {code if len(codes) > 1 else ''}".rstrip() for code, step in steps.items()
        ]
        text = "\n".join(shown) or fmt.NOTHING
        return _tone(name, sum(steps.values(), Decimal(0))), text
    if before is None or after is None:
        return "", fmt.NOTHING
    step = Decimal(str(after)) - Decimal(str(before))
    if name in ("approval_rate", "bad_rate"):
        return _tone(name, step), tr("policy.sim.points", step=f"{_sign(step)}{abs(step * 100):.2f}")
    return _tone(name, step), f"{_sign(step)}{fmt.number(abs(step))}"


def _sign(step: Decimal) -> str:
    return "+" if step > 0 else "\u2212" if step < 0 else "±"


def _tone(name: str, step: Decimal) -> str:
    better = BETTER.get(name, 0) * step
    return "" if not better else "favourable" if better > 0 else "adverse"


def _move(before: str, after: str) -> str:
    return f"{tr(f'policy.outcome.{before}')} → {tr(f'policy.outcome.{after}')}"


def _day_edit(day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setDisplayFormat("yyyy-MM-dd")
    made.setCalendarPopup(False)
    made.setMinimumWidth(122)
    return made


def _date(edit: QDateEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())


def _table(rows: int, columns: int) -> QTableWidget:
    made = QTableWidget(rows, columns)
    made.setProperty("role", "plain")
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(30)
    made.setShowGrid(False)
    made.setWordWrap(False)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    made.horizontalHeader().setHighlightSections(False)
    return made
