"""The lender's particulars in the settings: the letterhead, the rule pack, the agency, the credit bureau."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout

from app.domain.rulepacks import RulePack
from views.context import Context
from views.strings import tr
from views.theme import set_role
from views.widgets import choices, label, quietly

LINES = ("name", "phone", "bureau", "bureau_phone")
BLOCKS = ("address", "bureau_address")
ORDER = ("name", "address", "phone", "rulepack", "agency", "bureau", "bureau_address", "bureau_phone")
WIDTH = 420


class LenderForm(QFrame):
    """A card of fields; each change is kept at once."""

    def __init__(self, context: Context, label_width: int) -> None:
        super().__init__()
        self._context = context
        self._packs: list[RulePack] = []
        self._captions: dict[str, QLabel] = {}
        set_role(self, "card")
        self.lines = {name: QLineEdit() for name in LINES}
        self.blocks = {name: QPlainTextEdit() for name in BLOCKS}
        self.rulepack, self.agency = QComboBox(), QComboBox()
        self.heading, self.note = label("", "heading"), label("", "soft")
        self._lay_out(label_width)
        self._show_values()
        self._connect()

    def _lay_out(self, label_width: int) -> None:
        form = QFormLayout()
        form.setContentsMargins(20, 14, 20, 18)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(self.heading)
        fields = {**self.lines, **self.blocks, "rulepack": self.rulepack, "agency": self.agency}
        for name in ORDER:
            caption = self._captions[name] = label()
            caption.setFixedWidth(label_width)
            fields[name].setFixedWidth(WIDTH)
            form.addRow(caption, fields[name])
        for block in self.blocks.values():
            block.setFixedHeight(62)
            block.setTabChangesFocus(True)
        form.addRow(label(), self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)

    def _show_values(self) -> None:
        settings = self._context.settings
        for name, line in self.lines.items():
            with quietly(line):
                line.setText(settings.value(f"lender.{name}"))
        for name, block in self.blocks.items():
            with quietly(block):
                block.setPlainText(settings.value(f"lender.{name}"))

    def _connect(self) -> None:
        for name, line in self.lines.items():
            line.editingFinished.connect(lambda name=name: self._keep(name, self.lines[name].text()))
        for name, block in self.blocks.items():
            block.textChanged.connect(lambda name=name: self._keep(name, self.blocks[name].toPlainText()))
        self.rulepack.currentIndexChanged.connect(lambda _: self._on_pack())
        self.agency.currentIndexChanged.connect(lambda _: self._keep("agency", self.agency.currentData() or ""))

    def _keep(self, name: str, text: str) -> None:
        self._context.settings.put(f"lender.{name}", "\n".join(line.strip() for line in text.strip().splitlines()))

    def set_texts(self) -> None:
        """Set the texts in the language in force; the packs are read off the UI thread."""
        self.heading.setText(tr("lender.title").upper())
        self.note.setText(tr("lender.note"))
        for name, caption in self._captions.items():
            caption.setText(tr(f"lender.{name}"))
        for name, field in {**self.lines, **self.blocks, "rulepack": self.rulepack, "agency": self.agency}.items():
            field.setAccessibleName(tr(f"lender.{name}"))
        desk = self._context.desk
        self._context.tasks.run(lambda _: desk.letters.packs(), self._on_packs, self, "read", key="packs")

    def _on_packs(self, packs: list[RulePack]) -> None:
        self._packs = packs
        language = self._context.language
        items = [(one.name, tr("lender.pack", label=one.label[language], version=one.version)) for one in packs]
        choices(self.rulepack, items, self._context.settings.value("lender.rulepack"))
        self._show_agencies()

    def _on_pack(self) -> None:
        self._keep("rulepack", self.rulepack.currentData() or "")
        self._show_agencies()

    def _show_agencies(self) -> None:
        """The agencies of the pack; where none was chosen, the one for all other creditors."""
        pack = next((one for one in self._packs if one.name == self.rulepack.currentData()), None)
        agencies = pack.agencies if pack else ()
        usual = pack.agency(self._context.settings.value("lender.agency")) if pack else None
        items = [(one.key, one.text.partition(",")[0]) for one in agencies] or [("", tr("lender.no_agency"))]
        choices(self.agency, items, usual.key if usual else "")
        self.agency.setEnabled(bool(agencies))
        for at, one in enumerate(agencies):
            self.agency.setItemData(at, f"{one.text}\n{one.who}", Qt.ItemDataRole.ToolTipRole)
