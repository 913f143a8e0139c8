"""The tables read into Python answer as the engine does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.facts import FactValue
from app.domain.policy import ClauseResult, strictest
from app.domain.policy_cells import Unreadable
from app.domain.policy_check import PolicyCheck
from app.domain.policy_judge import Judge
from app.domain.policy_program import PolicyProgram, ProgramEngine, flat
from app.domain.policy_tables import FOLLOWED, PolicyReading, nested
from tests.underwriting import engine, policy

POLICY, ENGINE = policy(), engine()
READING = PolicyReading(POLICY)


def money(top: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, top, places=2)


def edge(*values: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(value) for value in values])


GIVEN = st.fixed_dictionaries(
    {
        "score.grade": st.sampled_from(["A", "B", "C", "D", "E", "F"]),
        "score.pd_pct": edge("29.99", "30", "30.01", "4.2"),
        "request.amount": money(60_000)
        | edge("499.99", "500", "30000", "30000.01", "50000", "50000.01", "55000", "55000.01"),
        "request.term_months": st.sampled_from([5, 6, 24, 25, 48, 49, 84, 85]),
        "income.net_monthly": money(9_000) | edge("599.99", "600", "1499.99", "1500"),
        "debt.instalments_monthly": money(3_000) | edge("0"),
        "expenses.monthly_living": money(4_000),
    },
    optional={
        "history.accounts": st.integers(0, 4),
        "history.oldest_account_months": st.sampled_from([0, 11, 12, 40]),
        "history.adverse_records": st.booleans(),
        "history.worst_days_past_due_12m": st.sampled_from([0, 29, 30, 89, 90]),
        "history.enquiries_3m": st.sampled_from([0, 4, 5]),
        "cashflow.gambling_monthly": money(500),
        "cashflow.returned_items": st.integers(0, 3),
        "cashflow.overdraft_days": st.sampled_from([30, 31]),
        "income.gap_pct": edge("5", "5.01", "-3"),
        "debt.undisclosed_instalment": edge("0", "0.01"),
        "employment.type": st.sampled_from(["fixed", "unemployed"]),
        "case.income_verified": st.booleans(),
        "credential.uplift": edge("0", "150.00", "5000"),
        "request.most": edge("8000", "29999.99", "52000"),
    },
)


def plain(value: Any) -> Any:
    """Numbers as floats, empty results left out: the two differ in nothing else."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def judged(values: Mapping[str, FactValue], currency: str, evaluate: Any) -> Any:
    check = PolicyCheck(POLICY, READING, evaluate, values, currency=currency, language="en")
    return check.at(check.requested())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=GIVEN, currency=st.sampled_from(["EUR", "CNY", "SEK", "XXX"]))
def test_the_program_answers_as_the_engine(values: dict[str, FactValue], currency: str) -> None:
    program = ProgramEngine(None)
    inputs = nested(values | {"case.currency": currency, "ratio.dsr_after_pct": Decimal("40.00")})
    answer = dict(ENGINE.evaluate(POLICY.document, inputs))
    mine = dict(program.evaluate(POLICY.document, inputs))
    for path in ("policy", "limit", "pricing", "eligibility", "affordability", "referral", "authority"):
        assert plain(mine.get(path) or []) == plain(answer.get(path) or []), path
    by_engine = judged(values, currency, ENGINE.evaluate)
    assert judged(values, currency, program.evaluate) == by_engine
    against = {hit.clause for hit in by_engine.hits if hit.outcome != "pass"}
    assert set(Judge(POLICY, ENGINE.evaluate).judge(values, currency).clauses) == against


def test_names_are_laid_flat_and_back() -> None:
    values: dict[str, FactValue | None] = {"case.currency": "EUR", "a.b.c": 1}
    assert dict(flat(nested(values))) == values


