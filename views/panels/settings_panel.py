"""Settings: who works here, how it looks, what is usual, and the state of the workspace."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import Changes
from app.domain.policy import Signatory
from app.domain.values import CURRENCIES
from app.errors import WorkbenchError
from views import format as fmt
from views.context import Context
from views.desk_words import WorkspaceFacts, model_names, products, read_workspace_facts, role_name, signing_roles
from views.models.queue_model import product_name
from views.panels.lender_form import LenderForm
from views.strings import tr
from views.theme import set_role
from views.widgets import ElidedLabel, button, choices, error_text, frame, label, quietly, row

WIDTH = 760
LABEL_WIDTH = 190
THEMES = ("light", "dark", "system")
LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


class Segments(QWidget):
    """A row of buttons of which one is pressed: ``chosen(value)``."""

    chosen = Signal(str)

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__()
        self.buttons = {value: QPushButton() for value in values}
        group = QButtonGroup(self, exclusive=True)
        layout = row(*self.buttons.values(), 0, spacing=6)
        self.setLayout(layout)
        for value, each in self.buttons.items():
            each.setCheckable(True)
            group.addButton(each)
            each.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))

    def show_value(self, value: str) -> None:
        """Press one without a signal."""
        if value in self.buttons:
            self.buttons[value].setChecked(True)

    def set_texts(self, texts: dict[str, str], name: str) -> None:
        for value, text in texts.items():
            self.buttons[value].setText(text)
            self.buttons[value].setAccessibleName(f"{name}: {text}")


class SettingsPanel(QWidget):
    """Each change is kept at once. ``language_chosen`` and ``theme_chosen`` go to the window."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self._captions: list[tuple[QLabel, str]] = []
        self._facts: WorkspaceFacts | None = None
        self._make_inputs()
        self._make_values()
        self.lender = LenderForm(context, LABEL_WIDTH)
        self._lay_out()
        self._connect()
        self._set_texts()
        self._show_values()
        self._check_workspace()

    # Making

    def _make_inputs(self) -> None:
        self.name = QLineEdit()
        self.role = QComboBox()
        self.language = Segments(tuple(LANGUAGE_NAMES))
        self.theme = Segments(THEMES)
        self.model = QComboBox()
        self.currency = QComboBox()
        self.product = QComboBox()
        self.currency.setMaxVisibleItems(16)
        for box in (self.name, self.role, self.model, self.currency, self.product):
            box.setFixedWidth(320)

    def _make_values(self) -> None:
        self.place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.key = label()
        self.schema = label()
        self.cases = label()
        self.chain = label()
        self.chain.setWordWrap(True)
        self.chain.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.chain.setMinimumHeight(36)
        self.chain.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.check = button("", self._check_workspace)

    def _lay_out(self) -> None:
        self._title = label(role="title")
        body = QVBoxLayout()
        body.setContentsMargins(20, 18, 20, 24)
        body.setSpacing(16)
        body.addWidget(self._title)
        sections: list[tuple[str, list[tuple[str, QWidget]]]] = [
            ("person", [("name", self.name), ("role", self.role)]),
            ("looks", [("language", self.language), ("theme", self.theme)]),
            ("usual", [("model", self.model), ("currency", self.currency), ("product", self.product)]),
            (
                "workspace",
                [("place", self.place), ("key", self.key), ("schema", self.schema), ("cases", self.cases),
                 ("chain", self.chain), ("", self.check)],
            ),
        ]  # fmt: skip
        for name, rows in sections:
            body.addWidget(self._section(name, rows))
            if name == "usual":
                body.addWidget(self.lender)
        body.addStretch(1)
        self._scroll(body)

    def _section(self, name: str, rows: list[tuple[str, QWidget]]) -> QWidget:
        form = QFormLayout()
        form.setContentsMargins(20, 14, 20, 18)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self._caption(f"settings.section.{name}", "heading"))
        for key, field in rows:
            caption = self._caption(f"settings.{key}", "") if key else label()
            caption.setFixedWidth(LABEL_WIDTH)
            if isinstance(field, QPushButton):
                form.addRow(caption, frame(row(field, 0), "panel"))
            else:
                form.addRow(caption, field)
        return frame(form, "card")

    def _caption(self, key: str, role: str) -> QLabel:
        made = label(role=role)
        self._captions.append((made, key))
        return made

    def _scroll(self, body: QBoxLayout) -> None:
        inner = QWidget()
        inner.setLayout(body)
        inner.setMaximumWidth(WIDTH)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        area.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _connect(self) -> None:
        settings = self._context.settings
        self.name.editingFinished.connect(self._on_name)
        self.role.currentIndexChanged.connect(lambda _: settings.put("person.role", self.role.currentData()))
        self.model.currentIndexChanged.connect(lambda _: self._on_model())
        self.currency.currentIndexChanged.connect(lambda _: settings.put("currency", self.currency.currentData()))
        self.product.currentIndexChanged.connect(lambda _: settings.put("import.product", self.product.currentData()))
        self.language.chosen.connect(self.language_chosen)
        self.theme.chosen.connect(self.theme_chosen)
        refresh = self._context.refresh
        settings.stored.connect(self._on_stored)
        refresh.language_changed.connect(lambda _: self._set_texts())
        refresh.theme_changed.connect(lambda _: self.theme.show_value(settings.value("ui.theme")))
        refresh.watch(self, Changes.CASES | Changes.DECISION, lambda _: self._check_workspace())

    # Showing

    def _set_texts(self) -> None:
        self._title.setText(tr("settings.title"))
        self.lender.set_texts()
        for caption, key in self._captions:
            text = tr(key)
            caption.setText(text.upper() if caption.property("role") == "heading" else text)
        self.name.setAccessibleName(tr("settings.name"))
        self.check.setText(tr("settings.check"))
        self.language.set_texts(LANGUAGE_NAMES, tr("settings.language"))
        self.theme.set_texts({name: tr(f"settings.theme_{name}") for name in THEMES}, tr("settings.theme"))
        self.language.show_value(self._context.language)
        self._fill_choices()
        self._show_facts()

    def _fill_choices(self) -> None:
        settings, desk = self._context.settings, self._context.desk
        self._on_roles(())
        choices(self.currency, [(each, each) for each in sorted(CURRENCIES)], settings.value("currency"))
        listed = products(settings.value("import.product"))
        choices(self.product, [(each, product_name(each)) for each in listed], settings.value("import.product"))
        currency = settings.value("currency")
        tasks = self._context.tasks
        tasks.run(lambda _: model_names(), self._on_models, self, "read", key="models")
        tasks.run(lambda _: signing_roles(desk, currency), self._on_roles, self, "read", key="roles")
        for key, box in (("role", self.role), ("model", self.model), ("currency", self.currency)):
            box.setAccessibleName(tr(f"settings.{key}"))
        self.product.setAccessibleName(tr("settings.product"))

    def _on_roles(self, signing: tuple[Signatory, ...]) -> None:
        """The roles of the policy, each with its limit."""
        own = self._context.settings.value("person.role")
        items = [
            (one.role, tr("settings.role_limit", role=role_name(one.role), limit=fmt.number(one.limit)))
            for one in signing
        ]
        if own not in [role for role, _ in items]:
            items.insert(0, (own, role_name(own)))
        choices(self.role, items, own)

    def _on_models(self, names: list[str]) -> None:
        items = [("", tr("settings.model_first"))] + [(name, name) for name in names]
        items.append(("none", tr("settings.model_none")))
        choices(self.model, items, self._context.settings.value("model.default"))

    def _show_values(self) -> None:
        settings = self._context.settings
        with quietly(self.name):
            self.name.setText(settings.value("person.name"))
        self.language.show_value(self._context.language)
        self.theme.show_value(settings.value("ui.theme"))

    def _check_workspace(self) -> None:
        desk = self._context.desk
        self.chain.setText(tr("settings.checking"))
        set_role(self.chain, "soft")
        self._context.tasks.run(
            lambda _: read_workspace_facts(desk),
            self._on_facts,
            self,
            "read",
            key="facts",
            failed=self._on_facts_failed,
        )

    def _on_facts(self, facts: WorkspaceFacts) -> None:
        self._facts = facts
        self._show_facts()

    def _on_facts_failed(self, error: WorkbenchError) -> None:
        self.chain.setText(" ".join(error_text(error)))
        set_role(self.chain, "adverse")

    def _show_facts(self) -> None:
        facts = self._facts
        if facts is None:
            return
        self.place.setText(facts.path)
        self.key.setText(tr(f"settings.key_{facts.key_kept_by}"))
        self.schema.setText(facts.schema)
        self.cases.setText(fmt.number(facts.cases))
        broken = facts.broken_link
        self.chain.setText(tr("settings.chain_holds") if broken is None else tr("settings.chain_broken", seq=broken))
        set_role(self.chain, "favourable" if broken is None else "adverse")

    # Slots

    def _on_name(self) -> None:
        name = self.name.text().strip()
        if not name:
            self._show_values()
            return
        self._context.settings.put("person.name", name)

    def _on_model(self) -> None:
        self._context.settings.put("model.default", self.model.currentData())

    def _on_stored(self, key: str) -> None:
        if key.startswith(("person.", "model.")):
            self._context.refresh.broadcast(Changes.SETTINGS)
