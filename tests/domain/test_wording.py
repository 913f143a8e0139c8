"""Words made comparable, and phrases found where blanks, accents or a sign were lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.wording import Phrases, fold, fold_words

PHRASES = Phrases(
    [(text, text) for text in ("net pay", "date of birth", "net à payer", "实发工资", "rent", "net pay this period")]
)


def found(*words: str, mend: bool = False) -> list[str]:
    line = fold_words(words, PHRASES.speller if mend else None)
    return [each.item for each in PHRASES.find(line)]


def test_fold() -> None:
    assert fold("Net à  Payer:") == "netapayer"
    assert fold("Straße Nr. 5") == "strassenr5"
    assert fold("实发 工资（元）") == "实发工资元"


@pytest.mark.parametrize("words", [("Net", "pay:"), ("NETPAY",), ("NetPay",), ("net-pay",)])
def test_blanks_and_case_do_not_count(words: tuple[str, ...]) -> None:
    assert found(*words) == ["net pay"]


def test_accents_do_not_count() -> None:
    assert found("NET", "A", "PAYER") == ["net à payer"]


def test_the_longest_phrase_wins() -> None:
    assert found("Net", "pay", "this", "period") == ["net pay this period"]


def test_a_phrase_is_no_part_of_a_word() -> None:
    assert found("current", "parents") == []


def test_a_phrase_does_not_end_within_another_word() -> None:
    phrases = Phrases([("periode", 1), ("date of birth", 2)])
    assert phrases.find(fold_words(["period", "ending"])) == []
    assert [each.item for each in phrases.find(fold_words(["Dateofbirth12.3.1980"]))] == [2]


def test_phrases_within_chinese_text() -> None:
    assert found("本月实发工资合计") == ["实发工资"]


def test_one_wrong_sign_is_forgiven_where_it_was_recognised() -> None:
    assert found("Date", "of", "birfh") == []
    assert found("Date", "of", "birfh", mend=True) == ["date of birth"]
    assert PHRASES.whole("dateofblrth") == "date of birth"
    assert PHRASES.whole("dateofdeath") is None


@given(st.lists(st.text(min_size=1).filter(lambda text: not any(map(str.isspace, text))), min_size=1, max_size=6))
def test_places_point_into_the_line(words: list[str]) -> None:
    line = " ".join(words)
    folded = fold_words(words)
    assert len(folded.places) == len(folded.text) + 1
    assert all(0 <= place <= len(line) for place in folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= bound <= len(folded.text) for bound in folded.bounds)
