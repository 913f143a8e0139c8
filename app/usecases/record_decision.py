"""Record a decision within policy and authority, or what the underwriter thought before the draft was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.authority import authority_text, require_authority, signatory_of
from app.domain.case import Case, Decision, FirstOpinion, Outcome, Reason, Status
from app.domain.changes import Changes
from app.domain.derivation import by_name
from app.domain.facts import Catalogue, Fact
from app.domain.findings import Finding
from app.domain.money import CENT, to_cents
from app.domain.policy import Policy, PolicyResult, Terms
from app.domain.policy_check import Answer, PolicyCheck
from app.domain.policy_tables import PolicyReading
from app.domain.reason_conflicts import Conflict, conflicts
from app.domain.reasons import Factors, chosen_reasons, is_generic, proposed_reasons, supported_reasons
from app.domain.report import Report
from app.domain.score import Score
from app.errors import InputError
from app.ports import Clock, PolicyEngine, Stores, Workspace
from app.usecases.assess_case import closed
from app.usecases.assess_policy import policy_check
from app.usecases.show_case import CaseView

LENDING = (Outcome.APPROVE, Outcome.COUNTER_OFFER)
ADVERSE = (Outcome.DECLINE, Outcome.COUNTER_OFFER)


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """What the underwriter decided. Terms left out are the requested ones, the fitting amount of a counter-offer, and
    the priced rate."""

    case_id: str
    outcome: Outcome
    reason_text: str
    amount: Decimal | None = None
    term_months: int | None = None
    rate_pct: Decimal | None = None
    conditions: tuple[str, ...] = ()
    reason_codes: tuple[str, ...] = ()  # principal reasons of a decline or counter-offer
    override: str | None = None  # why it may leave the policy
    despite: str | None = None  # why it stands although a sentence of the report contradicts a principal reason


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it is assessed, at the moment of decision."""

    case: Case
    facts: dict[str, Fact]  # the one to use of each name
    score: Score
    result: PolicyResult
    findings: tuple[Finding, ...]
    check: PolicyCheck
    catalogue: Catalogue
    policy: Policy
    report: Report | None
    recorded: tuple[Fact, ...]  # every current fact, by whose ids findings and reasons name them

    def contradictions(self, reasons: Sequence[Reason]) -> tuple[Conflict, ...]:
        """Sentences of the report that speak for the request in what a reason names against it."""
        return conflicts(reasons, self.report, self.findings, self.recorded)

    def factors(self) -> Factors:
        return Factors(
            score=self.score,
            policy=self.result,
            findings=self.findings,
            facts=tuple(self.facts.values()),
            catalogue=self.catalogue,
            clause_reason=self.check.reading.reason,
            texts=self.policy.reasons,
            language=self.case.language,
        )


def record_decision(
    cmd: RecordDecision,
    workspace: Workspace,
    *,
    signer_person: str,
    role: str,
    policy: Policy,
    engine: PolicyEngine,
    clock: Clock,
) -> Changes:
    """Store the decision in one transaction and say what changed.

    Raises ``InputError`` if the reason is blank or generic, a principal reason rests on nothing that was used, the
    terms leave the policy without an override reason, the amount is above the signer's authority, the report
    contradicts a principal reason and nothing is said why it stands, the case is not assessed under this policy, or it
    is decided already.
    """
    _require_words(cmd, signer_person)
    with workspace.transaction() as stores:
        standing = _standing(cmd.case_id, stores, workspace.catalogue, policy, engine)
        answer = standing.check.at(_terms(cmd, standing))
        decision = _decide(cmd, standing, answer, signer_person.strip(), role, clock)
        decision = replace(decision, first_opinion=stores.decisions.opinion(standing.case.id))
        before = stores.decisions.get(standing.case.id)
        stores.decisions.put(standing.case.id, decision)
        stores.cases.set_status(standing.case.id, Status.DECIDED)
        detail = decision.to_json() | {"supersedes": before.decided_at.isoformat() if before else None}
        stores.events.append(decision.person, standing.case.id, "decision.recorded", detail)
    return Changes.DECISION | Changes.CASES


def _require_words(cmd: RecordDecision, person: str) -> None:
    if not person.strip():
        raise InputError("person", "A decision needs the name of the person who makes it.")
    if not cmd.reason_text.strip():
        raise InputError("reason", "The decision needs a reason.", remedy="Say in a sentence what it rests on.")
    if cmd.outcome in ADVERSE and is_generic(cmd.reason_text):
        raise InputError(
            "reason",
            f"{cmd.reason_text.strip()!r} is no specific reason.",
            remedy="Name what in this case speaks against the request; standards, policy or a low score do not do.",
        )


