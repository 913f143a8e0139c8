"""The plan: order, completeness, slots, and what may never be in it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checking import Setting, check_worded, vocabulary_of
from app.domain.facts import Fact, Stance
from app.domain.findings import Finding, Materiality
from app.domain.plan import SECTIONS, Plan, SentencePlan
from app.domain.planning import CaseFile, build_plan
from app.domain.policy import PolicyResult
from app.domain.rendering import Prose, slot_names
from app.domain.report_kinds import FULL
from data.phrases import load_phrases
from local_models.grammar import frame_grammar, frame_readings
from tests.domain.report_cases import FINDINGS, VALUES, a_case, every_fact, every_finding
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()
PHRASES = load_phrases()


def plan_of(findings: list[Finding], facts: list[Fact] | None = None, language: str = "en") -> Plan:
    return build_plan(CaseFile(a_case(), facts or every_fact(), findings), CATALOGUE, PHRASES, language)


def plan_of_one(code: str, language: str = "en") -> SentencePlan:
    """The sentence of that finding, planned alone so that no section is cut short."""
    finding = next(f for f in every_finding(every_fact()) if f.code == code)
    return next(s for s in plan_of([finding], language=language).sentences if s.key == code)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", [row[0] for row in FINDINGS])
def test_every_finding_has_a_rule_sentence_that_passes_every_check(code: str, language: str) -> None:
    sentence = plan_of_one(code, language)
    prose = Prose(CATALOGUE, PHRASES, language)
    labels = tuple(prose.label(slot.name) for slot in sentence.slots)
    setting = Setting(language, vocabulary_of([sentence.rule_text]), allowed=labels)
    assert check_worded(sentence.rule_text, sentence, setting).problems == ()
    filled = prose.fill(sentence.rule_text, {fact.name: fact for fact in every_fact()})
    assert "{" not in filled
    assert "[" not in filled


def readings_of(frame: str) -> list[str]:
    """The readings of a frame, every one of few, or some hundreds spread over many."""
    parts = [part[1:-1].split("|") if part[0] == "<" else [part] for part in re.findall(r"<[^<>]*>|[^<>]+", frame)]
    step = max(1, frame_readings(frame) // 400)
    return ["".join(words) for words in itertools.islice(itertools.product(*parts), 0, None, step)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", [row[0] for row in FINDINGS])
def test_every_reading_of_a_frame_passes_every_check(code: str, language: str) -> None:
    sentence = plan_of_one(code, language)
    prose = Prose(CATALOGUE, PHRASES, language)
    labels = tuple(prose.label(slot.name) for slot in sentence.slots)
    setting = Setting(language, vocabulary_of([sentence.rule_text, sentence.frame]), allowed=labels)
    failed = {r: check_worded(r, sentence, setting).problems for r in readings_of(sentence.frame)}
    assert {reading: problems for reading, problems in failed.items() if problems} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_frames_leave_a_choice_everywhere(language: str) -> None:
    phrases = [phrase for entry in PHRASES.entries.values() for phrase in entry.phrases[language]]
    assert [p.text for p in phrases if frame_readings(p.frame) < 2] == []
    assert all(frame_grammar(p.frame).startswith("root ::= ") for p in phrases)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rule_sentences_hold_no_digit_outside_their_slots(language: str) -> None:
    for sentence in plan_of(every_finding(every_fact()), language=language).sentences:
        bare = sentence.rule_text
        for name in slot_names(bare):
            bare = bare.replace(f"{{{name}}}", "")
        assert not any(c.isdigit() for c in bare), sentence.rule_text


def test_sections_come_in_order_weightiest_first_and_the_recommendation_last() -> None:
    plan = plan_of(every_finding(every_fact()))
    ranks = [SECTIONS.index(s.section) for s in plan.sentences]
    assert ranks == sorted(ranks)
    assert plan.sentences[0].section == "request"
    assert plan.sentences[-1].section == "recommendation"
    for section in SECTIONS:
        weights = [s.materiality for s in plan.sentences if s.section == section and s.key != "request.terms"]
        assert weights == sorted(weights, reverse=True)


def test_the_score_opens_its_section_whatever_its_side() -> None:
    findings = [f for f in every_finding(every_fact()) if f.section == "score"]
    light = [replace(f, materiality=Materiality.MINOR) if f.code == "score.grade" else f for f in findings]
    keys = [s.key for s in plan_of(light).sentences if s.section == "score"]
    assert keys == ["score.grade", "score.reason:applicant.housing", "score.challenger_disagrees"]


def test_a_listed_fact_is_not_named_twice() -> None:
    facts = every_fact()
    names = ("cashflow.returned_items", "score.points", "history.enquiries_3m")
    ids = {fact.name: fact.id for fact in facts}
    finding = Finding(
        "policy.x:1", "policy.x:1", "policy", Stance.ADVERSE, Materiality.MAJOR, tuple(ids[n] for n in names)
    )
    (_, sentence) = plan_of([finding], facts).sentences
    assert sentence.rule_text.endswith(
        "of {cashflow.returned_items}, score ({score.points}) and {history.enquiries_3m}."
    )


@given(st.permutations(range(len(FINDINGS))))
def test_the_plan_does_not_hang_on_the_order_of_the_findings(order: list[int]) -> None:
    findings = every_finding(every_fact())
    assert plan_of([findings[i] for i in order]) == plan_of(findings)


@given(st.lists(st.tuples(st.sampled_from(Materiality), st.sampled_from(SECTIONS)), min_size=1, max_size=40))
def test_every_major_finding_gets_a_sentence(drawn: list[tuple[Materiality, str]]) -> None:
    facts = every_fact()
    findings = [
        Finding(f"device.seen:{i}", "device.seen", section, Stance.ADVERSE, weight, (facts[i % len(facts)].id,))
        for i, (weight, section) in enumerate(drawn)
    ]
    plan = plan_of(findings, facts)
    said = {finding for sentence in plan.sentences for finding in sentence.findings}
    assert {f.id for f in findings if f.materiality is Materiality.MAJOR} <= said
    assert len({s.key for s in plan.sentences}) == len(plan.sentences)


def test_minor_findings_beyond_a_sections_length_are_left_out_the_lightest_first() -> None:
    findings = [
        Finding(f"device.seen:{i:02}", "device.seen", "capacity", Stance.NEUTRAL, Materiality(1 + i % 2), ())
        for i in range(FULL.length + 4)
    ]
    kept = [s for s in plan_of(findings).sentences if s.section == "capacity"]
    assert len(kept) == FULL.length
    assert [s.materiality for s in kept] == [2] * 6 + [1] * 2


def test_a_finding_of_an_unknown_section_is_not_lost() -> None:
    finding = Finding("device.seen", "device.seen", "elsewhere", Stance.ADVERSE, Materiality.MAJOR, ())
    assert any("device.seen" in s.findings and s.section == "capacity" for s in plan_of([finding]).sentences)


def test_prohibited_bases_never_reach_the_plan() -> None:
    facts = every_fact()
    prohibited = {fact.id for fact in facts if CATALOGUE.prohibited(fact.name)}
    assert len(prohibited) == 2
    findings = [
        Finding(f"device.seen:{f.name}", "device.seen", "capacity", Stance.ADVERSE, Materiality.MAJOR, (f.id,))
        for f in facts
    ]
    everything = repr(plan_of(findings, facts).sentences)
    assert not any(fact_id in everything for fact_id in prohibited)
    labels = [CATALOGUE[name].label["en"].lower() for name in ("applicant.marital_status", "applicant.age")]
    texts = " ".join(s.rule_text + s.frame for s in plan_of(findings, facts).sentences if "seen:applicant.m" in s.key)
    assert not any(label in texts.lower() for label in labels)


def test_a_phrase_that_names_a_prohibited_basis_is_refused() -> None:
    entry = PHRASES.entries["history.absent"]
    bad = replace(entry.phrases["en"][0], text="The applicant is [code].", frame="{applicant.age}")
    broken = replace(PHRASES, entries={**PHRASES.entries, "history.absent": replace(entry, phrases={"en": (bad,)})})
    finding = Finding("history.absent", "history.absent", "history", Stance.NEUTRAL, Materiality.MAJOR, ())
    with pytest.raises(AssertionError, match="prohibited"):
        build_plan(CaseFile(a_case(), every_fact(), [finding]), CATALOGUE, broken, "en")


def test_a_poorer_phrase_is_taken_when_a_fact_is_missing() -> None:
    facts = [f for f in every_fact() if f.name not in {"loan.rate_pct", "loan.instalment"}]
    finding = next(f for f in every_finding(every_fact()) if f.code == "request.terms")
    known = tuple(f.id for f in facts)
    finding = replace(finding, facts=tuple(i for i in finding.facts if i in known))
    (sentence,) = plan_of([finding], facts).sentences
    assert sentence.rule_text == "The applicant asks for {request.amount} over {request.term_months}."


def test_the_side_of_a_finding_chooses_its_words() -> None:
    facts = every_fact(changes={"ratio.disposable_after": (Decimal("-120.00"), "EUR")})
    finding = next(f for f in every_finding(facts) if f.code == "affordability.disposable")
    (_, sentence) = plan_of([replace(finding, stance=Stance.ADVERSE)], facts).sentences
    assert "shortfall" in sentence.rule_text


def test_a_varying_salary_is_not_called_missing() -> None:
    finding = next(f for f in every_finding(every_fact()) if f.code == "income.irregular")
    (_, sentence) = plan_of([replace(finding, detail="variation")]).sentences
    assert sentence.rule_text == "The salary varies from month to month, so the income is irregular."


def test_a_declining_clause_says_so() -> None:
    finding = next(f for f in every_finding(every_fact()) if f.code.startswith("policy.affordability"))
    (_, refers) = plan_of([replace(finding, detail="refer")]).sentences
    (_, declines) = plan_of([replace(finding, detail="decline")]).sentences
    assert refers.rule_text.startswith("The policy refers the request for review because of instalments")
    assert declines.rule_text.startswith("The policy declines the request because of instalments")


def a_finding(code: str, names: tuple[str, ...], facts: list[Fact], **more: Any) -> Finding:
    ids = {fact.name: fact.id for fact in facts}
    section = {"policy": "policy", "score": "score", "history": "history"}.get(code.split(".")[0], "capacity")
    return Finding(
        code, code.split(":")[0], section, Stance.ADVERSE, Materiality.NOTABLE, tuple(ids[n] for n in names), **more
    )


def test_the_reasons_of_a_score_share_one_sentence() -> None:
    facts = every_fact()
    names = ("employment.seniority_years", "request.term_months", "applicant.housing")
    findings = [a_finding(f"score.reason:{name}", (name,), facts) for name in names]
    (_, sentence) = plan_of(findings, facts).sentences
    assert set(sentence.findings) == {finding.id for finding in findings}
    assert sentence.rule_text == (
        "The score lost most points because of housing ({applicant.housing}), {employment.seniority_years} "
        "in employment and a requested term of {request.term_months}."
    )
    (_, alone) = plan_of(findings[:1], facts).sentences
    assert alone.rule_text == "The score lost points for {employment.seniority_years} in employment."


def test_a_second_clause_is_said_as_a_further_one() -> None:
    facts = every_fact()
    pairs = ("ratio.dsr_after_pct", "limit.dsr_pct")
    findings = [
        a_finding("policy.a:1", pairs, facts, detail="refer"),
        a_finding("policy.b:2", ("cashflow.overdraft_days",), facts, detail="refer"),
    ]
    texts = [s.rule_text for s in plan_of(findings, facts).sentences[1:]]
    both = "instalments at {ratio.dsr_after_pct} of net income against a limit of {limit.dsr_pct}"
    assert texts == [
        f"The policy refers the request for review because of {both}.",
        "The policy also calls for a review because of {cashflow.overdraft_days} in overdraft.",
    ]


def test_further_clauses_that_refer_share_a_sentence_and_none_is_lost() -> None:
    facts = every_fact()
    about = (
        "score.pd_pct",
        "cashflow.overdraft_days",
        "history.enquiries_3m",
        "cashflow.returned_items",
        "request.amount",
    )
    findings = [
        replace(a_finding(f"policy.t:{n}", (name,), facts, detail="refer"), clause=f"C {n}")
        for n, name in enumerate((*about, "assets.total"))
    ]
    declined = replace(
        a_finding("policy.t:9", ("income.gap_pct",), facts, detail="decline"),
        clause="C 9",
        materiality=Materiality.MAJOR,
    )
    _, decline, further, rest = plan_of([declined, *findings], facts).sentences
    assert decline.rule_text.startswith("The policy declines the request because of ")
    assert further.rule_text == (
        "The policy also calls for a review because of a probability of default of {score.pd_pct}, "
        "{cashflow.overdraft_days} in overdraft, {history.enquiries_3m} and {cashflow.returned_items}."
    )
    assert (further.clause, len(further.findings)) == ("C 0, C 1, C 2, C 3", 4)
    assert {f for s in (decline, further, rest) for f in s.findings} == {f.id for f in [declined, *findings]}


def test_a_list_of_doubtful_values_leaves_out_what_is_personal() -> None:
    facts = every_fact()
    findings = [
        replace(a_finding("document.doubtful", (name,), facts), id=f"document.doubtful:{name}")
        for name in ("income.net_monthly_stated", "employment.employer", "request.term_months")
    ]
    (_, sentence) = plan_of(findings, facts).sentences
    assert "{income.net_monthly_stated}" in sentence.rule_text
    assert "{employment.employer}" not in sentence.rule_text


def test_a_figure_said_in_the_section_is_not_said_again_where_words_do_without() -> None:
    facts = every_fact()
    findings = [
        a_finding("history.thin", ("history.accounts", "history.oldest_account_months"), facts),
        replace(
            a_finding("history.clean", ("history.oldest_account_months",), facts),
            stance=Stance.FAVOURABLE,
            facts=tuple(f.id for f in facts if f.name == "history.worst_days_past_due_12m"),
        ),
    ]
    texts = [s.rule_text for s in plan_of(findings, facts).sentences[1:]]
    assert texts == [
        "The credit history is thin, with {history.accounts} that is {history.oldest_account_months} old.",
        "No payment was late in the past year.",
    ]


def test_nothing_and_one_have_words_of_their_own() -> None:
    facts = every_fact(changes={"ratio.dsr_before_pct": (Decimal(0), "percent"), "history.accounts": (2, "count")})
    findings = [
        a_finding("affordability.before", ("ratio.dsr_before_pct",), facts),
        a_finding("history.thin", ("history.accounts", "history.oldest_account_months"), facts),
    ]
    texts = [s.rule_text for s in plan_of(findings, facts).sentences[1:]]
    assert texts[0] == "No instalments are owed before this loan."
    assert texts[1].endswith("with {history.accounts}, the oldest {history.oldest_account_months} old.")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", ["policy.referral:3.0", "employment.short.zero", "affordability.before.zero"])
def test_the_narrow_entries_pass_every_check_in_every_reading(key: str, language: str) -> None:
    phrase = PHRASES.entries[key].phrases[language][0]
    sentence = SentencePlan(key, "policy", "is", Stance.ADVERSE, (), (), None, phrase.text, "subject", phrase.frame)
    for reading in [phrase.text, *readings_of(phrase.frame)]:
        setting = Setting(language, vocabulary_of([phrase.text, phrase.frame]))
        assert check_worded(reading, sentence, setting).problems == (), reading


def test_missing_figures_are_named_as_the_ground() -> None:
    (_, sentence) = plan_of([replace(a_finding("policy.referral:3.0", (), []), code="policy.referral:3.0")]).sentences
    assert sentence.rule_text.startswith("Figures that the policy needs are missing")


def named_and_listed(facts: str, language: str) -> tuple[list[str], SentencePlan]:
    """The facts of a mention and the sentence of a clause on them; a mention of nothing has facts that are zero."""
    names = [name for name in facts.split() if name != "zero"]
    zero = {name: (Decimal(0), "number") for name in names if "zero" in facts}
    other = {name: (Decimal(3), "number") for name in names if name not in VALUES}
    every = every_fact(changes=other | zero)
    (_, sentence) = plan_of([a_finding("policy.a:1", tuple(names), every)], every, language).sentences
    return names, sentence


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("facts", sorted(PHRASES.mentions))
def test_every_mention_has_its_facts_as_slots_and_passes_the_checks(facts: str, language: str) -> None:
    words = PHRASES.mention(facts, language)
    assert words or (facts, language) == ("cashflow.returned_items", "en")
    names, sentence = named_and_listed(facts, language)
    assert slot_names(words) in ([], names)
    assert words in sentence.rule_text
    setting = Setting(language, vocabulary_of([sentence.rule_text]))
    assert check_worded(sentence.rule_text, sentence, setting).problems == ()


def test_terms_and_recommendation_are_said_even_without_their_findings() -> None:
    policy = PolicyResult("p", "1", "0" * 64, "refer", (), None, None, None)
    plan = build_plan(CaseFile(a_case(), every_fact(), [], policy), CATALOGUE, PHRASES, "en")
    assert [s.key for s in plan.sentences] == ["request.terms", "recommendation.refer"]


def test_evidence_holds_the_facts_that_have_no_slot() -> None:
    sentence = plan_of_one("history.clean")
    names = {fact.id: fact.name for fact in every_fact()}
    assert {names[f] for f in sentence.evidence} == {
        "history.worst_days_past_due_12m",
        "history.oldest_account_months",
    }
    assert [slot.name for slot in sentence.slots] == ["history.oldest_account_months"]
