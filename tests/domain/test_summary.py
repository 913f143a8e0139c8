"""Tests of what stands around a report's sentences: the summary on top, the questions at the end."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Stance
from app.domain.figures import find_figures
from app.domain.findings import Finding, Materiality
from app.domain.plan import SECTIONS, SentencePlan
from app.domain.questions import Question, questions_from
from app.domain.rendering import Prose
from app.domain.report import Report
from app.domain.sentences import Author, Sentence, State
from app.domain.summary import MOST_CHARACTERS, MOST_WORDS, length, ranked, summary
from data.phrases import load_phrases
from tests.domain.report_cases import every_fact, every_finding
from tests.doubles import load_catalogue

PHRASES, CATALOGUE = load_phrases(), load_catalogue()
FACTS = every_fact()
A, F = Stance.ADVERSE, Stance.FAVOURABLE


def a_plan(key: str, section: str, stance: Stance, weight: int) -> SentencePlan:
    return SentencePlan(key, section, "is", stance, (), (), None, "Text.", "subject", materiality=weight)


def a_sentence(key: str, section: str, stance: Stance, words: int, state: State = State.ACCEPTED) -> Sentence:
    text = " ".join(["word"] * words)
    return Sentence(key, section, text, text, Author.RULE, state, stance, (), (), {})


rows = st.lists(
    st.tuples(st.sampled_from(SECTIONS), st.sampled_from(Stance), st.integers(1, 3), st.integers(1, 50)), max_size=20
)


@given(rows)
def test_a_summary_never_is_longer_than_it_may_be(drawn: list[tuple[str, Stance, int, int]]) -> None:
    plans = [a_plan(str(at), section, stance, weight) for at, (section, stance, weight, _) in enumerate(drawn)]
    sentences = [a_sentence(str(at), row[0], row[1], row[3]) for at, row in enumerate(drawn)]
    taken = summary(sentences, ranked(plans), "en")
    assert sum(len(sentence.text.split()) for sentence in taken) <= MOST_WORDS
    keys = [sentence.key for sentence in taken]
    assert len(set(keys)) == len(keys)
    assert all(sentence in sentences for sentence in taken)


def test_a_summary_holds_the_recommendation_and_the_weightiest_of_each_side() -> None:
    plans = [
        a_plan("terms", "request", Stance.NEUTRAL, 1),
        a_plan("minor", "capacity", A, 1),
        a_plan("worst", "history", A, 3),
        a_plan("good", "mitigants", F, 2),
        a_plan("end", "recommendation", A, 3),
    ]
    sentences = [a_sentence(plan.key, plan.section, plan.stance, 15) for plan in plans]
    assert [s.key for s in summary(sentences, ranked(plans), "en")] == ["terms", "end", "worst", "minor", "good"]
    longer = [replace(s, text=" ".join(["word"] * 26)) for s in sentences]
    assert [s.key for s in summary(longer, ranked(plans), "en")] == ["end", "worst", "good"]


def test_a_flagged_sentence_is_not_in_the_summary_and_an_edit_is() -> None:
    worst = a_sentence("worst", "history", A, 5, State.FLAGGED)
    end = replace(a_sentence("end", "recommendation", A, 5), text="As a person put it.", author=Author.PERSON)
    report = Report("K-1", "en", (worst, end), highlights=("end", "worst"))
    assert report.to_json()["summary"] == {"sentences": ["end"], "text": "As a person put it."}
    assert Report.from_json("K-1", report.to_json()) == report


def test_chinese_is_counted_by_characters_with_a_figure_as_one() -> None:
    assert length("月供占47%，超过2,450.00欧元。", "zh") == 9
    assert MOST_CHARACTERS == 160


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_can_be_asked_and_names_only_known_facts(language: str) -> None:
    prose = Prose(CATALOGUE, PHRASES, language)
    for key, by_language in PHRASES.questions.items():
        code = key.removesuffix(".adverse")
        found = [f for f in every_finding(FACTS) if f.code == code] or [
            Finding(code, code, "documents", A, Materiality.NOTABLE, ())
        ]
        for finding in found:
            asked = questions_from([replace(finding, stance=A)], FACTS, prose)
            assert bool(asked) is bool(by_language[language]) or key.endswith(".neutral")
            assert all("{" not in question.text for question in asked)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_question_holds_a_figure_of_its_own(language: str) -> None:
    """A figure that no fact supports makes a package invalid, whatever it counts."""
    for key, by_language in PHRASES.questions.items():
        for question in by_language[language]:
            assert not find_figures(re.sub(r"\{[^}]*\}", "□", question)), key


def test_questions_come_by_weight_and_none_twice() -> None:
    prose = Prose(CATALOGUE, PHRASES, "en")
    undisclosed = (fact_id("debt.undisclosed_instalment"),)
    expired = Finding("document.expired:1", "document.expired", "documents", A, Materiality.NOTABLE, ())
    debt = Finding("debt", "debt.undisclosed", "capacity", A, Materiality.MAJOR, undisclosed)
    findings = [expired, replace(expired, id="document.expired:2"), debt]
    asked = questions_from(findings, FACTS, prose)
    assert [question.finding for question in asked] == ["debt", "document.expired:1"]
    assert "185.00 EUR" in asked[0].text
    assert Question.from_json(asked[0].to_json()) == asked[0]


def test_what_is_in_the_applicants_favour_and_a_prohibited_basis_ask_nothing() -> None:
    prose = Prose(CATALOGUE, PHRASES, "en")
    married = fact_id("applicant.marital_status")
    own = replace(PHRASES, questions={"x": {"en": ("Are you {0}?",)}})
    finding = Finding("x", "x", "capacity", A, Materiality.MAJOR, (married,))
    assert questions_from([finding], FACTS, Prose(CATALOGUE, own, "en")) == ()
    assert questions_from([replace(f, stance=F) for f in every_finding(FACTS)], FACTS, prose) == ()


def fact_id(name: str) -> str:
    return next(fact.id for fact in FACTS if fact.name == name)
