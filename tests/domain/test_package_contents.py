"""Which facts a package holds, and what stays in the workspace."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.facts import Catalogue, Fact, FactDefinition, Kind, Source, SourceKind, new_fact
from app.domain.package_contents import facts_rested_on, names_with_digits

LABEL = {"en": "x"}
CATALOGUE = Catalogue(
    (
        FactDefinition("income", Kind.MONEY, LABEL),
        FactDefinition("ratio", Kind.PERCENT, LABEL),
        FactDefinition("name", Kind.TEXT, LABEL, sensitive=True),
        FactDefinition("age", Kind.YEARS, LABEL, sensitive=True, prohibited_basis="age"),
    )
)


def computed(name: str, *inputs: Fact) -> Fact:
    source = Source(SourceKind.COMPUTATION, method="m", inputs=tuple(fact.id for fact in inputs))
    return new_fact("C-1", name, Decimal(1), "number", source)


NAME, AGE, INCOME, OTHER = (computed(name) for name in ("name", "age", "income", "unknown"))
RATIO = computed("ratio", INCOME, NAME, AGE)
TOP = computed("ratio", RATIO, OTHER)
ALL = {fact.id: fact for fact in (NAME, AGE, INCOME, OTHER, RATIO, TOP)}


def test_inputs_are_followed_to_the_end() -> None:
    kept, left_out = facts_rested_on([TOP.id], ALL.__getitem__, CATALOGUE)
    assert {fact.id for fact in kept} == {TOP.id, RATIO.id, INCOME.id, OTHER.id}
    assert dict(left_out) == {NAME.id: "personal", AGE.id: "prohibited basis"}


def test_a_personal_fact_comes_along_when_it_is_cited_itself() -> None:
    kept, left_out = facts_rested_on([NAME.id, AGE.id], ALL.__getitem__, CATALOGUE)
    assert [fact.id for fact in kept] == [NAME.id]
    assert left_out == ((AGE.id, "prohibited basis"),)


def test_the_order_is_of_names_whatever_was_cited_first() -> None:
    forward = facts_rested_on([INCOME.id, TOP.id], ALL.__getitem__, CATALOGUE)
    assert forward == facts_rested_on([TOP.id, INCOME.id], ALL.__getitem__, CATALOGUE)
    assert [fact.name for fact in forward[0]] == sorted(fact.name for fact in forward[0])


def test_facts_that_name_each_other_end() -> None:
    loop = Source(SourceKind.COMPUTATION, inputs=("b",))
    back = Source(SourceKind.COMPUTATION, inputs=("a",))
    facts = {"a": Fact("a", "C", "income", 1, "", loop), "b": Fact("b", "C", "income", 1, "", back)}
    kept, _ = facts_rested_on(["a"], facts.__getitem__, CATALOGUE)
    assert [fact.id for fact in kept] == ["a", "b"]


def test_a_missing_fact_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        facts_rested_on(["gone"], ALL.__getitem__, CATALOGUE)


def test_names_that_may_hold_digits() -> None:
    result = {"clauses": [{"clause": "affordability 4.2"}], "policy": "p", "version": "2026.1"}
    score = {"scorecard": "s", "version": "1.0", "grade": "C1"}
    names = names_with_digits("C-2026-000001", result, score, [{"label": "Enquiries in the last 3 months"}])
    assert names == [
        "C-2026-000001",
        "affordability 4.2",
        "Enquiries in the last 3 months",
        "p",
        "2026.1",
        "s",
        "1.0",
        "C1",
    ]
