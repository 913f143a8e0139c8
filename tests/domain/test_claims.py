"""Right figures under wrong names, comparisons that their figures belie, and what must not be taken for either."""

from __future__ import annotations

import pytest

from app.domain.checking import Setting, TextCheck, check_free
from app.domain.planning import CaseFile, build_plan
from app.domain.rendering import Prose
from data.phrases import load_phrases
from tests.domain.report_cases import a_case, every_fact, every_finding
from tests.doubles import load_catalogue

CATALOGUE, PHRASES = load_catalogue(), load_phrases()


def check(text: str) -> TextCheck:
    return check_free(text, every_fact(), Setting("en" if text.isascii() else "zh"))


def kinds(text: str) -> list[tuple[str, str]]:
    wanted = {"contradicted_figure", "contradicted_relation", "unsupported_figure"}
    return [(problem.kind, problem.span) for problem in check(text).problems if problem.kind in wanted]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("The net income is 12,000.00 EUR.", "12,000.00 EUR"),  # the requested amount
        ("The requested amount is 2,450 EUR.", "2,450 EUR"),  # the income
        ("The applicant asks for 8,500 EUR.", None),  # the offer may be what is asked for
        ("The documented income is two thousand four hundred and fifty euros.", None),
        ("The income is three thousand euros.", "three thousand euros"),
        ("The probability of default is 47 %.", "47 %"),  # instalments to income
        ("The policy limit is 47 %.", "47 %"),
        ("The rate is 9.9 %.", None),
        ("The rate is 40 %.", "40 %"),
        ("The term is 108 months.", "108 months"),  # age of the oldest account
        ("The term is three years.", None),
        ("The account spent 45 days in overdraft.", "45 days"),
        ("Payments were 12 days late.", "12 days"),
        ("Payments were forty-five days late.", None),
        ("月净收入为12,000.00欧元。", "12,000.00欧元"),
        ("月净收入为两千四百五十欧元。", None),
        ("申请金额为一万二千欧元。", None),
        ("申请金额为三千一百欧元。", "三千一百欧元"),
        ("违约概率为百分之四十七。", "百分之四十七"),
        ("违约概率为8.1%。", None),
        ("账户透支45天。", "45天"),
        ("期限为三十六个月。", None),
        ("期限为一百零八个月。", "一百零八个月"),
    ],
)
def test_a_figure_under_the_name_of_another_fact_contradicts(text: str, span: str | None) -> None:
    assert kinds(text) == ([("contradicted_figure", span)] if span else [])


def test_the_contradicted_fact_and_its_value_are_named() -> None:
    (problem,) = check("The probability of default is 47 %.").problems
    (fact,) = [fact for fact in every_fact() if fact.name == "score.pd_pct"]
    assert (problem.fact, problem.expected) == (fact.id, "8.10 percent")


def test_of_several_facts_by_that_name_the_nearest_is_expected() -> None:
    (problem,) = check("The income is 2,449 EUR.").problems
    assert problem.expected == "2450.00 EUR"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Instalments take 47 % of income, which is within the limit of 40 %.", "within"),
        ("Instalments take 47 % of income, above the limit of 40 %.", None),
        ("The documented 2,450.00 EUR exceeds the stated 3,100.00 EUR.", "exceeds"),
        ("The documented 2,450.00 EUR is below the stated 3,100.00 EUR.", None),
        ("The 5 enquiries are not above the usual 1.", "above"),
        ("月供占净收入的47%，未超过上限40%。", "未超过"),
        ("月供占净收入的47%，超过上限40%。", None),
    ],
)
def test_a_comparison_that_its_figures_belie_contradicts(text: str, word: str | None) -> None:
    found = kinds(text)
    assert [kind for kind, _ in found] == (["contradicted_relation"] if word else [])
    assert all(word is not None and (word in span or span in word) for _, span in found)


@pytest.mark.parametrize(
    "text",
    [
        "Of the income, 386.64 EUR a month would go to the new instalment.",
        "Income is steady, and the loan is 12,000.00 EUR.",
        "An instalment of 185 EUR, beside one of 386.64 EUR, is owed.",
        "The 36 months that the loan would run are usual.",
        "Between 2,450 EUR and 3,100 EUR of income is claimed.",
    ],
)
def test_figures_that_go_by_no_name_beside_them_are_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize("text", ["Income lies between 2,000 and 3,000 EUR.", "The score is 612 %.", "月收入六成。"])
def test_ranges_and_mixed_units_are_not_supported(text: str) -> None:
    assert kinds(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_rule_sentence_contradicts_its_own_facts(language: str) -> None:
    facts = every_fact()
    prose, by_id = Prose(CATALOGUE, PHRASES, language), {fact.id: fact for fact in facts}
    for finding in every_finding(facts):
        plan = build_plan(CaseFile(a_case(), facts, [finding]), CATALOGUE, PHRASES, language)
        for sentence in plan.sentences:
            text = prose.fill(sentence.rule_text, {slot.name: by_id[slot.fact] for slot in sentence.slots})
            problems = check_free(text, facts, Setting(language)).problems
            assert [p for p in problems if p.kind == "contradicted_figure"] == [], text
