"""Colours, fonts and the style sheet: one ``Theme`` is in force at a time, light or dark.

``theme_named(name)`` gives the theme, ``apply_theme(app, theme)`` dresses the application in it. Widgets that paint
themselves take their colours from ``context.theme.colours`` at each paint, and repaint on ``refresh.theme_changed``.

The style sheet dresses plain widgets by object name or by the dynamic property ``role`` (``set_role``):
labels ``title heading caption value soft adverse favourable amber pill chip chip-adverse chip-favourable``, buttons
``primary quiet danger link``, frames ``card bar rail panel``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

FONT_FOLDER = Path(__file__).resolve().parent.parent / "data" / "fonts"
STYLE_SHEET = Path(__file__).with_name("theme.qss")
ASSETS = Path(__file__).with_name("assets")

SANS = ("Inter", "Inter Variable", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
SERIF = ("Source Serif 4", "Source Serif Pro", "Source Serif", "Noto Serif", "Georgia", "DejaVu Serif")
CHINESE = ("WenQuanYi Micro Hei", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC")
BODY_PX = 13


@dataclass(frozen=True, slots=True)
class Colours:
    """The named colours of a theme, each ``#rrggbb``.

    Text colours (``ink soft accent adverse favourable amber person struck``) keep a contrast of 4.5:1 or more on
    ``paper``, ``card`` and ``chip``; ``on_accent`` keeps it on ``accent``.
    """

    paper: str  # ground of the window
    card: str  # raised surfaces
    ink: str
    soft: str  # secondary text
    line: str  # hairlines
    line_strong: str  # borders of inputs
    accent: str
    accent_hover: str
    on_accent: str
    adverse: str
    adverse_wash: str  # ground of adverse chips
    favourable: str
    favourable_wash: str
    amber: str
    amber_wash: str
    chip: str  # ground of chips and of the chosen rail entry
    selected: str  # ground of a chosen row
    hover: str
    person: str  # bar beside a person's sentence
    rule: str  # bar beside a rule's sentence
    struck: str  # text that was not taken
    backdrop: str  # behind a document page
    band_decline: str
    band_refer: str
    band_approve: str


LIGHT = Colours(
    paper="#FBFAF7",
    card="#FFFFFF",
    ink="#1E252E",
    soft="#5F6975",
    line="#E4E1DA",
    line_strong="#CFCBC2",
    accent="#14535B",
    accent_hover="#0F434A",
    on_accent="#FFFFFF",
    adverse="#A8412D",
    adverse_wash="#F8ECE8",
    favourable="#2C7350",
    favourable_wash="#EAF4EE",
    amber="#8A5E0F",
    amber_wash="#FAF2E0",
    chip="#EEF3F2",
    selected="#E6EFEE",
    hover="#F4F6F4",
    person="#7E5299",
    rule="#C9CFCE",
    struck="#636B74",
    backdrop="#F1EFEA",
    band_decline="#E9D5CE",
    band_refer="#F0E6CF",
    band_approve="#D6E8DC",
)

DARK = Colours(
    paper="#14181C",
    card="#1B2026",
    ink="#E9E7E2",
    soft="#A4AEB9",
    line="#2D343C",
    line_strong="#424B55",
    accent="#7CC7C4",
    accent_hover="#97D6D3",
    on_accent="#0C2326",
    adverse="#F0957F",
    adverse_wash="#3A2420",
    favourable="#7FCB9F",
    favourable_wash="#1D3328",
    amber="#E0B562",
    amber_wash="#372D19",
    chip="#232E31",
    selected="#253538",
    hover="#20272D",
    person="#C8A3E0",
    rule="#4C565F",
    struck="#98A2AC",
    backdrop="#0F1215",
    band_decline="#5A352C",
    band_refer="#54451F",
    band_approve="#26503A",
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours and font families in force."""

    name: str  # "light" | "dark"
    colours: Colours
    sans: tuple[str, ...]  # families, the first found is used, the Chinese one last
    serif: tuple[str, ...]

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    def colour(self, token: str) -> QColor:
        """The token as a ``QColor``; raises ``AttributeError`` for an unknown one."""
        return QColor(getattr(self.colours, token))

    def font(self, px: float = BODY_PX, weight: int = 400, *, serif: bool = False) -> QFont:
        """A font with tabular figures, ``px`` pixels high; ``weight`` as in CSS (400, 600)."""
        font = QFont(list(self.serif if serif else self.sans))
        font.setPixelSize(round(px))
        font.setWeight(QFont.Weight(_nearest_weight(weight)))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font


@cache
def _nearest_weight(weight: int) -> int:
    return min((int(each.value) for each in QFont.Weight), key=lambda known: abs(known - weight))


@cache
def load_fonts(folder: Path = FONT_FOLDER) -> tuple[str, ...]:
    """Register the bundled font files; returns the families found. Needs a running ``QGuiApplication``."""
    families: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in {".ttf", ".otf", ".ttc"}:
            families += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(file)))
    return tuple(families)


def _first_present(wanted: tuple[str, ...], present: frozenset[str]) -> tuple[str, ...]:
    return next(((name,) for name in wanted if name in present), ())


def theme_named(name: str) -> Theme:
    """The theme ``"light"``, ``"dark"``, or ``"system"`` (what the desktop asks for). Needs a running application."""
    load_fonts()
    present = frozenset(QFontDatabase.families())
    chinese = _first_present(CHINESE, present)
    sans = _first_present(SANS, present) or (QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family(),)
    serif = _first_present(SERIF, present) or sans
    dark = name == "dark" or (name == "system" and _system_is_dark())
    return Theme("dark" if dark else "light", DARK if dark else LIGHT, sans + chinese, serif + chinese)


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress every window in the theme: style, palette, font and style sheet."""
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(theme.font())
    app.setPalette(palette_of(theme))
    app.setStyleSheet(style_sheet(theme))


def palette_of(theme: Theme) -> QPalette:
    """Qt's palette for what the style sheet leaves to the style."""
    role = QPalette.ColorRole
    palette = QPalette()
    for each, token in {
        role.Window: "paper",
        role.WindowText: "ink",
        role.Base: "card",
        role.AlternateBase: "hover",
        role.Text: "ink",
        role.Button: "card",
        role.ButtonText: "ink",
        role.ToolTipBase: "card",
        role.ToolTipText: "ink",
        role.Highlight: "selected",
        role.HighlightedText: "ink",
        role.PlaceholderText: "soft",
        role.Link: "accent",
        role.Accent: "accent",
        role.Mid: "line",
        role.Light: "card",
        role.Dark: "line_strong",
    }.items():
        palette.setColor(each, theme.colour(token))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, theme.colour("struck"))
    return palette


def style_sheet(theme: Theme) -> str:
    """The style sheet (``theme.qss``) with the theme's colours in its ``$names``."""
    values = asdict(theme.colours) | {"name": theme.name, "assets": ASSETS.as_posix(), "serif": _quoted(theme.serif)}
    return Template(STYLE_SHEET.read_text(encoding="utf-8")).substitute(values)


def _quoted(families: tuple[str, ...]) -> str:
    return ", ".join(f'"{family}"' for family in families)


def set_role(widget: QWidget, role: str) -> None:
    """Set the property the style sheet chooses by, and dress the widget anew."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
