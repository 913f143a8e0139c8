"""``from_json`` gives back what ``to_json`` took, through real JSON text."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.case import Decision, FirstOpinion, Outcome, Reason
from app.domain.facts import Stance
from app.domain.policy import ClauseResult, Offer, PolicyResult
from app.domain.report import ModelRun, Report
from app.domain.sentences import Author, Problem, Sentence, State

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MONEY = st.decimals(Decimal(0), Decimal(10**9), places=2)
IDS = st.lists(TEXT, max_size=3).map(tuple)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]))

SENTENCES = st.builds(
    Sentence,
    key=TEXT,
    section=TEXT,
    text=TEXT,
    template=TEXT,
    author=st.sampled_from(Author),
    state=st.sampled_from(State),
    stance=st.sampled_from(Stance),
    facts=IDS,
    findings=IDS,
    checks=st.dictionaries(TEXT, st.booleans(), max_size=3),
    fallback=st.none() | TEXT,
    rejected=st.none() | TEXT,
    problems=st.lists(st.builds(Problem, TEXT, TEXT), max_size=2).map(tuple),
)
MODELS = st.builds(ModelRun, TEXT, TEXT, TEXT, TEXT, TEXT, st.integers(0, 2**64))
REPORTS = st.builds(
    Report,
    case_id=st.just("C-2026-000001"),
    language=st.sampled_from(["en", "zh"]),
    sentences=st.lists(SENTENCES, max_size=3).map(tuple),
    model=st.none() | MODELS,
    tokens=st.integers(0, 10**6),
    seconds=st.integers(0, 10**6).map(lambda ms: ms / 1000),
)
OFFERS = st.builds(Offer, MONEY, st.just("EUR"), st.integers(1, 480), MONEY, MONEY)
POLICIES = st.builds(
    PolicyResult,
    policy=TEXT,
    version=TEXT,
    sha256=TEXT,
    outcome=st.sampled_from(["approve", "refer", "decline"]),
    clauses=st.lists(st.builds(ClauseResult, TEXT, TEXT, TEXT, IDS, TEXT), max_size=3).map(tuple),
    rate_pct=st.none() | MONEY,
    fits=st.none() | OFFERS,
    authority_role=st.none() | TEXT,
)
OPINIONS = st.builds(FirstOpinion, st.sampled_from(Outcome), TEXT, MOMENTS)
DECISIONS = st.builds(
    Decision,
    outcome=st.sampled_from(Outcome),
    amount=st.none() | MONEY,
    currency=st.just("EUR"),
    term_months=st.none() | st.integers(1, 480),
    rate_pct=st.none() | MONEY,
    conditions=IDS,
    reason_text=TEXT,
    reasons=st.lists(st.builds(Reason, TEXT, st.none() | TEXT, TEXT), max_size=4).map(tuple),
    person=TEXT,
    role=TEXT,
    authority=TEXT,
    override=st.none() | TEXT,
    decided_at=MOMENTS,
    first_opinion=st.none() | OPINIONS,
    despite=st.none() | TEXT,
)


def through_text(value: Any) -> Any:
    return json.loads(json.dumps(value.to_json(), ensure_ascii=False))


@given(REPORTS)
def test_a_report(report: Report) -> None:
    assert Report.from_json(report.case_id, through_text(report)) == report


@given(POLICIES)
def test_a_policy_result(result: PolicyResult) -> None:
    assert PolicyResult.from_json(through_text(result)) == result


@given(DECISIONS)
def test_a_decision_and_its_first_opinion(decision: Decision) -> None:
    assert Decision.from_json(through_text(decision)) == decision
    if decision.first_opinion:
        assert FirstOpinion.from_json(through_text(decision.first_opinion)) == decision.first_opinion
