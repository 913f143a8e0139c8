"""The top bar: brand, the search field that opens the palette, and who works here with what."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from views.background_reading import ReadingStep
from views.context import Context
from views.icons import pixmap
from views.strings import tr
from views.widgets import label

HEIGHT = 49


class TopBar(QFrame):
    """``find_pressed()`` when the person wants the palette; the pills are set by the window."""

    find_pressed = Signal()
    model_pressed = Signal()
    person_pressed = Signal()
    reading_pressed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setFixedHeight(HEIGHT)
        self._context = context
        self._brand = label(tr("app.name"), "brand")
        self.search = QPushButton()
        self.search.setProperty("role", "find")
        self.search.setCursor(Qt.CursorShape.IBeamCursor)
        self.search.setFixedWidth(420)
        self.search.clicked.connect(self.find_pressed)
        self._picture = QLabel()
        self._text = label(role="soft")
        self._keys = label("Ctrl K", "key")
        inside = QHBoxLayout(self.search)
        inside.setContentsMargins(10, 0, 8, 0)
        inside.setSpacing(8)
        for each in (self._picture, self._text):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(each)
        inside.addStretch(1)
        inside.addWidget(self._keys, 0, Qt.AlignmentFlag.AlignVCenter)
        self.reading = self._pill(self.reading_pressed)
        self.reading.hide()
        self.offline = self._pill()
        self.model = self._pill(self.model_pressed)
        self.person = self._pill(self.person_pressed)
        self.model.hide()
        self.person.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(12)
        layout.addWidget(self._brand)
        layout.addSpacing(4)
        layout.addWidget(self.search)
        layout.addStretch(1)
        for pill in (self.reading, self.offline, self.model, self.person):
            layout.addWidget(pill)
        self.dress()

    def _pill(self, pressed: object = None) -> QPushButton:
        made = QPushButton()
        made.setProperty("role", "pill")
        if pressed is None:
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        else:
            made.setCursor(Qt.CursorShape.PointingHandCursor)
            made.clicked.connect(pressed)
        return made

    def dress(self) -> None:
        """Texts and pictures of the language and theme in force."""
        colours = self._context.theme.colours
        self._picture.setPixmap(pixmap("search", colours.soft, 15))
        self._text.setText(tr("palette.placeholder"))
        self.search.setAccessibleName(tr("palette.placeholder"))
        self.offline.setText(tr("top.offline"))
        self.offline.setToolTip(tr("top.offline_why"))
        self.offline.setIcon(pixmap("dot", colours.favourable, 10))

    def show_reading(self, step: ReadingStep | None) -> None:
        """How far the document is that is being read in the background."""
        self.reading.setVisible(step is not None)
        if step is not None:
            self.reading.setText(step.words[:1].upper() + step.words[1:])
            self.reading.setToolTip(tr("reading.background.open"))

    def show_model(self, text: str, why: str) -> None:
        """Name the model that words the reports, or that there is none."""
        self.model.setText(text)
        self.model.setToolTip(why)
        self.model.setVisible(bool(text))

    def show_person(self, text: str, why: str) -> None:
        """Name who works here and how far the authority goes."""
        self.person.setText(text)
        self.person.setToolTip(why)
        self.person.setVisible(bool(text))
