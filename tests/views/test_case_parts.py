"""Parts without a panel: runs of a sentence, documents as text, formulas, zones, charts' sums, flowing text."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSizeF, Qt
from pytestqt.qtbot import QtBot

from app.domain.case import Document
from app.domain.facts import Source, SourceKind, Stance
from app.domain.pages import DrawnPage, Excerpt
from app.domain.sentences import Author, Sentence
from tests.doubles import load_catalogue
from tests.views.case_fixture import ENTRIES, FLAGGED, SENTENCES, SHA, case_view, fact_id, sentence, workspace
from tests.views.case_stage import context_for
from views.models.case_reading import slot_fact, slot_stance
from views.models.transactions_model import recurring_of
from views.parts.cash_chart import balances_of, months_of
from views.parts.decision_preview import read_number
from views.parts.flow_text import FlowText
from views.parts.formulas import formula_of, method_words, rows_of
from views.parts.page_image import PageCache, page_image
from views.parts.rendition import Place, marked_table, shape_of
from views.parts.sentence_runs import FigureRun, Run, TextRun, sentence_runs
from views.parts.zones import zones_of
from views.strings import texts
from views.tasks import Tasks

VIEW = case_view()


def runs_of(each: Sentence) -> tuple[Run, ...]:
    def look(of: Sentence, name: str) -> tuple[str, Stance]:
        fact = slot_fact(VIEW, of, name)
        return (fact.id, slot_stance(VIEW, of, fact)) if fact else ("", Stance.NEUTRAL)

    return sentence_runs(each, look)


# Sentences


def test_figures_are_cut_out_of_the_text_that_stands() -> None:
    runs = runs_of(SENTENCES[2])
    assert "".join(run.text for run in runs) == SENTENCES[2].text
    figures = [run for run in runs if isinstance(run, FigureRun)]
    assert [(run.text, run.fact, run.stance) for run in figures] == [
        ("2,450.00 EUR", fact_id("income.net_monthly_documented"), Stance.NEUTRAL),
        ("3,100.00 EUR", fact_id("income.net_monthly_stated"), Stance.ADVERSE),
    ]


@pytest.mark.parametrize("each", SENTENCES, ids=lambda each: each.key)
def test_every_sentence_keeps_its_words_and_all_its_figures(each: Sentence) -> None:
    runs = runs_of(each)
    assert "".join(run.text for run in runs) == each.text
    assert sum(isinstance(run, FigureRun) for run in runs) == each.template.count("{")


def test_a_sentence_that_begins_with_a_slot_begins_large() -> None:
    made = sentence("x.1", "{employment.seniority_years} of work.", Author.RULE, Stance.NEUTRAL)
    runs = runs_of(made)
    assert isinstance(runs[0], FigureRun)
    lower = sentence("x.2", "the score is {score.points}.", Author.RULE, Stance.NEUTRAL)
    object.__setattr__(lower, "text", "The score is 612.")
    assert [type(run) for run in runs_of(lower)] == [TextRun, FigureRun, TextRun]


def test_more_facts_than_slots_do_not_hide_the_figures() -> None:
    made = sentence("x.3", "The oldest account is {history.oldest_account_months} old.", Author.RULE, Stance.FAVOURABLE)
    object.__setattr__(made, "facts", (fact_id("history.worst_days_past_due_12m"), *made.facts))
    figures = [run for run in runs_of(made) if isinstance(run, FigureRun)]
    assert [run.fact for run in figures] == [fact_id("history.oldest_account_months")]


def test_a_text_that_left_its_template_stays_whole() -> None:
    made = sentence("x.4", "The score is {score.points}.", Author.PERSON, Stance.NEUTRAL)
    object.__setattr__(made, "text", "Quite another text.")
    assert runs_of(made) == (TextRun("Quite another text."),)


def test_a_figure_no_fact_supports_is_cut_out_with_its_problem() -> None:
    assert runs_of(FLAGGED) == (
        TextRun("The employer confirms "),
        TextRun("4,999", "unsupported_figure"),
        TextRun(" a month."),
    )


# Documents as text


def document(name: str, media: str = "") -> Document:
    return Document("0" * 64, name, "other", media, 1)


@pytest.mark.parametrize(
    ("name", "media", "shape"),
    [
        ("a.PDF", "", "pdf"),
        ("a", "application/pdf", "pdf"),
        ("a.jpg", "image/jpeg", "picture"),
        ("a.csv", "text/csv", "table"),
        ("a", "text/csv", "table"),
        ("a.json", "", "json"),
        ("a.xml", "application/xml", "xml"),
        ("a.ofx", "application/x-ofx", "ofx"),
        ("a.txt", "text/plain", "text"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "table"),
        ("a", "application/vnd.apache.parquet", "table"),
        ("mail.eml", "message/rfc822", "picture"),
        ("letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "picture"),
    ],
)
def test_the_shape_follows_name_and_type(name: str, media: str, shape: str) -> None:
    assert shape_of(document(name, media)) == shape


def test_a_row_of_a_table_is_marked_by_its_number() -> None:
    excerpt = Excerpt(("Datum", "Belopp"), (("a", "1"), ("b", "2"), ("c", "3")), (5, 6, 9))
    shown = marked_table(excerpt, Place(row=6, column="Belopp"))
    assert (shown.marked, shown.marks, shown.column) == (1, (1,), 1)
    assert marked_table(excerpt, Place(raw="c")).marked == 2
    assert marked_table(excerpt, Place(row=7)).marked is None


def test_rows_a_computation_rests_on_are_all_marked() -> None:
    source = Source(SourceKind.COMPUTATION, document="d", row=3, method="salary:rows 3,7,9")
    excerpt = Excerpt(("a",), tuple((str(n),) for n in range(2, 12)), tuple(range(2, 12)))
    shown = marked_table(excerpt, Place.of(source))
    assert [shown.numbers[at] for at in shown.marks] == [3, 7, 9]


# Pages and pictures


def drawn(across: int = 2, down: int = 3) -> DrawnPage:
    pixels = bytes(n % 256 for n in range(4 * across * down))
    return DrawnPage(1, 2, 20.0, 30.0, across, down, pixels)


def test_pixels_become_an_image(qapp: object) -> None:
    page = page_image(drawn())
    assert (page.image.width(), page.image.height(), page.size, page.pages) == (2, 3, QSizeF(20, 30), 2)
    assert page.image.pixelColor(1, 0).getRgb()[:3] == (6, 5, 4)


def test_a_box_stands_where_it_was_read(qapp: object) -> None:
    assert page_image(drawn()).placed((1, 2, 5, 10)) == QRectF(1, 2, 4, 8)


def test_the_cache_keeps_the_newest_within_its_bytes(qapp: object) -> None:
    cache = PageCache(most=100)
    page = page_image(drawn())  # 24 bytes
    for number in range(1, 6):
        cache.put(("d", number, 2), page)
        cache.get(("d", 1, 2))
    assert cache.size() <= 100
    assert cache.get(("d", 2, 2)) is None
    assert cache.get(("d", 1, 2)) is page
    assert cache.get(("d", 5, 2)) is page
    cache.put(("d", 9, 9), page_image(drawn(20, 20)))
    assert cache.size() == 1600
    cache.clear()
    assert cache.get(("d", 9, 9)) is None


# Formulas


def test_a_formula_stands_in_labels() -> None:
    catalogue = load_catalogue()
    method = "100 * (debt.instalments_monthly + loan.instalment) / income.net_monthly"
    assert formula_of(method, catalogue, "en") == (
        "100 × (Monthly instalments used + Instalment of this loan) ÷ Net monthly income used"
    )
    assert formula_of("accounts counted", catalogue, "en") == ""
    assert formula_of("annuity", catalogue, "en").startswith("Amount × i ÷")
    assert method_words("salary:rows 3,17,33", catalogue, "en") == "Salary entries, rows 3, 17, 33"
    assert rows_of("salary:rows 3,17 of ab12; 4 of cd34") == (3, 17)
    assert rows_of("annuity") == rows_of(None) == ()


# Sums of bank entries


def test_months_add_up_and_balances_end_the_day() -> None:
    months = months_of(ENTRIES)
    assert [f"{month.first:%m}" for month in months] == ["05", "06", "07", "08", "09", "10"]
    assert sum(m.came_in - m.went_out for m in months) == sum(entry.amount for entry in ENTRIES)
    assert balances_of(ENTRIES)[-1] == (ENTRIES[-1].booked_on, ENTRIES[-1].balance)


def test_balances_between_the_given_ones_follow_from_the_amounts() -> None:
    bare = tuple(replace(entry, balance=None) for entry in ENTRIES)
    assert balances_of(bare) == ()
    from_the_last = (*bare[:-1], ENTRIES[-1])
    from_the_first = (ENTRIES[0], *bare[1:])
    assert balances_of(from_the_last) == balances_of(ENTRIES)
    assert balances_of(from_the_first) == balances_of(ENTRIES)


def test_what_comes_back_every_month_is_found_and_shopping_is_not() -> None:
    found = {item.text: item for item in recurring_of(ENTRIES)}
    assert set(found) == {"LÖN ORION LOGISTICS AB", "HYRA LUND BOSTÄDER", "AUTOGIRO NORDKREDIT LÅN", "TELIA MOBIL"}
    assert found["LÖN ORION LOGISTICS AB"].amount == Decimal("2450.00")
    assert (found["TELIA MOBIL"].months, found["TELIA MOBIL"].of_months) == (6, 6)
    assert recurring_of(ENTRIES[:20]) == ()


# Zones


def test_zones_follow_the_shipped_policy_and_scorecard() -> None:
    from data.policy_files import load_policy
    from data.scorecard_files import load_scorecard

    catalogue = load_catalogue()
    card, policy = load_scorecard("credit-data", catalogue), load_policy("instalment-loan")
    zones = zones_of(policy.document, card)
    assert zones is not None
    assert card.grade_of(zones.refer - 1) == card.grades[-1].name  # the grade no loan is priced for
    assert card.grade_of(zones.refer) != card.grades[-1].name
    assert card.calibration.pd(zones.approve) * 100 < 30 <= card.calibration.pd(zones.approve - 1) * 100
    assert zones_of({"nodes": []}, card) is None


# Numbers as people type them


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("8500", "8500"),
        ("8,500.00", "8500.00"),
        ("8 500,00", "8500.00"),
        ("8.500,50", "8500.50"),
        ("9.9 %", "9.9"),
        ("1,234,567", "1234567"),
        ("12'000", "12000"),
    ],
)
def test_numbers_are_read_as_typed(typed: str, value: str) -> None:
    assert read_number(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["", "ten", "1.2.3", "NaN", "Infinity", "--1"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


# Flowing text


def test_text_breaks_at_its_width_and_never_before_a_full_stop(qtbot: QtBot, tasks: Tasks) -> None:
    flow = FlowText(context_for(workspace(), tasks))
    qtbot.addWidget(flow)
    flow.show_runs(
        (TextRun("Documented net income is "), FigureRun("2,450.00 EUR", "f1", Stance.ADVERSE), TextRun("."))
    )
    narrow, wide = flow.heightForWidth(150), flow.heightForWidth(900)
    assert narrow >= 2 * wide
    assert flow.heightForWidth(900) == wide
    flow.resize(150, narrow)
    flow.show()
    chip = flow.chips()[0]
    stop = flow._pieces[-1]
    assert stop.text == "."
    assert chip.y() < stop.at.y() < chip.y() + 2 * chip.height()
    assert stop.at.x() > 0
    assert not flow.grab().isNull()


def test_chinese_breaks_between_characters_but_not_before_its_stops(qtbot: QtBot, tasks: Tasks) -> None:
    flow = FlowText(context_for(workspace(), tasks, "zh"))
    qtbot.addWidget(flow)
    flow.show_runs((TextRun("放款后月供将占净收入的较大部分，超过政策上限。"),))
    assert flow.heightForWidth(120) > flow.heightForWidth(600)
    assert "，" not in [piece.text for piece in flow._pieces]
    assert any(piece.text.endswith("，") for piece in flow._pieces)


def test_a_chip_is_chosen_by_mouse_and_by_enter(qtbot: QtBot, tasks: Tasks) -> None:
    flow = FlowText(context_for(workspace(), tasks))
    qtbot.addWidget(flow)
    flow.show_runs((FigureRun("47 %", "f9", Stance.ADVERSE),))
    flow.resize(300, 40)
    flow.show()
    with qtbot.waitSignal(flow.chosen) as chosen:
        qtbot.mouseClick(flow.chips()[0], Qt.MouseButton.LeftButton)
    assert chosen.args == ["f9"]
    with qtbot.waitSignal(flow.chosen):
        qtbot.keyClick(flow.chips()[0], Qt.Key.Key_Return)
    assert flow.chips()[0].accessibleName() == "47 %, show where it comes from"
    assert SHA["form"]


# Texts


def test_every_text_the_case_screen_asks_for_exists_in_both_languages() -> None:
    views = Path(__file__).resolve().parents[2] / "views"
    sources = [
        file.read_text(encoding="utf-8")
        for folder in ("parts", "panels", "models")
        for file in (views / folder).glob("*.py")
    ]
    asked = {key for source in sources for key in re.findall(r'tr\(\s*"(case\.[a-z_.\-]+)"', source)}
    assert len(asked) > 100
    for language in ("en", "zh"):
        assert asked - set(texts(language)) == set(), language
    assert set(texts("en")) == set(texts("zh"))
