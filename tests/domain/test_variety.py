"""Beginnings and endings that come again give way to others of their frame."""

from __future__ import annotations

import pytest

from app.domain.facts import Stance
from app.domain.plan import SentencePlan
from app.domain.variety import edges, narrowed, vary

TAIL = "<which supports the application|a good sign>"


def plan(key: str, text: str, frame: str) -> SentencePlan:
    return SentencePlan(key, "capacity", "is", Stance.FAVOURABLE, (), (key,), None, text, "subject", frame)


def test_an_ending_said_before_gives_way() -> None:
    same = [plan(str(n), f"No {n}, which supports the application.", f"No {n}, {TAIL}.") for n in "abc"]
    assert [s.rule_text for s in vary(same)] == [
        "No a, which supports the application.",
        "No b, a good sign.",
        "No c, which supports the application.",  # none is left
    ]


def test_a_beginning_said_before_gives_way() -> None:
    frame = "<With this loan|After this loan>, {a.b} is left."
    texts = [s.rule_text for s in vary([plan(n, "With this loan, {a.b} is left.", frame) for n in "ab"])]
    assert texts == ["With this loan, {a.b} is left.", "After this loan, {a.b} is left."]


def test_chinese_endings_give_way_too() -> None:
    frame = "<流水|账单>正常，<对申请有利|管理良好>。"
    texts = [s.rule_text for s in vary([plan(n, "流水正常，对申请有利。", frame) for n in "ab"])]
    assert texts == ["流水正常，对申请有利。", "流水正常，管理良好。"]


def test_a_sentence_without_a_frame_stays() -> None:
    same = [plan(n, "Nothing is owed, which supports the application.", "") for n in "ab"]
    assert vary(same) == same


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (set(), f"<The account shows|The statements show> {{0}}, {TAIL}."),
        ({"a good sign"}, "<The account shows|The statements show> {0}, <which supports the application>."),
        ({"The account shows"}, f"<The statements show> {{0}}, {TAIL}."),
        ({"The account shows", "The statements show"}, f"<The account shows|The statements show> {{0}}, {TAIL}."),
    ],
)
def test_the_model_is_left_what_was_not_said(said: set[str], left: str) -> None:
    assert narrowed(f"<The account shows|The statements show> {{0}}, {TAIL}.", said) == left


def test_a_frame_with_no_choice_left_stays_whole() -> None:
    frame = "No payment was late, <which supports the application|a good sign>."
    assert narrowed("It is <so very much|so very far>.", {"so very far"}) == "It is <so very much|so very far>."
    assert narrowed(frame, {"a good sign"}) == frame


def test_short_words_may_come_again() -> None:
    assert narrowed("It is {0} <a month|each month>.", {"a month"}) == "It is {0} <a month|each month>."


def test_the_edges_a_sentence_took_are_known() -> None:
    frame = f"<The account shows|The statements show> {{0}}, {TAIL}."
    assert edges("The statements show {0}, a good sign.", frame) == {"The statements show", "a good sign"}
