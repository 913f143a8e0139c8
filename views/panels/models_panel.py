"""The models: which language models are listed, whether their files are the right ones, and which one words reports."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.errors import WorkbenchError
from views import format as fmt
from views.context import Context
from views.desk_words import ModelState, model_states
from views.strings import has_text, tr
from views.widgets import ElidedLabel, EmptyState, button, column, error_text, frame, label, row

WIDTH = 860


class ModelsPanel(QWidget):
    """One card a model. Digests are computed on the ``documents`` lane when the screen is first shown."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.states: list[ModelState] = []
        self._title = label(role="title")
        self._text = label(role="soft")
        self._text.setWordWrap(True)
        self.again = button("", self.reload)
        self.broken = EmptyState("warning", context.theme)
        self.broken.acted.connect(self.reload)
        self.broken.hide()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        body = column(spacing=14, margins=(20, 18, 20, 24))
        body.addLayout(row(self._title, 0, self.again))
        body.addWidget(self._text)
        body.addLayout(self._cards)
        body.addWidget(self.broken)
        body.addStretch(1)
        inner.setLayout(body)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        area.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(area, spacing=0))
        context.refresh.language_changed.connect(lambda _: self._on_language())
        context.refresh.watch(self, Changes.SETTINGS, lambda _: self._show())
        self._set_texts()
        self.reload()

    def reload(self) -> None:
        """Read the list and check every file."""
        self.again.setEnabled(False)
        self.again.setText(tr("models.checking"))
        self._context.tasks.run(
            lambda _: model_states(), self._on_states, self, "documents", key="models", failed=self._on_failed
        )

    def _on_states(self, states: list[ModelState]) -> None:
        self.states = states
        self.broken.hide()
        self._set_texts()
        self._show()

    def _on_failed(self, error: WorkbenchError) -> None:
        self.states = []
        self._show()
        self._set_texts()
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.broken.show()

    def _on_language(self) -> None:
        self._set_texts()
        self._show()

    def _set_texts(self) -> None:
        self._title.setText(tr("models.title"))
        self._text.setText(tr("models.text"))
        self.again.setText(tr("models.again"))
        self.again.setEnabled(True)

    def _show(self) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        chosen = self._context.settings.value("model.default") or (self.states[0].name if self.states else "")
        for state in self.states:
            self._cards.addWidget(self._card(state, chosen=state.name == chosen))

    def _card(self, state: ModelState, *, chosen: bool) -> QFrame:
        chip = label(tr("models.wrong" if state.problem else "models.right"))
        chip.setProperty("role", "chip-adverse" if state.problem else "chip-favourable")
        head = row(label(state.name, "subtitle"), 4, chip, 0)
        if chosen:
            head.addWidget(label(tr("models.in_use"), "chip"))
        elif not state.problem:
            head.addWidget(
                button(tr("models.use"), lambda: self._use(state.name), name=f"{tr('models.use')}: {state.name}")
            )
        body = column(spacing=10, margins=(20, 14, 20, 16))
        body.addLayout(head)
        if state.problem:
            problem = label(f"{state.problem} {state.remedy}".strip(), "adverse")
            problem.setWordWrap(True)
            body.addWidget(problem)
        body.addLayout(self._details(state))
        return frame(body, "card")

    def _details(self, state: ModelState) -> QGridLayout:
        style = f"models.style_{state.style}"
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)
        for number, (key, value) in enumerate(
            (
                ("file", str(state.file)),
                ("size", fmt.NOTHING if state.size is None else fmt.size(state.size)),
                ("languages", ", ".join(state.languages)),
                ("style", tr(style) if has_text(style) else state.style),
                ("context", tr("models.tokens", count=fmt.number(state.context))),
                ("licence", state.licence),
                ("sha256", state.sha256),
            )
        ):
            grid.addWidget(label(tr(f"models.{key}"), "soft"), number, 0)
            shown = ElidedLabel(value, mode=Qt.TextElideMode.ElideMiddle)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, number, 1)
        return grid

    def _use(self, name: str) -> None:
        self._context.settings.put("model.default", name)
        self._show()
        self._context.refresh.broadcast(Changes.SETTINGS)