def _standing(case_id: str, stores: Stores, catalogue: Catalogue, policy: Policy, engine: PolicyEngine) -> Standing:
    case = stores.cases.get(case_id)
    if closed(case, stores):
        raise InputError("case", f"{case.id} has been decided already.", remedy="Only a referral is decided anew.")
    score, result = stores.scores.get(case.id), stores.policies.get(case.id)
    if score is None or result is None:
        raise InputError("case", f"{case.id} has not been assessed.", remedy="Score it first.")
    if result.sha256 != policy.sha256:
        raise InputError(
            "policy",
            f"{case.id} was assessed under policy {result.policy} {result.version}, which has changed since.",
            remedy="Score it again, then decide.",
        )
    recorded = tuple(stores.facts.current(case.id))
    facts = by_name(recorded, catalogue)
    return Standing(
        case,
        facts,
        score,
        result,
        tuple(stores.findings.of_case(case.id)),
        policy_check(facts, case, score, policy, engine),
        catalogue,
        policy,
        stores.reports.get(case.id),
        recorded,
    )


def _terms(cmd: RecordDecision, standing: Standing) -> Terms | None:
    """Terms the decision grants; None where it grants none. Raises ``InputError`` for terms that make no sense."""
    if cmd.outcome not in LENDING:
        given = [name for name in ("amount", "term_months", "rate_pct") if getattr(cmd, name) is not None]
        if given:
            raise InputError(given[0], f"To {cmd.outcome.value} grants nothing, so it takes no {given[0]}.")
        return None
    requested = standing.check.requested()
    if requested is None:
        raise InputError("amount", "The requested amount or term is unknown.", remedy="Correct those facts first.")
    term = _checked_term(cmd.term_months, requested.term_months, standing.catalogue)
    amount = _checked_amount(cmd.amount, standing.catalogue)
    if amount is None:
        amount = requested.amount if cmd.outcome is Outcome.APPROVE else _fitting(standing, term, requested.amount)
    terms = Terms(amount, term, _checked_rate(cmd.rate_pct, standing.catalogue))
    _require_kind(cmd.outcome, terms, requested, standing.case.currency)
    return terms


def _fitting(standing: Standing, term_months: int, requested: Decimal) -> Decimal:
    offer = standing.check.largest(term_months)
    if offer is None:
        raise InputError("amount", f"No amount fits the policy over {term_months} months.", remedy="Name an amount.")
    return min(offer.amount, requested)


def _checked_amount(amount: Decimal | None, catalogue: Catalogue) -> Decimal | None:
    if amount is None:
        return None
    largest = catalogue["request.amount"].maximum or Decimal("Infinity")
    if not amount.is_finite() or not 0 < amount <= largest:
        raise InputError("amount", f"{amount} is no amount of a loan.", remedy=f"Give one from 0.01 to {largest:f}.")
    if amount != amount.quantize(CENT):
        raise InputError("amount", f"{amount} has more than two decimals.")
    return amount.quantize(CENT)


def _checked_term(term: int | None, requested: int, catalogue: Catalogue) -> int:
    if term is None:
        return requested
    longest = catalogue["request.term_months"].maximum or Decimal(480)
    if not 1 <= term <= longest:
        raise InputError("term_months", f"{term} months is no term of a loan.", remedy=f"Give 1 to {longest:f} months.")
    return term


def _checked_rate(rate: Decimal | None, catalogue: Catalogue) -> Decimal | None:
    if rate is None:
        return None
    highest = catalogue["loan.rate_pct"].maximum or Decimal(1000)
    if not rate.is_finite() or not 0 <= rate <= highest:
        raise InputError("rate_pct", f"{rate} % is no rate.", remedy=f"Give a yearly rate from 0 to {highest:f} %.")
    return rate


def _require_kind(outcome: Outcome, terms: Terms, requested: Terms, currency: str) -> None:
    """An approval grants the requested terms; a counter-offer grants others, and no more than was asked for."""
    same = (terms.amount, terms.term_months) == (requested.amount, requested.term_months)
    asked = f"{requested.amount} {currency} over {requested.term_months} months"
    if outcome is Outcome.APPROVE and not same:
        raise InputError(
            "amount", f"An approval grants what was asked for, {asked}.", remedy="Make other terms a counter-offer."
        )
    if outcome is Outcome.COUNTER_OFFER and same and terms.rate_pct is None:
        raise InputError("amount", f"A counter-offer differs from the request, {asked}.", remedy="Approve it instead.")
    if terms.amount > requested.amount:
        raise InputError("amount", f"A counter-offer is not above the request, {asked}.")