def test_what_cannot_be_read_goes_to_the_engine() -> None:
    document = json.loads(json.dumps(POLICY.document))
    tables = {node["id"]: node["content"] for node in document["nodes"] if "content" in node}
    tables["referral"]["rules"][0]["referral-in-1"] = ">= 5 ^ 2"
    with pytest.raises(Unreadable):
        PolicyProgram(document)
    inputs = nested({"case.currency": "EUR", "score.pd_pct": Decimal(26), "score.grade": "B"})
    answer = ProgramEngine(ENGINE).evaluate(document, inputs)
    assert [row["clause"] for row in answer["referral"]] == [
        row["clause"] for row in ENGINE.evaluate(document, inputs)["referral"]
    ]


def test_a_graph_of_other_nodes_is_not_read() -> None:
    document = {**POLICY.document, "nodes": [*POLICY.document["nodes"], {"id": "f", "type": "functionNode"}]}
    with pytest.raises(Unreadable):
        PolicyProgram(document)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=GIVEN, currency=st.sampled_from(["EUR", "CNY", "XXX"]), lost=st.sampled_from([None, *FOLLOWED]))
def test_a_judge_of_many_says_what_the_check_of_one_says(
    values: dict[str, FactValue], currency: str, lost: str | None
) -> None:
    values = {name: value for name, value in values.items() if name != lost}
    judgement = Judge(POLICY, ENGINE.evaluate).judge(values, currency)
    answer = judged(values, currency, ENGINE.evaluate)
    against = {hit.clause for hit in answer.hits if hit.outcome != "pass"}
    assert set(judgement.clauses) == against
    assert judgement.outcome == strictest(
        [ClauseResult(hit.table, hit.clause, hit.outcome, (), "") for hit in answer.hits]
    )
    assert judgement.rate_pct == answer.priced_pct


def test_a_judge_goes_by_the_engine_where_the_policy_cannot_be_read() -> None:
    document = json.loads(json.dumps(POLICY.document))
    tables = {node["id"]: node["content"] for node in document["nodes"] if "content" in node}
    tables["referral"]["rules"][0]["referral-in-1"] = ">= 5 ^ 2"
    judge = Judge(replace(POLICY, document=document), ENGINE.evaluate)
    assert judge.program is None
    values: dict[str, FactValue] = {"score.pd_pct": Decimal(26), "score.grade": "B"}
    assert "referral 3.1" in judge.judge(values, "EUR").clauses


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=GIVEN, months=st.sampled_from([4, 12, 36, 84]))
def test_the_largest_amount_is_the_same_however_it_is_looked_for(values: dict[str, FactValue], months: int) -> None:
    def check(quick: Any) -> PolicyCheck:
        return PolicyCheck(POLICY, READING, ENGINE.evaluate, values, currency="EUR", language="en", quick=quick)

    quick = ProgramEngine(None).evaluate
    assert check(lambda document, inputs: quick(document, inputs)).largest(months) == check(None).largest(months)


def test_a_quick_answer_that_the_engine_does_not_confirm_is_not_taken() -> None:
    values: dict[str, FactValue] = {
        "score.grade": "B",
        "score.pd_pct": Decimal(4),
        "income.net_monthly": Decimal(3450),
        "debt.instalments_monthly": Decimal(180),
        "expenses.monthly_living": Decimal(980),
        "request.amount": Decimal(12000),
        "request.term_months": 36,
        "history.adverse_records": False,
    }
    calls = []

    def wrong(document: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        calls.append(inputs["request"]["amount"])
        answer = dict(ENGINE.evaluate(document, inputs))
        decline = {"clause": "1.1", "outcome": "decline"}
        return answer | ({"eligibility": [decline]} if inputs["request"]["amount"] > 5000 else {})

    def check(quick: Any) -> PolicyCheck:
        return PolicyCheck(POLICY, READING, ENGINE.evaluate, values, currency="EUR", language="en", quick=quick)

    assert check(wrong).largest(36) == check(None).largest(36)
    assert calls
