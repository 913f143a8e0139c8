"""Decisions within policy and authority, their principal reasons, first opinions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.case import Case, Decision, Outcome, Status
from app.domain.changes import Changes
from app.domain.facts import Stance
from app.domain.report import Report
from app.domain.sentences import Author, Sentence, State
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.record_decision import RecordDecision, propose_reasons, record_decision, record_first_opinion
from app.usecases.show_case import show_case
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import (
    CATALOGUE,
    GOOD,
    account,
    add_case,
    add_payslip,
    add_report,
    engine,
    policy,
    report,
    scorecard,
)

CARD, POLICY, ENGINE = scorecard(), policy(), engine()
INDEBTED = GOOD | {"debt.instalments_stated": Decimal("1500.00")}
RECORDS = GOOD | {"history.adverse_records": True, "request.goods_price": Decimal(30000)}


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


def ready(workspace: MemoryWorkspace, values: Any = GOOD, **keywords: Any) -> Case:
    case = add_case(workspace, values, **keywords)
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())
    return case


def decide(
    workspace: MemoryWorkspace, case: Case, outcome: Outcome, *, role: str = "underwriter", **given: Any
) -> Decision:
    command = RecordDecision(
        case.id, outcome, given.pop("reason_text", "Income covers it, seen on 6 payslips."), **given
    )
    clock = FixedClock(step=timedelta(minutes=1))
    changes = record_decision(
        command, workspace, signer_person="U. Writer", role=role, policy=POLICY, engine=ENGINE, clock=clock
    )
    assert changes == Changes.DECISION | Changes.CASES
    decision = show_case(case.id, workspace).decision
    assert decision is not None
    return decision


def proposed(workspace: MemoryWorkspace, case: Case) -> tuple[str, ...]:
    return tuple(reason.code for reason in propose_reasons(show_case(case.id, workspace), CATALOGUE, POLICY))


def test_an_approval_takes_the_requested_terms_and_the_priced_rate(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    decision = decide(workspace, case, Outcome.APPROVE, conditions=("Proof of the purchase", " "))
    assert (decision.amount, decision.term_months, decision.rate_pct) == (Decimal(12000), 36, Decimal("6.90"))
    assert decision.authority == "authority 5.1: 15000 EUR"
    assert (decision.person, decision.role, decision.override) == ("U. Writer", "underwriter", None)
    assert decision.conditions == ("Proof of the purchase",)
    view = show_case(case.id, workspace)
    assert view.case.status is Status.DECIDED
    assert view.events[-1].what == "decision.recorded"
    assert view.events[-1].detail["outcome"] == "approve"


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_reason_is_refused(workspace: MemoryWorkspace, outcome: Outcome, blank: str) -> None:
    case = ready(workspace)
    with pytest.raises(InputError, match="needs a reason"):
        decide(workspace, case, outcome, reason_text=blank)
    assert show_case(case.id, workspace).decision is None


@pytest.mark.parametrize(
    "generic",
    [
        "Internal policy",
        "Did not meet our internal standards.",
        "Credit score too low",
        "Does not meet the minimum requirements",
        "Insufficient score",
        "Risk",
        "不符合我行信贷政策",
        "综合评分不足。",
        "n/a",
    ],
)
def test_a_generic_reason_is_refused_for_adverse_action(workspace: MemoryWorkspace, generic: str) -> None:
    case = ready(workspace, INDEBTED)
    with pytest.raises(InputError, match="no specific reason"):
        decide(workspace, case, Outcome.DECLINE, reason_text=generic, reason_codes=("C1-09",))


def test_a_decline_needs_reasons_that_were_used(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    with pytest.raises(InputError, match="One to four specific principal reasons"):
        decide(workspace, case, Outcome.DECLINE)
    with pytest.raises(InputError, match=r"Nothing that was used .* C1-21 \(Bankruptcy\)"):
        decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-21",))
    with pytest.raises(InputError, match="no reason code XX-1"):
        decide(workspace, case, Outcome.DECLINE, reason_codes=("XX-1",))
    with pytest.raises(InputError, match="At most 4"):
        decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-09", "C1-10", "CW-04", "CW-06", "C1-08"))

    decision = decide(workspace, case, Outcome.DECLINE, reason_codes=("c1-09", "C1-09"))
    assert [reason.code for reason in decision.reasons] == ["C1-09"]
    assert decision.reasons_method == "neutral"
    assert decision.reasons[0].text == "Excessive obligations in relation to income"
    assert decision.reasons[0].fact is not None
    named = show_case(case.id, workspace).fact(decision.reasons[0].fact)
    assert named is not None
    assert named.name == "ratio.dsr_after_pct"
    assert (decision.amount, decision.term_months, decision.rate_pct) == (None, None, None)


def test_the_proposal_is_accepted_as_it_stands(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    codes = proposed(workspace, case)
    assert codes[0] == "C1-09"
    assert 1 <= len(codes) <= 4
    decision = decide(workspace, case, Outcome.DECLINE, reason_codes=codes)
    assert tuple(reason.code for reason in decision.reasons) == codes


def test_a_declining_clause_leads_the_proposal(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    add_report(workspace, case, report([account(worst_days_past_due_12m=120)]))
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())
    assert proposed(workspace, case)[0] == "C1-17"


def test_reasons_are_in_the_language_of_the_case(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED, language="zh")
    decision = decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-09",))
    assert decision.reasons[0].text == "债务相对收入过高"


def test_an_approval_and_a_referral_take_no_principal_reasons(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    for outcome in (Outcome.APPROVE, Outcome.REFER):
        with pytest.raises(InputError, match="takes no principal reasons"):
            decide(workspace, case, outcome, reason_codes=("C1-09",))


def test_approving_against_policy_needs_an_override_reason(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    with pytest.raises(InputError, match=r"outside policy: affordability 4\.2") as refused:
        decide(workspace, case, Outcome.APPROVE)
    assert refused.value.field == "override"
    with pytest.raises(InputError, match="outside policy"):
        decide(workspace, case, Outcome.APPROVE, override="   ")
    decision = decide(workspace, case, Outcome.APPROVE, override="The debt is repaid on 1 November.")
    assert decision.override == "The debt is repaid on 1 November."


def test_a_referral_clause_binds_an_approval_but_not_a_counter_offer(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, RECORDS)
    with pytest.raises(InputError, match=r"referral 3\.4"):
        decide(workspace, case, Outcome.APPROVE)
    decision = decide(
        workspace, case, Outcome.COUNTER_OFFER, amount=Decimal(5000), reason_codes=proposed(workspace, case)[:1]
    )
    assert decision.amount == Decimal("5000.00")


def test_a_counter_offer_defaults_to_the_largest_amount_that_fits(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    result = show_case(case.id, workspace).policy
    assert result is not None
    assert result.fits is not None
    decision = decide(workspace, case, Outcome.COUNTER_OFFER, reason_codes=("C1-09",))
    assert (decision.amount, decision.rate_pct) == (result.fits.amount, result.fits.rate_pct)


def test_a_counter_offer_above_what_fits_is_outside_policy(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    result = show_case(case.id, workspace).policy
    assert result is not None
    assert result.fits is not None
    above = result.fits.amount + 100
    with pytest.raises(InputError, match="outside policy"):
        decide(workspace, case, Outcome.COUNTER_OFFER, amount=above, reason_codes=("C1-09",))
    decision = decide(
        workspace, case, Outcome.COUNTER_OFFER, amount=above, reason_codes=("C1-09",), override="A guarantor signs."
    )
    assert decision.amount == above


def test_a_counter_offer_differs_from_the_request_and_is_not_above_it(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    codes = proposed(workspace, case)
    with pytest.raises(InputError, match="differs from the request"):
        decide(workspace, case, Outcome.COUNTER_OFFER, amount=Decimal("12000.00"), reason_codes=codes)
    with pytest.raises(InputError, match="not above the request"):
        decide(workspace, case, Outcome.COUNTER_OFFER, amount=Decimal("12000.01"), reason_codes=codes)


def test_an_approval_of_other_terms_is_refused(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    with pytest.raises(InputError, match="counter-offer"):
        decide(workspace, case, Outcome.APPROVE, amount=Decimal(9000))
    with pytest.raises(InputError, match="counter-offer"):
        decide(workspace, case, Outcome.APPROVE, term_months=48)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-5)}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("Infinity")}, "amount"),
        ({"amount": Decimal("100.001")}, "amount"),
        ({"amount": Decimal("1e30")}, "amount"),
        ({"term_months": 0}, "term_months"),
        ({"term_months": 481}, "term_months"),
        ({"rate_pct": Decimal("-0.1")}, "rate_pct"),
        ({"rate_pct": Decimal("NaN")}, "rate_pct"),
        ({"rate_pct": Decimal(1001)}, "rate_pct"),
    ],
)
def test_senseless_terms_are_refused(workspace: MemoryWorkspace, given: dict[str, Any], field: str) -> None:
    case = ready(workspace)
    with pytest.raises(InputError) as refused:
        decide(workspace, case, Outcome.APPROVE, **given)
    assert refused.value.field == field


def test_another_rate_than_the_grids_needs_an_override_reason(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    with pytest.raises(InputError, match=r"the grid's rate is 6\.90 %"):
        decide(workspace, case, Outcome.APPROVE, rate_pct=Decimal("7.9"))
    assert decide(workspace, case, Outcome.APPROVE, rate_pct=Decimal("6.9")).override is None


def praised(workspace: MemoryWorkspace, case: Case, text: str) -> None:
    """The report holds a person's sentence."""
    said = Sentence("person.1", "capacity", text, text, Author.PERSON, State.ADOPTED, Stance.NEUTRAL, (), (), {})
    with workspace.transaction() as stores:
        stores.reports.put(case.id, Report(case.id, "en", (said,)))


