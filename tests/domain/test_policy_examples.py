"""Tests beside the tables: read with their faults named, and run against the policy."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.domain.policy import Policy
from app.domain.policy_examples import example_problems, read_examples, run_examples
from app.errors import InputError
from tests.underwriting import CATALOGUE, engine, policy

POLICY, ENGINE = policy(), engine()
GOOD: dict[str, Any] = POLICY.document["tests"][0]


def problem(**changes: Any) -> str:
    entry = {**GOOD, **changes}
    [found] = example_problems({"tests": [entry]}, CATALOGUE)
    return found


def outcome(**expected: Any) -> tuple[str, ...]:
    examples = read_examples({"tests": [{**GOOD, "expected": expected}]}, CATALOGUE)
    [result] = run_examples(POLICY, examples, ENGINE.evaluate)
    assert result.to_json() == {"name": GOOD["name"], "passed": result.passed, "problems": list(result.problems)}
    return result.problems


def test_every_shipped_example_passes() -> None:
    results = run_examples(POLICY, read_examples(POLICY.document, CATALOGUE), ENGINE.evaluate)
    assert all(result.passed for result in results), [result.problems for result in results]


@pytest.mark.parametrize(
    ("expected", "problems"),
    [
        ({"outcome": "approve", "rate_pct": "8.4", "role": "underwriter"}, 0),
        ({"fits_amount": "45700"}, 1),
        ({"clauses": ["affordability 4.1"], "not_clauses": ["referral 3.1"]}, 0),
        ({"outcome": "decline"}, 1),
        ({"rate_pct": "8.41"}, 1),
        ({"rate_pct": None}, 1),
        ({"rate_pct": "much"}, 1),
        ({"role": "credit-manager"}, 1),
        ({"clauses": ["referral 3.1", "affordability 4.1"]}, 1),
        ({"not_clauses": ["affordability 4.1"]}, 1),
    ],
)
def test_each_expectation_can_fail(expected: dict[str, Any], problems: int) -> None:
    assert len(outcome(**expected)) == problems


def test_the_largest_amount_can_be_expected() -> None:
    [told] = outcome(fits_amount="1")
    amount = told.split()[2].rstrip(",")
    assert outcome(fits_amount=amount) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "needs a name"),
        ({"inputs": []}, "needs inputs"),
        ({"expected": {}}, "needs inputs and what is expected"),
        ({"expected": {"colour": "red"}}, "it may expect outcome"),
        ({"expected": {"outcome": "maybe"}}, "expects the outcome 'maybe'"),
        ({"more": 1}, "and nothing else"),
        ({"inputs": {"applicant.age": 30}}, "no fact that a policy may read"),
        ({"inputs": {"income.gross": 1}}, "no fact that a policy may read"),
        ({"inputs": {"request.amount": "much"}}, "request.amount is a money"),
        ({"inputs": {"request.amount": "NaN"}}, "request.amount is a money"),
        ({"inputs": {"request.amount": True}}, "request.amount is a money"),
        ({"inputs": {"request.term_months": "3.5"}}, "request.term_months is a months"),
        ({"inputs": {"history.adverse_records": "perhaps"}}, "history.adverse_records is a boolean"),
    ],
)
def test_an_example_that_cannot_be_read_is_named(changes: dict[str, Any], words: str) -> None:
    told = problem(**changes)
    assert told.startswith("Test 1: ")
    assert words in told


def test_a_name_stands_once_and_the_tests_are_a_list() -> None:
    assert list(example_problems({"tests": [GOOD, GOOD]}, CATALOGUE)) == [
        f"Test 2: the name {GOOD['name']!r} stands twice."
    ]
    assert list(example_problems({"tests": {}}, CATALOGUE)) == ["The tests of the policy are no list."]
    assert list(example_problems({}, CATALOGUE)) == []
    with pytest.raises(InputError, match="Test 1"):
        read_examples({"tests": ["x"]}, CATALOGUE)


def test_an_example_of_another_policy_fails_there() -> None:
    document: dict[str, Any] = copy.deepcopy(dict(POLICY.document))
    tables = {node["id"]: node.get("content") for node in document["nodes"]}
    tables["pricing"]["rules"][4]["pricing-out-4"] = "8.5"
    other = Policy("p", "2", "0" * 64, document)
    results = run_examples(other, read_examples(POLICY.document, CATALOGUE), ENGINE.evaluate)
    assert [result.name for result in results if not result.passed] == [GOOD["name"]]
