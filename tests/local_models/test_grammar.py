"""Grammars: what they admit and what they never do, read here by a small matcher of our own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lexicon import CHINESE_NUMERALS, NUMBER_WORDS
from local_models.grammar import (
    frame_grammar,
    frame_readings,
    free_grammar,
    literal,
    longest_reading,
    number_free_word_rules,
)


def admits_word(word: str) -> bool:
    """Walk the word rules: each state is a set of ``"c" wN`` and ``[chars] wx`` ways, and may end on ``""``."""
    rules = dict(line.split(" ::= ") for line in number_free_word_rules().splitlines())
    state = "w0"
    for letter in word:
        if state == "wx":
            if not re.match("[a-z'-]", letter):
                return False
            continue
        for way in rules[state].split(" | "):
            shown, _, target = way.partition(" ")
            if (shown.startswith('"') and shown == f'"{letter}"') or (shown.startswith("[") and letter in shown[1:-1]):
                state = target
                break
        else:
            return False
    return state == "wx" or '""' in rules[state].split(" | ")


@pytest.mark.parametrize("word", sorted(NUMBER_WORDS))
def test_no_number_word_is_admitted(word: str) -> None:
    assert not admits_word(word)


@given(st.from_regex(r"[a-z][a-z'-]{0,14}", fullmatch=True))
def test_every_other_word_is_admitted(word: str) -> None:
    assert admits_word(word) == (word not in NUMBER_WORDS)


@pytest.mark.parametrize("word", ["tone", "none", "often", "eighth", "oneself", "seventh", "thirdly", "halfway"])
def test_words_that_only_hold_a_number_word_are_admitted(word: str) -> None:
    assert admits_word(word)


def test_a_frame_becomes_literals_and_choices() -> None:
    frame = '<With|After> this, [A] "is" <above|over|> it.'
    assert frame_grammar(frame) == (
        'root ::= ("With" | "After") " this, [A] \\"is\\" " ("above" | "over" | "") " it."\n'
    )
    assert frame_readings(frame) == 6
    assert longest_reading(frame) == len('After this, [A] "is" above it.')


def test_literals_escape_what_gbnf_would_read() -> None:
    assert literal('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'


def test_free_grammars_hold_each_mark_once_in_every_reading() -> None:
    root = free_grammar(["[A]", "[B]"], "en").splitlines()[0]
    assert root == 'root ::= (head "[A]" gap "[B]" tail | head "[B]" gap "[A]" tail) "."'
    four = free_grammar(["[A]", "[B]", "[C]", "[D]"], "en").splitlines()[0]
    assert four.count("|") == 0
    assert [four.count(f"[{mark}]") for mark in "ABCD"] == [1, 1, 1, 1]


def test_a_free_sentence_without_marks_does_not_end_in_a_gap() -> None:
    assert free_grammar([], "en").startswith('root ::= (opening tail) "."')


def test_free_grammars_admit_no_digit() -> None:
    for language in ("en", "zh"):
        grammar = free_grammar(["[A]"], language)
        classes = re.findall(r"\[([^\]]*)\]", grammar.replace('"[A]"', ""))
        assert not any(re.search(r"\d", c) for c in classes)


def test_the_chinese_grammar_admits_common_characters_but_no_numeral() -> None:
    (han,) = re.findall(r"han ::= \[([^\]]*)\]", free_grammar(["[A]"], "zh"))
    admitted = re.compile(f"[{han}]")
    assert all(admitted.fullmatch(c) for c in "收入超过政策上限高低")
    assert not any(admitted.fullmatch(c) for c in CHINESE_NUMERALS if "\u4e00" <= c <= "\u9fa5")