def _decide(cmd: RecordDecision, standing: Standing, answer: Answer, person: str, role: str, clock: Clock) -> Decision:
    case, terms, override = standing.case, answer.terms, (cmd.override or "").strip() or None
    if terms is not None:
        _require_within_policy(cmd, answer, override)
        signer = require_authority(answer.signatories, role, terms.amount, case.currency, override)
    else:
        signer = signatory_of(answer.signatories, role)
    reasons: tuple[Reason, ...] = ()
    if cmd.outcome in ADVERSE:
        reasons = chosen_reasons(standing.factors(), cmd.reason_codes)
    elif any(code.strip() for code in cmd.reason_codes):
        raise InputError("reason_codes", f"To {cmd.outcome.value} takes no principal reasons.")
    despite = _despite(cmd, standing.contradictions(reasons))
    return Decision(
        outcome=cmd.outcome,
        amount=to_cents(terms.amount) if terms else None,
        currency=case.currency,
        term_months=terms.term_months if terms else None,
        rate_pct=answer.rate_pct if terms else None,
        conditions=tuple(condition.strip() for condition in cmd.conditions if condition.strip()),
        reason_text=cmd.reason_text.strip(),
        reasons=reasons,
        person=person,
        role=signer.role,
        authority=authority_text(signer, case.currency),
        override=override,
        decided_at=clock.now(),
        reasons_method=standing.score.reasons_method.value if reasons else None,
        despite=despite,
    )


def _despite(cmd: RecordDecision, against: Sequence[Conflict]) -> str | None:
    """Why the decision stands although the report contradicts a reason; None, and not asked, where it does not."""
    if not against:
        return None
    stated = (cmd.despite or "").strip()
    if not stated:
        first, more = against[0], len(against) - 1
        others = f" ({more} more)" if more else ""
        raise InputError(
            "despite",
            f"The report contradicts the reason {first.code} ({first.reason}): \u201c{first.text}\u201d{others}",
            remedy="Change the reasons or the report, or say why the decision stands (--despite-contradiction).",
        )
    return stated


def outside_policy(outcome: Outcome, answer: Answer) -> tuple[str, ...]:
    """Why granting these terms would leave the policy, in words; empty when it would not.

    An approval must meet every clause. A counter-offer must fit by amount, term and price: what refers the case to a
    person has reached one.
    """
    against = [hit for hit in answer.hits if hit.outcome != "pass"]
    if outcome is Outcome.COUNTER_OFFER:
        against = [hit for hit in against if hit.table != "referral" or answer.missing]
    words = [f"{hit.clause} ({hit.text.rstrip('.。')})" for hit in against]
    if answer.rate_pct is not None and answer.priced_pct is not None and answer.rate_pct != answer.priced_pct:
        words.append(f"pricing {answer.price_clause} (the grid's rate is {answer.priced_pct} %)")
    return tuple(words)


def _require_within_policy(cmd: RecordDecision, answer: Answer, override: str | None) -> None:
    if answer.rate_pct is None:
        raise InputError("rate_pct", "The policy has no price for these terms.", remedy="Give a rate.")
    outside = outside_policy(cmd.outcome, answer)
    if outside and override is None:
        raise InputError(
            "override",
            f"To {cmd.outcome.value} these terms is outside policy: {'; '.join(outside)}.",
            remedy="Give an override reason, or terms that fit.",
        )


def propose_reasons(
    view: CaseView, catalogue: Catalogue, policy: Policy, reading: PolicyReading | None = None
) -> tuple[Reason, ...]:
    """Principal reasons to propose for a decline or counter-offer: one to four, from factors actually used, and where
    there are others none that the report contradicts.

    Empty when the case is not assessed or nothing speaks against the request.
    """
    if view.score is None or view.policy is None:
        return ()
    used = Factors(
        score=view.score,
        policy=view.policy,
        findings=view.findings,
        facts=view.facts,
        catalogue=catalogue,
        clause_reason=(reading or PolicyReading(policy)).reason,
        texts=policy.reasons,
        language=view.case.language,
    )
    against = conflicts(supported_reasons(used), view.report, view.findings, view.facts)
    return proposed_reasons(used, {each.code for each in against})


def record_first_opinion(case_id: str, outcome: Outcome, workspace: Workspace, *, person: str, clock: Clock) -> Changes:
    """Keep what the underwriter thinks before the draft is shown.

    Raises ``InputError`` once a draft or a decision exists, or when an opinion was recorded already: it would no
    longer be a first one.
    """
    if not person.strip():
        raise InputError("person", "An opinion needs the name of the person who holds it.")
    with workspace.transaction() as stores:
        case = stores.cases.get(case_id)
        if case.status not in (Status.NEW, Status.SCORED) or stores.reports.get(case.id) is not None:
            raise InputError("case", f"The draft of {case.id} has been shown, so no first opinion can be recorded.")
        if stores.decisions.opinion(case.id) is not None:
            raise InputError("case", f"{case.id} has a first opinion already.")
        opinion = FirstOpinion(outcome, person.strip(), clock.now())
        stores.decisions.put_opinion(case.id, opinion)
        stores.events.append(opinion.person, case.id, "opinion.recorded", {"outcome": outcome.value})
    return Changes.DECISION