def test_a_report_that_contradicts_a_reason_stops_the_signature(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    praised(workspace, case, "Debts are comfortably affordable.")
    for despite in (None, "", "  "):
        with pytest.raises(InputError, match=r"contradicts the reason C1-09 .*comfortably affordable") as refused:
            decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-09",), despite=despite)
        assert refused.value.field == "despite"
    assert show_case(case.id, workspace).decision is None
    decision = decide(
        workspace,
        case,
        Outcome.DECLINE,
        reason_codes=("C1-09",),
        despite=" The sentence was written before the bureau report. ",
    )
    assert decision.despite == "The sentence was written before the bureau report."
    detail = show_case(case.id, workspace).events[-1].detail
    assert detail["despite_contradiction"] == decision.despite
    assert Decision.from_json(decision.to_json()) == decision


def test_a_counter_offer_is_held_to_the_report_too(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    praised(workspace, case, "Debts are comfortably affordable.")
    with pytest.raises(InputError, match="contradicts the reason C1-09"):
        decide(workspace, case, Outcome.COUNTER_OFFER, reason_codes=("C1-09",))


def test_nothing_is_said_of_a_contradiction_where_there_is_none(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    praised(workspace, case, "Debts are high.")
    decision = decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-09",), despite="Not needed.")
    assert decision.despite is None
    assert "despite_contradiction" not in decision.to_json()


def test_reasons_that_the_report_contradicts_are_not_proposed_while_others_are_left(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED | {"history.adverse_records": True})
    before = proposed(workspace, case)
    assert "C1-09" in before
    assert len(before) > 1
    praised(workspace, case, "Debts are comfortably affordable.")
    after = proposed(workspace, case)
    assert "C1-09" not in after
    assert set(before) - {"C1-09"} <= set(after)


def test_terms_on_a_decline_are_refused(workspace: MemoryWorkspace) -> None:
    case = ready(workspace, INDEBTED)
    with pytest.raises(InputError, match="grants nothing"):
        decide(workspace, case, Outcome.DECLINE, amount=Decimal(100), reason_codes=("C1-09",))


@pytest.mark.parametrize(("amount", "allowed"), [("15000.00", True), ("15000.01", False)])
def test_authority_ends_at_its_limit_to_the_cent(workspace: MemoryWorkspace, amount: str, allowed: bool) -> None:
    case = ready(workspace, GOOD | {"request.amount": Decimal(amount), "request.goods_price": Decimal(40000)})
    override = "A known client."
    if allowed:
        assert decide(workspace, case, Outcome.APPROVE, override=override).role == "underwriter"
        return
    with pytest.raises(InputError, match="above the authority of underwriter") as refused:
        decide(workspace, case, Outcome.APPROVE, override=override)
    assert "senior-underwriter (up to 30000 EUR)" in refused.value.remedy
    assert decide(workspace, case, Outcome.APPROVE, role="Senior Underwriter").authority == "authority 5.2: 30000 EUR"


def test_an_override_stretches_authority_only_where_the_policy_says_so(workspace: MemoryWorkspace) -> None:
    values = GOOD | {"request.amount": Decimal(35000), "request.goods_price": Decimal(60000)}
    case = add_case(workspace, values | {"income.net_monthly_stated": Decimal(9000)})
    add_payslip(workspace, case, "9000.00")
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())
    with pytest.raises(InputError, match="allows up to 40000 EUR"):
        decide(workspace, case, Outcome.APPROVE, role="senior-underwriter", override="")
    decision = decide(workspace, case, Outcome.APPROVE, role="senior-underwriter", override="Committee of 3 November.")
    assert decision.role == "senior-underwriter"


def test_a_role_without_authority_signs_nothing(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    for outcome in (Outcome.APPROVE, Outcome.REFER):
        with pytest.raises(InputError, match="no authority") as refused:
            decide(workspace, case, outcome, role="trainee")
        assert "underwriter, senior-underwriter, credit-manager" in refused.value.remedy


def test_a_decided_case_is_not_decided_again(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    first = decide(workspace, case, Outcome.APPROVE)
    with pytest.raises(InputError, match="decided already"):
        decide(workspace, case, Outcome.REFER)
    assert show_case(case.id, workspace).decision == first


def test_a_referral_is_decided_anew_and_stays_in_the_history(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    referred = decide(workspace, case, Outcome.REFER, reason_text="Ask for the employer's letter.")
    assert (referred.amount, referred.rate_pct) == (None, None)
    decide(workspace, case, Outcome.APPROVE)
    events = [event for event in show_case(case.id, workspace).events if event.what == "decision.recorded"]
    assert [event.detail["outcome"] for event in events] == ["refer", "approve"]
    assert events[1].detail["supersedes"] == referred.decided_at.isoformat()


def test_an_unassessed_case_is_not_decided(workspace: MemoryWorkspace) -> None:
    with pytest.raises(InputError, match="not been assessed"):
        decide(workspace, add_case(workspace, GOOD), Outcome.REFER)


def test_a_case_judged_under_another_policy_is_assessed_first(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    command = RecordDecision(case.id, Outcome.REFER, "Ask for a letter.")
    changed = replace(POLICY, sha256="0" * 64)
    with pytest.raises(InputError, match="has changed since"):
        record_decision(
            command, workspace, signer_person="U", role="underwriter", policy=changed, engine=ENGINE, clock=FixedClock()
        )


def test_the_person_is_named(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    command = RecordDecision(case.id, Outcome.REFER, "Ask for a letter.")
    with pytest.raises(InputError, match="name of the person"):
        record_decision(
            command, workspace, signer_person=" ", role="underwriter", policy=POLICY, engine=ENGINE, clock=FixedClock()
        )


def test_nothing_against_the_request_leaves_nothing_to_decline_for(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    view = show_case(case.id, workspace)
    assert view.score is not None
    with workspace.transaction() as stores:
        stores.findings.replace(case.id, [finding for finding in view.findings if finding.stance.value != "adverse"])
        stores.scores.put(case.id, replace(view.score, reasons=()))
    assert propose_reasons(show_case(case.id, workspace), CATALOGUE, POLICY) == ()
    with pytest.raises(InputError, match="Nothing that was used in this case speaks against"):
        decide(workspace, case, Outcome.DECLINE, reason_codes=("C1-09",))


def test_a_first_opinion_is_kept_with_the_decision(workspace: MemoryWorkspace) -> None:
    case = ready(workspace)
    changes = record_first_opinion(case.id, Outcome.REFER, workspace, person="U. Writer", clock=FixedClock())
    assert changes is Changes.DECISION
    decision = decide(workspace, case, Outcome.APPROVE)
    assert decision.first_opinion is not None
    assert decision.first_opinion.outcome is Outcome.REFER


def test_a_first_opinion_comes_before_the_draft_and_once(workspace: MemoryWorkspace) -> None:
    drafted, decided, twice = (ready(workspace) for _ in range(3))
    with workspace.transaction() as stores:
        stores.reports.put(drafted.id, Report(drafted.id, "en", ()))
        stores.cases.set_status(drafted.id, Status.DRAFTED)
    decide(workspace, decided, Outcome.APPROVE)
    record_first_opinion(twice.id, Outcome.APPROVE, workspace, person="U", clock=FixedClock())
    for case, why in ((drafted, "has been shown"), (decided, "has been shown"), (twice, "already")):
        with pytest.raises(InputError, match=why):
            record_first_opinion(case.id, Outcome.DECLINE, workspace, person="U", clock=FixedClock())
    with pytest.raises(InputError, match="name of the person"):
        record_first_opinion(ready(workspace).id, Outcome.DECLINE, workspace, person="", clock=FixedClock())
