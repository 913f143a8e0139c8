"""Verified documents move the limit by the policy's table; doubtful ones move nothing and say why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.credentials import Doubt, Step, by_group, credential_rules, credential_steps
from app.domain.cross_checks import Paper, Sign
from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.findings import Materiality
from app.errors import InputError

TABLE: dict[str, Any] = {
    "cap": "6000",
    "repeat": "0.5",
    "steps": [
        {"kind": "diploma", "group": "education", "amount": "1000", "needs": ["institution"]},
        {"kind": "award_certificate", "group": "education", "amount": "500"},
        {"kind": "housing_fund", "amount": "50", "per": "contribution_months", "most": "2000"},
        {"kind": "property_deed", "amount": "5000"},
    ],
}
RULES = credential_rules({"credentials": TABLE})
assert RULES is not None


def fact(name: str, value: FactValue, confidence: str = "1", person: str | None = None) -> Fact:
    source = Source(SourceKind.DOCUMENT, "d" * 64, 1, (0.0, 0.0, 1.0, 1.0), raw=str(value))
    return new_fact("C", name, value, "text", source, confidence=Decimal(confidence), confirmed_by=person)


def paper(kind: str, letter: str = "a", **fields: FactValue) -> Paper:
    return Paper(letter * 64, f"{letter}.pdf", kind, {name: fact(name, value) for name, value in fields.items()})


def steps(*papers: Paper, signs: tuple[Sign, ...] = (), unit: str = "1") -> tuple[Step, ...]:
    assert RULES is not None
    return credential_steps(papers, signs, RULES, Decimal(unit))


def test_a_document_moves_the_limit_by_what_its_kind_is_worth() -> None:
    diploma = paper("diploma", institution="KTH")
    (step,) = steps(diploma)
    assert (step.amount, step.doubt, step.facts) == (Decimal(1000), None, (diploma.fields["institution"].id,))
    assert steps(diploma, unit="8")[0].amount == Decimal(8000)
    assert steps(paper("payslip")) == ()


def test_each_further_document_of_a_group_counts_less() -> None:
    papers = [paper("diploma", letter, institution="KTH") for letter in "abc"]
    assert [step.amount for step in steps(*papers)] == [Decimal(1000), Decimal(500), Decimal(250)]
    mixed = steps(papers[0], paper("award_certificate", "d"), paper("housing_fund", "e", contribution_months=10))
    assert [step.amount for step in mixed] == [Decimal(1000), Decimal(250), Decimal(500)]
    assert {group: len(found) for group, found in by_group(mixed)} == {"education": 2, "housing_fund": 1}


def test_months_of_contributions_count_up_to_their_most() -> None:
    amounts = [steps(paper("housing_fund", contribution_months=months))[0].amount for months in (12, 40, 400)]
    assert amounts == [Decimal(600), Decimal(2000), Decimal(2000)]


def test_the_cap_holds() -> None:
    found = steps(paper("property_deed", "a"), paper("diploma", "b", institution="K"), paper("property_deed", "c"))
    assert [step.amount for step in found] == [Decimal(5000), Decimal(1000), Decimal(0)]
    assert found[-1].doubt is Doubt.CAP


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"kind_confidence": 0.7}, Doubt.KIND),
        ({"fields": {}}, Doubt.READING),
        ({"fields": {"institution": fact("institution", "K", "0.6")}}, Doubt.READING),
        ({"fields": {"institution": fact("institution", "K", "0.6", "Vera")}}, None),
    ],
)
def test_doubtful_documents_move_nothing(change: dict[str, Any], doubt: Doubt | None) -> None:
    (step,) = steps(replace(paper("diploma", institution="K"), **change))
    assert step.doubt is doubt
    assert (step.amount == 0) is (doubt is not None)


@pytest.mark.parametrize(
    ("code", "doubt"),
    [
        ("identity.names_differ", Doubt.PERSON),
        ("document.expired", Doubt.EXPIRED),
        ("document.altered", Doubt.ALTERED),
        ("document.reused", Doubt.ALTERED),
    ],
)
def test_a_sign_about_the_document_stops_it(code: str, doubt: Doubt) -> None:
    first, second = paper("diploma", "a", institution="K"), paper("diploma", "b", institution="K")
    sign = Sign(code, Materiality.MINOR, (), "", f"{first.about}.x")
    found = steps(first, second, signs=(sign,))
    assert [(step.doubt, step.amount) for step in found] == [(doubt, Decimal(0)), (None, Decimal(1000))]


@given(st.lists(st.sampled_from(["diploma", "award_certificate", "housing_fund", "property_deed"]), max_size=12))
def test_all_together_never_pass_the_cap(kinds: list[str]) -> None:
    papers = [
        Paper(f"{at:064d}", "f", kind, {"institution": fact("institution", "K"), "contribution_months": fact("m", 30)})
        for at, kind in enumerate(kinds)
    ]
    found = steps(*papers)
    assert sum(step.amount for step in found) <= 6000
    assert all(step.amount >= 0 for step in found)


@pytest.mark.parametrize(
    "table",
    [
        {},
        TABLE | {"cap": "much"},
        TABLE | {"repeat": "2"},
        TABLE | {"cap": "-1"},
        TABLE | {"steps": [*TABLE["steps"], TABLE["steps"][0]]},
        TABLE | {"steps": [{"kind": "diploma"}]},
        TABLE | {"steps": "none"},
    ],
)
def test_a_table_that_makes_no_sense_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="table of credentials"):
        credential_rules({"credentials": table})


def test_a_policy_without_the_table_moves_nothing() -> None:
    assert credential_rules({}) is None
