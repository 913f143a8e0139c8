"""What a decision would mean before it is made: instalment, affordability, what leaves the policy, whose authority.

Runs on the read lane: it asks the policy engine, and touches no widget.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.domain.authority import require_authority, signatory_of
from app.domain.case import Outcome, Reason
from app.domain.derivation import by_name
from app.domain.facts import Catalogue
from app.domain.policy import Policy, Terms
from app.domain.policy_check import PolicyCheck
from app.domain.reasons import Factors, supported_reasons
from app.errors import InputError
from app.ports import PolicyEngine
from app.usecases.assess_policy import policy_check
from app.usecases.record_decision import ADVERSE, LENDING, outside_policy, propose_reasons
from app.usecases.show_case import CaseView
from views import format as fmt
from views.stored_words import clause_words


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the decision dialog starts from."""

    check: PolicyCheck
    requested: Terms | None
    suggested: Terms | None  # of a counter-offer: the largest amount that fits
    proposed: tuple[Reason, ...]
    supported: tuple[Reason, ...]  # every reason that may be chosen, the proposed ones among them


@dataclass(frozen=True, slots=True)
class Preview:
    """What terms come to; amounts in the case's currency."""

    instalment: Decimal | None
    rate_pct: Decimal | None
    dsr_after_pct: Decimal | None
    dsr_limit_pct: Decimal | None
    disposable_after: Decimal | None
    outside: tuple[str, ...]  # why these terms leave the policy
    authority: str  # "15,000 EUR · authority 5.1"; empty when nobody of that role may sign
    beyond: str  # why the amount is above the signer's authority; empty when it is not

    @property
    def needs_override(self) -> bool:
        return bool(self.outside or self.beyond)


def sheet_of(
    view: CaseView, catalogue: Catalogue, policy: Policy, engine: PolicyEngine, language: str | None = None
) -> Sheet:
    """Prepare a case for its decision; reasons are worded in ``language``, else in the case's own.

    Raises ``InputError`` when the case has not been assessed.
    """
    if view.score is None or view.policy is None:
        raise InputError("case", f"{view.case.id} has not been assessed.", remedy="Score it first.")
    check = policy_check(by_name(view.facts, catalogue), view.case, view.score, policy, engine)
    fits = view.policy.fits
    suggested = Terms(fits.amount, fits.term_months) if fits else None
    proposed = propose_reasons(view, catalogue, policy, check.reading)
    supported = supported_reasons(
        Factors(
            score=view.score,
            policy=view.policy,
            findings=view.findings,
            facts=view.facts,
            catalogue=catalogue,
            clause_reason=check.reading.reason,
            texts=policy.reasons,
            language=language or view.case.language,
        )
    )
    return Sheet(check, check.requested(), suggested, proposed, supported)


def preview_of(sheet: Sheet, outcome: Outcome, terms: Terms | None, role: str, currency: str) -> Preview:
    """What granting ``terms`` would come to for that role; of a refusal only the authority counts."""
    granted = terms if outcome in LENDING else None
    answer = sheet.check.at(granted)
    outside = outside_policy(outcome, answer) if granted is not None else ()
    authority, beyond = "", ""
    try:
        signer = signatory_of(answer.signatories, role)
        authority = f"{fmt.number(signer.limit)} {currency} · {clause_words(signer.clause)}"
        if granted is not None:
            require_authority(answer.signatories, role, granted.amount, currency, None)
    except InputError as error:
        beyond = str(error)
    return Preview(
        answer.instalment if granted else None,
        answer.rate_pct,
        answer.dsr_after_pct if granted else None,
        answer.limit.dsr_pct if answer.limit else None,
        answer.disposable_after if granted else None,
        outside,
        authority,
        beyond,
    )


def takes_reasons(outcome: Outcome) -> bool:
    """Whether principal reasons are owed to the applicant."""
    return outcome in ADVERSE


def grants(outcome: Outcome) -> bool:
    """Whether the decision grants terms."""
    return outcome in LENDING


def read_number(text: str) -> Decimal | None:
    """A number as people type it: ``8500``, ``8,500.00``, ``8 500,00``; None when it is none."""
    bare = re.sub(r"[\s\u00a0']", "", text).removesuffix("%")
    if re.search(r",\d{1,2}$", bare) and "." not in bare.rpartition(",")[2] and bare.count(",") == 1:
        bare = bare.replace(".", "").replace(",", ".")
    bare = bare.replace(",", "")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
