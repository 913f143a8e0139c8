"""Tests of the kinds of report: what each must say, in which order, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Stance
from app.domain.findings import Finding, Materiality
from app.domain.plan import SECTIONS, Plan
from app.domain.planning import CaseFile, build_plan
from app.domain.report_kinds import FULL, ReportKind, Section
from data.phrases import load_phrases
from data.report_kinds import load_kinds, phrases_in_tone
from tests.domain.report_cases import FINDINGS, a_case, every_fact, every_finding
from tests.doubles import load_catalogue

KINDS = load_kinds()
CATALOGUE = load_catalogue()
BOOKS = {kind.tone: phrases_in_tone(load_phrases(), kind.tone, CATALOGUE) for kind in KINDS.values()}
FACTS = every_fact()
OWN = ReportKind("own", {"en": "Own", "zh": "自定"}, (Section("character", {"en": "Character"}, ("history.*",)),), 1)

weights = st.sampled_from(Materiality)
codes = st.sampled_from([row[0] for row in FINDINGS])
sections = st.sampled_from([*SECTIONS, "fraud"])
drawn_findings = st.lists(st.tuples(codes, sections, st.sampled_from(Stance), weights), max_size=30).map(
    lambda rows: [
        Finding(f"{code}:{at}", code, section, stance, weight, (FACTS[at % len(FACTS)].id,))
        for at, (code, section, stance, weight) in enumerate(rows)
    ]
)


def planned(findings: list[Finding], kind: ReportKind, language: str = "en") -> Plan:
    book = BOOKS.get(kind.tone, BOOKS["plain"])
    return build_plan(CaseFile(a_case(), FACTS, findings), CATALOGUE, book, language, kind)


def said_in(plan: Plan) -> set[str]:
    return {finding for sentence in plan.sentences for finding in sentence.findings}


@pytest.mark.parametrize("kind", [*KINDS.values(), OWN], ids=lambda kind: kind.name)
@given(drawn_findings)
def test_every_kind_says_every_adverse_finding_of_weight(kind: ReportKind, findings: list[Finding]) -> None:
    said = said_in(planned(findings, kind))
    weighty = {f.id for f in findings if f.stance is Stance.ADVERSE and f.materiality >= Materiality.NOTABLE}
    assert weighty <= said
    assert {f.id for f in findings if f.materiality is Materiality.MAJOR} <= said


@pytest.mark.parametrize("kind", [*KINDS.values(), OWN], ids=lambda kind: kind.name)
@given(drawn_findings)
def test_every_kind_says_what_speaks_for_the_applicant(kind: ReportKind, findings: list[Finding]) -> None:
    favourable = {f.id for f in findings if f.stance is Stance.FAVOURABLE}
    assert len(favourable & said_in(planned(findings, kind))) >= min(kind.favourable, len(favourable))


@given(drawn_findings)
def test_the_sections_of_a_plan_come_in_the_order_of_its_kind(findings: list[Finding]) -> None:
    for kind in KINDS.values():
        places = [kind.names().index(sentence.section) for sentence in planned(findings, kind).sentences]
        assert places == sorted(places)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_short_kinds_are_shorter(language: str) -> None:
    findings = every_finding(FACTS)
    lengths = {name: len(planned(findings, kind, language).sentences) for name, kind in KINDS.items()}
    assert max(lengths["memo"], lengths["decline"], lengths["counter-offer"]) < lengths["full"]
    assert lengths["committee"] < lengths["full"]


def test_the_full_kind_is_the_one_that_plans_are_built_for_without_a_name() -> None:
    assert replace(KINDS["full"], sha256="") == FULL


def test_a_section_of_the_lenders_own_takes_the_findings_it_names() -> None:
    plan = planned(every_finding(FACTS), OWN)
    codes = {s.section: s.findings for s in plan.sentences if s.section == "character"}
    assert codes
    assert all(f.startswith("history.") for s in plan.sentences if s.section == "character" for f in s.findings)
    assert not any(f.startswith("history.") for s in plan.sentences if s.section != "character" for f in s.findings)


@pytest.mark.parametrize("kind", [*KINDS.values(), OWN], ids=lambda kind: kind.name)
def test_a_kind_comes_back_from_what_is_kept_of_it(kind: ReportKind) -> None:
    assert ReportKind.from_json(kind.to_json()) == kind
