"""The dialog of a decision: terms with what they come to, reasons, conditions, override; signed at the end."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Outcome, Reason
from app.domain.facts import Stance
from app.domain.policy import Terms
from app.domain.reason_conflicts import Conflict, conflicts
from app.domain.reasons import MOST
from app.errors import InputError, WorkbenchError
from app.usecases.record_decision import RecordDecision
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.panels.case_header import applicant_words
from views.panels.letter_dialog import conflict_words
from views.parts.basics import KeyValue, clear
from views.parts.chip import KeyButton
from views.parts.decision_preview import Preview, Sheet, grants, preview_of, read_number, sheet_of, takes_reasons
from views.strings import tr
from views.theme import set_role
from views.widgets import error_text, frame, label, row

REASONS_SHOWN = 8  # without scrolling


class DecisionDialog(QDialog):
    """Asks for one decision. ``submitted`` carries a ``RecordDecision``; the caller records it."""

    submitted = Signal(object, bool)  # RecordDecision, whether to seal the package now

    def __init__(
        self,
        context: Context,
        view: CaseView,
        outcome: Outcome,
        parent: QWidget | None = None,
        terms: Terms | None = None,
    ) -> None:
        """It starts from ``terms`` where some are given."""
        super().__init__(parent)
        self._context, self._view, self.outcome = context, view, outcome
        self._sheet: Sheet | None = None
        self.preview: Preview | None = None
        self.setModal(True)
        self.setWindowTitle(tr(f"case.decision.{outcome}"))
        self.amount, self.term, self.rate = QLineEdit(), QLineEdit(), QLineEdit()
        self.reason, self.conditions = QPlainTextEdit(), QPlainTextEdit()
        self.override, self.despite = QLineEdit(), QLineEdit()
        self.reasons: dict[str, QCheckBox] = {}
        self.figures = {key: KeyValue() for key in ("instalment", "affordability", "disposable", "authority")}
        self.standing, self.error = label("", "soft"), label("", "adverse")
        self.conflict = label("", "adverse")
        self.seal = QCheckBox(tr("case.dialog.seal"))
        self.sign, self.leave = KeyButton(context, "primary"), KeyButton(context)
        self._wait = QTimer(self, singleShot=True, interval=120)
        self._wait.timeout.connect(self._ask_preview)
        self._build()
        self._connect()
        self._show_terms()
        if terms is not None:
            self._fill_terms(terms.amount, terms.term_months, terms.rate_pct)
        self._prepare()

    # -- building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        title = label(f"{tr(f'outcome.{self.outcome}')} · {applicant_words(self._view.case)}", "title")
        column.addWidget(title)
        self.unread = label(unread_words(self._view), "amber")
        self.unread.setWordWrap(True)
        self.unread.setVisible(bool(self.unread.text()))
        column.addWidget(self.unread)
        if grants(self.outcome):
            column.addWidget(self._terms_row())
        column.addWidget(self._figures_card())
        if takes_reasons(self.outcome):
            column.addWidget(self._reasons_box())
        column.addLayout(self._words_form())
        for part in (self.standing, self.error):
            part.setWordWrap(True)
            column.addWidget(part)
        self.error.hide()
        self.conflict.hide()
        self.seal.setChecked(self.outcome is not Outcome.REFER)
        self.seal.setVisible(self.outcome is not Outcome.REFER)
        column.addLayout(row(self.seal, 0, self.leave, self.sign))
        self.setMinimumWidth(700)

    def _terms_row(self) -> QWidget:
        holder = QWidget()
        currency = self._view.case.currency
        fields = (
            (self.amount, tr("case.dialog.amount", currency=currency)),
            (self.term, tr("case.dialog.term")),
            (self.rate, tr("case.dialog.rate")),
        )
        line = row(spacing=14)
        for edit, name in fields:
            edit.setAccessibleName(name)
            edit.setReadOnly(self.outcome is Outcome.APPROVE and edit is not self.rate)
            inner = QVBoxLayout()
            inner.setSpacing(3)
            caption = label(name, "caption")
            caption.setBuddy(edit)
            inner.addWidget(caption)
            inner.addWidget(edit)
            line.addLayout(inner, 1)
        holder.setLayout(line)
        return holder

    def _figures_card(self) -> QWidget:
        return frame(row(*self.figures.values(), 0, spacing=28, margins=(14, 10, 14, 10)))

    def _reasons_box(self) -> QWidget:
        self._reason_heading = label(tr("case.dialog.reasons", most=MOST), "heading")
        holder = QWidget()
        self._reason_column = QVBoxLayout(holder)
        self._reason_column.setContentsMargins(0, 0, 0, 0)
        self._reason_column.setSpacing(4)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(holder)
        self._reason_area = area
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._reason_heading)
        column.addWidget(area)
        return box

    def _words_form(self) -> QFormLayout:
        form = QFormLayout()
        form.setSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for edit, key in ((self.reason, "reason"), (self.conditions, "conditions")):
            edit.setTabChangesFocus(True)
            edit.setFixedHeight(62)
            edit.setAccessibleName(tr(f"case.dialog.{key}"))
            edit.setPlaceholderText(tr(f"case.dialog.{key}_hint"))
        self.override.setAccessibleName(tr("case.dialog.override"))
        self.override.setPlaceholderText(tr("case.dialog.override_hint"))
        form.addRow(tr("case.dialog.reason"), self.reason)
        if grants(self.outcome):
            form.addRow(tr("case.dialog.conditions"), self.conditions)
            form.addRow(tr("case.dialog.override"), self.override)
            form.setRowVisible(self.override, False)
        self.conflict.setWordWrap(True)
        self.despite.setAccessibleName(tr("case.dialog.despite"))
        self.despite.setPlaceholderText(tr("case.dialog.despite_hint"))
        form.addRow(self.conflict)
        form.addRow(tr("case.dialog.despite"), self.despite)
        form.setRowVisible(self.despite, False)
        self._form = form
        return form

    def _connect(self) -> None:
        self.sign.show_text(tr(f"case.dialog.sign.{self.outcome}"), "Ctrl ↵")
        self.leave.show_text(tr("button.cancel"), "Esc")
        self.leave.clicked.connect(self.reject)
        self.sign.clicked.connect(self.submit)
        self.sign.setDefault(False)
        self.leave.setAutoDefault(False)
        for edit in (self.amount, self.term, self.rate):
            edit.textEdited.connect(self._on_terms)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self, self.submit)
        self._ready(False)

    def _ready(self, ready: bool) -> None:
        self.sign.setEnabled(ready)

    # -- terms and what they come to

    def _show_terms(self) -> None:
        """Start from the requested terms; of a counter-offer from those that fit."""
        view = self._view
        fits = view.policy.fits if view.policy and self.outcome is Outcome.COUNTER_OFFER else None
        amount = fits.amount if fits else view.case.amount
        if fits and view.case.amount is not None:
            amount = min(fits.amount, view.case.amount)
        term = fits.term_months if fits else view.case.term_months
        rate = fits.rate_pct if fits else view.policy.rate_pct if view.policy else None
        self._fill_terms(amount, term, rate)

    def _fill_terms(self, amount: Decimal | None, term: int | None, rate: Decimal | None) -> None:
        self.amount.setText(fmt.amount_only(amount) if amount is not None else "")
        self.term.setText(str(term) if term is not None else "")
        self.rate.setText(fmt.number(rate) if rate is not None else "")

    def terms(self) -> Terms | None:
        """The terms as typed; None while they are no numbers."""
        amount, term = read_number(self.amount.text()), read_number(self.term.text())
        rate = read_number(self.rate.text()) if self.rate.text().strip() else None
        if amount is None or term is None or amount <= 0 or term != int(term) or not 1 <= term <= 1200:
            return None
        if self.rate.text().strip() and (rate is None or rate < 0):
            return None
        return Terms(amount, int(term), rate)

    def _prepare(self) -> None:
        desk, view, language = self._context.desk, self._view, self._context.language
        self._context.tasks.run(
            lambda _: sheet_of(view, desk.workspace.catalogue, desk.policy, desk.engine, language),
            self._on_sheet,
            self,
            "read",
            failed=self.show_error,
        )

    def _on_sheet(self, sheet: Sheet) -> None:
        self._sheet = sheet
        if takes_reasons(self.outcome):
            self._show_reasons(sheet)
        self._ask_preview()

    def _show_reasons(self, sheet: Sheet) -> None:
        clear(self._reason_column)
        proposed = {reason.code for reason in sheet.proposed}
        for reason in sheet.supported:
            self.reasons[reason.code] = box = QCheckBox(f"{reason.text}   {reason.code}")
            box.setChecked(reason.code in proposed)
            box.setToolTip(self._fact_words(reason))
            box.toggled.connect(self._on_reason)
            self._reason_column.addWidget(box)
        if not sheet.supported:
            self._reason_column.addWidget(label(tr("case.dialog.no_reasons"), "soft"))
        line = max((box.sizeHint().height() for box in self.reasons.values()), default=20)
        shown = min(REASONS_SHOWN, max(1, len(sheet.supported)))
        self._reason_area.setFixedHeight((line + self._reason_column.spacing()) * shown + 4)
        self._on_reason()

    def _fact_words(self, reason: Reason) -> str:
        fact = self._view.fact(reason.fact) if reason.fact else None
        if fact is None:
            return reason.text
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        return f"{fmt.fact_label(fact.name, catalogue, language)}: {fmt.fact_text(fact, catalogue, language)}"

    def chosen(self) -> tuple[str, ...]:
        """Codes of the checked principal reasons."""
        return tuple(code for code, box in self.reasons.items() if box.isChecked())

    def _on_reason(self) -> None:
        """No more than the most that may be given can be checked."""
        full = len(self.chosen()) >= MOST
        for box in self.reasons.values():
            box.setEnabled(box.isChecked() or not full)
        self._show_conflicts()

    def contradicted(self) -> tuple[Conflict, ...]:
        """Sentences of the report that speak for the request in what a chosen reason names against it."""
        chosen = [each for each in (self._sheet.supported if self._sheet else ()) if each.code in self.chosen()]
        return conflicts(chosen, self._view.report, self._view.findings, self._view.facts)

    def _show_conflicts(self) -> None:
        """Name those sentences, and ask why the decision stands despite them: without that it is not signed."""
        against = self.contradicted()
        self.conflict.setText(conflict_words(against))
        self.conflict.setVisible(bool(against))
        self._form.setRowVisible(self.despite, bool(against))

    def _on_terms(self) -> None:
        for edit in (self.amount, self.term, self.rate):
            set_role(edit, "" if self.terms() is not None else "invalid")
        self._wait.start()

    def _ask_preview(self) -> None:
        sheet, terms, outcome = self._sheet, self.terms(), self.outcome
        if sheet is None:
            return
        if grants(outcome) and terms is None:
            self._ready(False)
            self.standing.setText(tr("case.dialog.no_terms"))
            return
        role, currency = self._context.desk.role, self._view.case.currency
        self._context.tasks.run(
            lambda _: preview_of(sheet, outcome, terms, role, currency),
            self._on_preview,
            self,
            "read",
            key="preview",
            failed=self.show_error,
        )

    def _on_preview(self, preview: Preview) -> None:
        self.preview = preview
        self._show_figures(preview)
        if grants(self.outcome):
            self._form.setRowVisible(self.override, preview.needs_override or bool(self.override.text()))
        words = [*preview.outside, *([preview.beyond] if preview.beyond else [])]
        self.standing.setText(tr("case.dialog.outside", why="; ".join(words)) if words else tr("case.dialog.inside"))
        set_role(self.standing, "amber" if words else "favourable")
        self.standing.setVisible(grants(self.outcome) or bool(preview.beyond))
        self._ready(True)
        self.adjustSize()

    def _show_figures(self, preview: Preview) -> None:
        currency = self._view.case.currency
        self.figures["instalment"].show_value(tr("case.dialog.instalment"), _money(preview.instalment, currency))
        self.figures["disposable"].show_value(
            tr("case.dialog.disposable"), _money(preview.disposable_after, currency), _sign(preview.disposable_after)
        )
        share, limit = preview.dsr_after_pct, preview.dsr_limit_pct
        text, stance = "", Stance.NEUTRAL
        if share is not None:
            text = (
                fmt.percent(share)
                if limit is None
                else tr("case.dialog.against", share=fmt.percent(share), limit=fmt.percent(limit))
            )
            stance = Stance.NEUTRAL if limit is None else Stance.ADVERSE if share > limit else Stance.FAVOURABLE
        self.figures["affordability"].show_value(tr("case.head.affordability"), text, stance)
        self.figures["authority"].show_value(tr("case.dialog.authority"), preview.authority)

    # -- the decision

    def command(self) -> RecordDecision:
        """The decision as the dialog stands. A priced rate is left to the policy, so that it stays the grid's own."""
        terms = self.terms() if grants(self.outcome) else None
        rate = terms.rate_pct if terms else None
        if self._sheet is not None and terms is not None and rate == self._priced(terms):
            rate = None
        return RecordDecision(
            case_id=self._view.case.id,
            outcome=self.outcome,
            reason_text=" ".join(self.reason.toPlainText().split()),
            amount=terms.amount.quantize(Decimal("0.01")) if terms else None,
            term_months=terms.term_months if terms else None,
            rate_pct=rate,
            conditions=tuple(line.strip() for line in self.conditions.toPlainText().splitlines() if line.strip()),
            reason_codes=self.chosen() if takes_reasons(self.outcome) else (),
            override=self.override.text().strip() or None,
            despite=(self.despite.text().strip() or None) if self.contradicted() else None,
        )

    def _priced(self, terms: Terms) -> Decimal | None:
        assert self._sheet is not None
        return self._sheet.check.at(Terms(terms.amount, terms.term_months)).priced_pct

    def submit(self) -> None:
        """Hand the decision over; what is missing is said first, at its field."""
        if not self.sign.isEnabled():
            return
        problem = self._problem()
        if problem is not None:
            self.show_error(problem)
            return
        self.error.hide()
        self._ready(False)
        self.submitted.emit(self.command(), self.seal.isChecked())

    def _problem(self) -> InputError | None:
        if not self.reason.toPlainText().strip():
            return InputError("reason", tr("case.dialog.needs_reason"))
        if takes_reasons(self.outcome) and not self.chosen():
            return InputError("reason_codes", tr("case.dialog.needs_principal"))
        if grants(self.outcome) and self.preview and self.preview.needs_override and not self.override.text().strip():
            return InputError("override", tr("case.dialog.needs_override"))
        if self.contradicted() and not self.despite.text().strip():
            return InputError("despite", tr("case.dialog.needs_despite"))
        return None

    def show_error(self, error: WorkbenchError) -> None:
        """Say what is wrong, and put the cursor where it can be mended."""
        self.error.setText(" ".join(filter(None, error_text(error))))
        self.error.show()
        self.adjustSize()
        self._ready(self._sheet is not None)
        fields: dict[str, QWidget] = {
            "reason": self.reason,
            "amount": self.amount,
            "term_months": self.term,
            "rate_pct": self.rate,
            "override": self.override,
            "despite": self.despite,
        }
        if isinstance(error, InputError):
            if error.field == "override" and grants(self.outcome):
                self._form.setRowVisible(self.override, True)
            if error.field == "despite":
                self._form.setRowVisible(self.despite, True)
            if error.field == "reason_codes" and self.reasons:
                next(iter(self.reasons.values())).setFocus()
            elif error.field in fields:
                fields[error.field].setFocus()


def _money(value: Decimal | None, currency: str) -> str:
    return "" if value is None else fmt.money(value, currency)


def _sign(value: Decimal | None) -> Stance:
    return Stance.ADVERSE if value is not None and value < 0 else Stance.NEUTRAL


def unread_words(view: CaseView) -> str:
    """How many documents of the case are not read, so that the decision would not rest on them."""
    count = len(view.waiting)
    key = "reading.background.decide_one" if count == 1 else "reading.background.decide"
    return tr(key, count=count) if count else ""
