"""Colours keep their contrast, fonts their tabular figures, and the style sheet knows every colour it names."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from views import icons
from views.theme import (
    DARK,
    LIGHT,
    STYLE_SHEET,
    Colours,
    apply_theme,
    contrast,
    load_fonts,
    palette_of,
    set_role,
    style_sheet,
    theme_named,
)

TEXTS = ("ink", "soft", "accent", "adverse", "favourable", "amber", "person", "struck")
GROUNDS = ("paper", "card", "chip", "selected", "hover")
PAIRS = (
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("adverse", "adverse_wash"),
    ("favourable", "favourable_wash"),
    ("amber", "amber_wash"),
)


def test_contrast_of_the_worked_example() -> None:
    """WCAG 2.2: black on white is 21:1, #767676 on white the lightest grey that passes AA (4.54:1)."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_legible_on_every_ground(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(pair))
def test_text_is_legible_on_its_own_ground(colours: Colours, pair: tuple[str, str]) -> None:
    assert contrast(getattr(colours, pair[0]), getattr(colours, pair[1])) >= 4.5


def test_the_light_theme_is_the_drawing() -> None:
    drawn = {"paper": "#FBFAF7", "card": "#FFFFFF", "ink": "#1E252E", "line": "#E4E1DA", "accent": "#14535B"}
    drawn |= {"adverse": "#A8412D", "favourable": "#2C7350", "chip": "#EEF3F2"}
    assert {name: getattr(LIGHT, name) for name in drawn} == drawn


def test_every_name_in_the_style_sheet_is_a_colour() -> None:
    named = set(re.findall(r"\$(\w+)", STYLE_SHEET.read_text(encoding="utf-8")))
    assert named <= {field.name for field in fields(Colours)} | {"serif", "name", "assets"}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_style_sheet_is_filled_and_applies(qapp: QApplication, name: str) -> None:
    theme = theme_named(name)
    assert "$" not in style_sheet(theme)
    apply_theme(qapp, theme)
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.colours.paper.lower()
    apply_theme(qapp, theme_named("light"))


def test_system_is_one_of_the_two(qapp: QApplication) -> None:
    assert theme_named("system").name in ("light", "dark")


def test_the_bundled_fonts_are_used(qapp: QApplication) -> None:
    assert {"Inter", "Source Serif 4", "WenQuanYi Micro Hei"} <= set(load_fonts())
    theme = theme_named("light")
    assert theme.sans[0] == "Inter"
    assert theme.serif[0] == "Source Serif 4"
    assert theme.sans[-1] == theme.serif[-1] == "WenQuanYi Micro Hei"


def test_figures_are_tabular(qapp: QApplication) -> None:
    metrics = QFontMetricsF(theme_named("light").font(13))
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("0000"), abs=0.01)


def test_weights_are_taken_to_the_nearest(qapp: QApplication) -> None:
    theme = theme_named("light")
    assert theme.font(13, 600).weight() == QFont.Weight.DemiBold
    assert theme.font(13, 560).weight() == QFont.Weight.DemiBold
    assert theme.font(13, 540).weight() == QFont.Weight.Medium


def test_a_role_dresses_a_widget_anew(qapp: QApplication) -> None:
    apply_theme(qapp, theme_named("light"))
    label = QLabel("x")
    label.ensurePolished()
    set_role(label, "title")
    label.ensurePolished()
    assert label.fontInfo().pixelSize() == 18


@pytest.mark.parametrize("name", sorted(icons.PATHS))
def test_every_icon_draws_something_in_its_colour(qapp: QApplication, name: str) -> None:
    image = icons.pixmap(name, "#A8412D", 24).toImage()
    drawn = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    solid = [colour for colour in drawn if colour.alpha() > 120]
    assert solid
    assert all(colour.red() > 150 and colour.green() < 90 for colour in solid)


def test_disabled_palette_differs(qapp: QApplication) -> None:
    palette = palette_of(theme_named("light"))
    group = QPalette.ColorGroup
    role = QPalette.ColorRole.Text
    assert palette.color(group.Disabled, role) != palette.color(group.Active, role)
