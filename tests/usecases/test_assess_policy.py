"""The policy's answer as a result that is stored."""

from __future__ import annotations

from decimal import Decimal

from app.domain.case import Case
from app.domain.derivation import by_name
from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.domain.policy import PolicyResult
from app.domain.score import Score
from app.usecases.assess_case import assess_case
from app.usecases.assess_policy import assess_policy
from app.usecases.show_case import show_case
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import CATALOGUE, GOOD, add_case, engine, policy, scorecard

POLICY, ENGINE = policy(), engine()


def assessed() -> tuple[Case, dict[str, Fact], Score, PolicyResult]:
    workspace = MemoryWorkspace()
    case = add_case(workspace, GOOD)
    assess_case(case.id, workspace, ENGINE, scorecard=scorecard(), policy=POLICY, clock=FixedClock())
    view = show_case(case.id, workspace)
    assert view.score is not None
    assert view.policy is not None
    return view.case, by_name(view.facts, CATALOGUE), view.score, view.policy


def test_from_the_facts_alone_comes_what_the_assessment_stored() -> None:
    case, facts, score, stored = assessed()
    assert assess_policy(facts, case, score, POLICY, ENGINE) == stored
    assert PolicyResult.from_json(stored.to_json()) == stored


def test_clauses_name_facts_of_the_case() -> None:
    _, facts, _, result = assessed()
    ids = {fact.id for fact in facts.values()}
    assert all(set(clause.facts) <= ids for clause in result.clauses)
    assert result.clauses[0].facts == (facts["ratio.dsr_after_pct"].id, facts["limit.dsr_pct"].id)
    assert (result.authority_role, result.rate_pct) == ("underwriter", Decimal("6.90"))


def test_without_a_score_the_case_is_referred_for_it() -> None:
    case, facts, _, _ = assessed()
    bare = {name: fact for name, fact in facts.items() if not name.startswith("score.")}
    result = assess_policy(bare, case, None, POLICY, ENGINE)
    assert result.outcome == "refer"
    assert "Information missing: Grade." in {clause.text for clause in result.clauses}


def test_income_in_another_currency_is_as_good_as_missing() -> None:
    case, facts, score, _ = assessed()
    source = Source(SourceKind.DOCUMENT, document="d")
    foreign = new_fact(case.id, "income.net_monthly", Decimal("34500.00"), "SEK", source)
    result = assess_policy(facts | {"income.net_monthly": foreign}, case, score, POLICY, ENGINE)
    assert result.outcome == "refer"
    assert result.fits is None
