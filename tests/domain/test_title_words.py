"""Headings that are no title of the catalogue are understood by the words of those that are."""

from __future__ import annotations

import pytest

from app.domain.document_kinds import UNKNOWN, DocumentKind
from app.domain.kind_words import paper_of
from app.domain.recognise import kind_of
from app.domain.title_words import TitleWords, words_of
from data.kinds import kind_words, load_scales
from tests.domain.pages_of_words import layout


def kind(name: str, *titles: str) -> DocumentKind:
    return DocumentKind(name, {}, (), dict.fromkeys(titles, 4.0) | {"only a hint": 0.4}, {})


WORDS = TitleWords(
    {
        "lease": kind("lease", "rental agreement", "lease contract", "mietvertrag", "房屋租赁合同"),
        "loan": kind("loan", "loan agreement", "kreditvertrag", "贷款合同"),
        "payslip": kind("payslip", "payslip", "pay statement"),
    }
)


def test_words_of_one_kind_tell_more_than_those_of_several() -> None:
    found = WORDS.told("Flat rental agreement")
    assert found["lease"] > found["loan"] > 0
    assert "payslip" not in found
    assert WORDS.told("Rental contract")["lease"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("heading", "told"), [("Staffelmietvertrag", "lease"), ("住房租赁合同", "lease"), ("PAYSLIPS", "payslip")]
)
def test_compounds_and_chinese(heading: str, told: str) -> None:
    found = WORDS.told(heading)
    assert max(found, key=lambda name: found[name]) == told


def test_other_words_tell_nothing() -> None:
    assert WORDS.told("Only a hint of leek soup") == {}
    assert list(words_of("In 24 h an A4")) == []


def test_a_heading_of_known_words_decides_for_a_kind_and_prose_does_not() -> None:
    labels = [(60.0, 110.0, "Owner/Agent: Karl Berg"), (60.0, 140.0, "Base rent: 900.00 EUR")]
    titled = layout([(60.0, 60.0, "Apartment rental contract", 18.0), *labels])
    assert kind_of(paper_of(titled, kind_words()), load_scales()[0]).kind == "lease"
    prose = layout([(60.0, 60.0, "We signed the contract for the rental of a boat. It was a fine day on the lake")])
    assert kind_of(paper_of(prose, kind_words()), load_scales()[0]).kind == UNKNOWN
