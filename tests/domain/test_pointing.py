"""What reading leaves open, and what pointing at a place makes of it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from app.domain.cross_checks import DOUBTFUL
from app.domain.extraction import fields_of
from app.domain.extraction.openings import MOST_SPANS, openings_of
from app.domain.kind_words import paper_of
from app.domain.pointing import Opening, Pointed, Span, field_of
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form


def openings(*lines: str) -> dict[str, Opening]:
    paper, kind = paper_of(form(*lines), kind_words()), load_kinds()["payslip"]
    return {each.field: each for each in openings_of(paper, kind, fields_of(paper, kind))}


def test_a_field_without_a_value_names_the_places_that_may_hold_it() -> None:
    found = openings("Payslip", "Qqq of yours | 3,100.00", "Www of ours | 4,000.00")
    spans = found["net_pay"].spans
    assert [span.value for span in spans] == ["3100.00", "4000.00"]
    assert spans[0].before == "Qqq of yours"
    assert spans[0].raw == "3,100.00"


def test_a_field_that_was_read_is_not_open_and_its_sure_value_no_place() -> None:
    found = openings("Payslip", "Net pay: | 3,100.00", "Www | 55.10", "Vvv | 66.20")
    assert "net_pay" not in found
    assert "3100.00" not in [span.value for span in found["tax"].spans]


def test_what_stands_over_a_value_goes_with_it() -> None:
    found = openings("Payslip", "Qqq | Www", "3,100.00 | 4,000.00")
    assert [(span.above, span.value) for span in found["net_pay"].spans] == [("Qqq", "3100.00"), ("Www", "4000.00")]


def test_a_page_of_amounts_opens_nothing() -> None:
    assert "net_pay" not in openings("Payslip", *(f"Qqq | 1{at}0.00" for at in range(10, 12 + MOST_SPANS)))


def test_openings_go_through_json() -> None:
    for opening in openings("Payslip", "Qqq | 3,100.00", "Www | 4,000.00").values():
        assert Opening.from_json(json.loads(json.dumps(opening.to_json()))) == opening


@pytest.mark.parametrize("probability", [0.5, 0.75, 1.0])
def test_what_is_pointed_at_is_doubtful_however_sure_the_model(probability: float) -> None:
    opening = Opening("net_pay", "Net pay", (Span("3100.00", "3,100.00", 2, (1.0, 2.0, 3.0, 4.0), "EUR"),))
    field = field_of(opening, Pointed(0, probability))
    assert field is not None
    assert (field.value, field.page, field.currency, field.method) == ("3100.00", 2, "EUR", "model")
    assert Decimal(0) < field.confidence < DOUBTFUL
