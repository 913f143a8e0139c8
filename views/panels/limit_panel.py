"""How far the limit of a case goes: base, each document's step, the cap, and the most the applicant wishes for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QScrollArea, QStackedLayout, QWidget

from app.domain.case_limit import CaseLimit, LimitStep
from app.domain.credentials import CredentialRules, credential_rules
from app.domain.facts import Stance
from app.domain.policy_tables import LIMIT, UPLIFT, WISH
from app.errors import WorkbenchError
from app.ports import Progress
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import document_title, fact_behind
from views.models.facts_model import Mark, Row, RowsModel
from views.parts.basics import KeyValue, StatePane
from views.parts.formulas import group_words
from views.parts.leading import Leading
from views.parts.limit_picture import LimitPicture
from views.parts.row_delegate import PLAIN_HIGH, RowList
from views.strings import has_text, tr
from views.theme import set_role
from views.widgets import button, column, error_text, frame, hairline, label, row

FIGURES = ("base", "uplift", "cap", "amount")
_PLACES = ("first", "second", "third")
_BEHIND = {"base": LIMIT, "uplift": UPLIFT, "cap": UPLIFT, "amount": LIMIT}
"""The fact behind each figure: the base and the cap are parts of how limit and uplift came about."""


class LimitPanel(QWidget):
    """Emits the step that was chosen, and the wish as typed (None: taken back)."""

    fact_chosen = Signal(str)
    wished = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._view: CaseView | None = None
        self.state = StatePane()
        self.heading, self.figure, self.standing = label("", "heading"), label("", "figure"), label("", "soft")
        self.picture = LimitPicture(context)
        self.figures = {name: KeyValue() for name in FIGURES}
        self.binding = Leading(self.figure, self.figure)
        for leads in (self.binding, *(each.leads for each in self.figures.values())):
            leads.chosen.connect(self.fact_chosen)
        self.steps = RowsModel(self)
        self.list = RowList(context, self.steps)
        self.list_heading = label("", "heading")
        self.nothing, self.counted, self.unread = label("", "subtitle"), label("", "soft"), label("", "amber")
        self.wish_heading, self.wish_hint, self.wish_error = (
            label(),
            label("", "soft"),
            label("", "adverse"),
        )
        self.wish = QLineEdit()
        self.keep, self.drop = button("", self._on_keep), button("", lambda: self.wished.emit(None), "quiet")
        self._lay_out()
        self.list.chosen.connect(self.fact_chosen)
        self.wish.returnPressed.connect(self._on_keep)
        self.wish.textChanged.connect(lambda _: self._clear_error())

    def _lay_out(self) -> None:
        for text in (self.standing, self.counted, self.unread, self.wish_hint, self.wish_error):
            text.setWordWrap(True)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.wish.setFixedWidth(160)
        top = column(self.heading, spacing=4, margins=(18, 14, 18, 14))
        told = row(self.figure, self.standing, spacing=12)
        told.setStretch(1, 1)
        top.addLayout(told)
        top.addSpacing(6)
        top.addWidget(self.picture)
        top.addSpacing(4)
        top.addLayout(row(*(self.figures[name] for name in FIGURES), 0, spacing=26))
        top.addSpacing(8)
        top.addWidget(hairline())
        top.addSpacing(8)
        top.addLayout(row(self.wish_heading, 4, self.wish, self.keep, self.drop, 0))
        top.addWidget(self.wish_error)
        top.addWidget(self.wish_hint)
        low = column(
            self.list_heading, self.nothing, self.list, self.unread, self.counted, spacing=6, margins=(18, 14, 18, 14)
        )
        held = QWidget()
        inner = column(frame(top), frame(low), 0, spacing=12, margins=(22, 16, 22, 18))
        held.setLayout(inner)
        self.body = QScrollArea(widgetResizable=True)
        self.body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.setWidget(held)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.state)
        self._stack.addWidget(self.body)

    def show_case(self, view: CaseView) -> None:
        """Fill from one reading of the case."""
        first = self._view is None or self._view.case.id != view.case.id
        self._view = view
        limit = view.limit(self._context.desk.workspace.catalogue)
        self._set_texts()
        if limit.amount is None:
            self.state.show_empty(tr("limit.none"), tr("limit.none_more"))
            self._stack.setCurrentWidget(self.state)
            return
        self._stack.setCurrentWidget(self.body)
        self._show_figures(view, limit)
        self._show_steps(view, limit)
        self._show_wish(view, limit, keep_typed=not first and self.wish.isModified())
        self._ask_rules()

    def _set_texts(self) -> None:
        for widget, key in (
            (self.heading, "limit.heading"),
            (self.list_heading, "limit.documents"),
        ):
            widget.setText(tr(key).upper())
        self.wish_heading.setText(tr("limit.wish.heading"))
        self.nothing.setText(tr("limit.no_documents"))
        self.keep.setText(tr("limit.wish.keep"))
        self.drop.setText(tr("limit.wish.drop"))
        self.list.setAccessibleName(tr("limit.documents"))
        self.wish.setAccessibleName(tr("limit.wish.heading"))

    def _show_figures(self, view: CaseView, limit: CaseLimit) -> None:
        def money(amount: object) -> str:
            return fmt.money(amount, limit.currency) if amount is not None else ""  # type: ignore[arg-type]

        self.figure.setText(money(limit.binding))
        self.standing.setText(_standing(limit))
        self.picture.show_limit(limit, view.case.amount)
        base = tr("limit.base", grade=limit.grade) if limit.grade else tr("limit.base_plain")
        self.figures["base"].show_value(base, money(limit.base))
        stance = Stance.FAVOURABLE if limit.uplift > 0 else Stance.NEUTRAL
        self.figures["uplift"].show_value(tr("limit.uplift"), money(limit.uplift), stance)
        self.figures["cap"].show_value(tr("limit.cap"), money(limit.cap))
        self.figures["amount"].show_value(tr("limit.amount"), money(limit.amount))
        wished = limit.wish is not None and limit.wish == limit.binding
        self.binding.lead_to(fact_behind(view, WISH if wished else LIMIT))
        for name, fact in _BEHIND.items():
            self.figures[name].leads.lead_to(fact_behind(view, fact))

    def _show_steps(self, view: CaseView, limit: CaseLimit) -> None:
        documents = {document.sha256: document for document in view.documents}
        places: dict[str, int] = {}
        rows = []
        for step in limit.steps:
            if step.doubt is None:
                places[step.group] = places.get(step.group, 0) + 1
            title = document_title(documents[step.document], view.documents)
            rows.append(_row(step, title, places.get(step.group, 0), limit.currency))
        chosen = self.steps.row_at(self.list.currentIndex())
        self.steps.show_rows(rows)
        if chosen is not None:
            self.list.mark(chosen.key)
        self.list.setFixedHeight(PLAIN_HIGH * len(rows) + 4)
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        waits = len(view.waiting)
        self.unread.setText(
            tr("reading.background.limit_one" if waits == 1 else "reading.background.limit", count=waits)
        )
        self.unread.setVisible(waits > 0)

    def _show_wish(self, view: CaseView, limit: CaseLimit, *, keep_typed: bool) -> None:
        decided = view.decision is not None and view.decision.outcome.value != "refer"
        if not keep_typed:
            self.wish.setText(fmt.amount_only(limit.wish) if limit.wish is not None else "")
            self.wish.setModified(False)
            self._clear_error()
        self.wish.setPlaceholderText(fmt.amount_only(limit.amount))
        for part in (self.wish, self.keep):
            part.setEnabled(not decided)
        self.drop.setVisible(limit.wish is not None and not decided)
        self.wish_hint.setText(tr("limit.wish.hint_decided" if decided else "limit.wish.hint"))

    def _on_keep(self) -> None:
        text = self.wish.text().strip()
        if text:
            self.wish.setModified(False)
            self.wished.emit(text)
        elif self.drop.isVisible():
            self.wish.setModified(False)
            self.wished.emit(None)
        else:
            self.wish.setFocus()

    def show_error(self, error: WorkbenchError) -> None:
        """Say beside the field why the wish was not taken."""
        self.wish.setModified(True)
        self.wish_error.setText(" ".join(filter(None, error_text(error))))
        self.wish_error.show()
        self._mark_wish("invalid")
        self.wish.setFocus()

    def _clear_error(self) -> None:
        self.wish_error.hide()
        self._mark_wish("")

    def _mark_wish(self, role: str) -> None:
        if self.wish.property("role") != role:
            set_role(self.wish, role)

    def _ask_rules(self) -> None:
        """Which documents the policy in force counts, told below the steps."""
        desk = self._context.desk

        def op(_: Progress) -> CredentialRules | None:
            return credential_rules(desk.policy.document)

        self._context.tasks.run(op, self._show_rules, self, "read", key="credentials", failed=lambda _: None)

    def _show_rules(self, rules: CredentialRules | None) -> None:
        keys = [f"case.kind.{kind}" for kind in (rules.rules if rules else ())]
        labels = [tr(key) if has_text(key) else key.rpartition(".")[2] for key in keys]
        counted = tr("limit.counted", kinds=tr("limit.comma").join(labels))
        self.counted.setText(counted if labels else tr("limit.counts_nothing"))


def _standing(limit: CaseLimit) -> str:
    if limit.wish is not None and limit.amount is not None and limit.wish < limit.amount:
        return tr("limit.of_wish", amount=fmt.money(limit.amount, limit.currency))
    return tr("limit.of_documents" if limit.uplift > 0 else "limit.of_grade")


def _row(step: LimitStep, title: str, place: int, currency: str) -> Row:
    if step.doubt is not None:
        return Row(step.fact, title, tr("limit.nothing"), tr(f"limit.doubt.{step.doubt}"), mark=Mark.ASKS)
    which = tr(f"limit.place.{_PLACES[place - 1] if 0 < place <= len(_PLACES) else 'later'}")
    amount = tr("limit.plus", amount=fmt.money(step.amount, currency))
    return Row(
        step.fact,
        title,
        amount,
        tr("limit.step", place=which, group=group_words(step.group)),
        Stance.FAVOURABLE,
        Mark.CONFIRMED,
    )
