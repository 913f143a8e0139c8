"""Looking words up on a page, and reading what a rectangle holds."""

from __future__ import annotations

import pytest

from app.domain.layout import Page, Word
from app.domain.page_search import find_on, text_in


def word(text: str, x: float, y: float, wide: float = 30.0) -> Word:
    return Word(text, (x, y, x + wide, y + 10), 1)


PAGE = Page(
    1,
    200,
    100,
    (word("Net", 10, 10), word("pay", 45, 10), word("2 450,00", 90, 10), word("实发工资", 10, 40), word("pay", 10, 70)),
)


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("net pay", [(10, 10, 75, 20)]),
        ("NETPAY", [(10, 10, 75, 20)]),
        ("pay", [(45, 10, 75, 20), (10, 70, 40, 80)]),
        ("450,0", [(90, 10, 120, 20)]),
        ("2450,00", [(90, 10, 120, 20)]),
        ("发工", [(10, 40, 40, 50)]),
        ("pay 实发", []),
        ("  ", []),
        ("gross", []),
    ],
)
def test_words_are_found_whatever_their_case_and_blanks(text: str, boxes: list[tuple[float, ...]]) -> None:
    assert list(find_on(PAGE, text)) == boxes


def test_full_width_signs_are_the_plain_ones() -> None:
    assert find_on(Page(1, 10, 10, (word("１２３", 0, 0),)), "123")


def test_a_rectangle_holds_the_words_whose_middles_lie_in_it() -> None:
    assert text_in(PAGE, (40, 5, 200, 25)) == "pay 2 450,00"
    assert text_in(PAGE, (0, 0, 55, 100)) == "Net 实发工资 pay"
    assert text_in(PAGE, (0, 90, 5, 99)) == ""


def test_a_figure_is_not_found_within_a_longer_number() -> None:
    page = Page(1, 600, 800, (Word("12,000.00", (10, 10, 60, 20), 1), Word("112,000.00", (10, 40, 70, 50), 1)))
    assert find_on(page, "12,000.00", figure=True) == ((10, 10, 60, 20),)
    assert len(find_on(page, "12,000.00")) == 2
