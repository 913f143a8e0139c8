"""Principal reasons for adverse action: only from factors that the score, the policy or the findings used.

Reg B, 12 CFR 1002.9(b)(2): the reasons are specific and the principal ones; internal standards or a missed score are
no reasons. Comment 9(b)(2)-1: more than four are not likely to help the applicant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.case import Reason
from app.domain.facts import Catalogue, Fact, Stance
from app.domain.findings import Finding, Materiality
from app.domain.policy import ClauseResult, PolicyResult
from app.domain.policy_check import MISSING
from app.domain.score import Score
from app.errors import InputError

MOST = 4
INCOMPLETE = "C1-01"

_BY_FINDING: Mapping[str, str] = {
    "income.contradiction": "C1-10",
    "income.unverified": "C1-10",
    "income.irregular": "C1-05",
    "affordability.exceeds_limit": "C1-09",
    "affordability.disposable": "C1-08",
    "debt.undisclosed": "CW-03",
    "cashflow.overdrawn": "CW-05",
    "cashflow.returned": "CW-05",
    "cashflow.gambling": "CW-05",
    "history.enquiries_high": "C1-22",
    "history.delinquent": "C1-17",
    "history.adverse_records": "C1-17",
    "history.thin": "C1-15",
    "employment.short": "C1-07",
}
"""Reasons that an adverse finding supports; a finding that is not here takes its fact's reason in the catalogue."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Everything that was used against the request."""

    score: Score
    policy: PolicyResult
    findings: Sequence[Finding]
    facts: Sequence[Fact]
    catalogue: Catalogue
    clause_reason: Callable[[str], str | None]  # of the policy's tables
    texts: Mapping[str, Mapping[str, str]]  # reason code -> language -> statement
    language: str


def supported_reasons(used: Factors) -> tuple[Reason, ...]:
    """Every reason a used factor supports, each code once with its weightiest fact, the principal ones first.

    In order: clauses that decline, major findings, characteristics by points lost, clauses that refer, other findings.
    """
    reasons: dict[str, Reason] = {}
    prohibited = {fact.id for fact in used.facts if used.catalogue.prohibited(fact.name)}
    for code, fact in _in_order(used):
        if code in used.texts and fact not in prohibited:
            reasons.setdefault(code, Reason(code, fact, _statement(used, code)))
    return tuple(reasons.values())


def proposed_reasons(used: Factors) -> tuple[Reason, ...]:
    """The principal reasons to propose: at most four."""
    return supported_reasons(used)[:MOST]


def _statement(used: Factors, code: str) -> str:
    return used.texts[code].get(used.language) or used.texts[code]["en"]


def _in_order(used: Factors) -> Iterator[tuple[str, str | None]]:
    yield from _clauses(used, "decline")
    yield from _findings(used, major=True)
    for row in used.score.reasons:
        yield row.reason_code, row.fact
    yield from _clauses(used, "refer")
    yield from _findings(used, major=False)


def _clauses(used: Factors, outcome: str) -> Iterator[tuple[str, str | None]]:
    for clause in used.policy.clauses:
        code = _clause_code(used, clause)
        if clause.outcome == outcome and code:
            yield code, next(iter(clause.facts), None)


def _clause_code(used: Factors, clause: ClauseResult) -> str | None:
    return INCOMPLETE if clause.clause == MISSING else used.clause_reason(clause.clause)


def _findings(used: Factors, *, major: bool) -> Iterator[tuple[str, str | None]]:
    names = {fact.id: fact.name for fact in used.facts}
    for finding in used.findings:
        if finding.stance is not Stance.ADVERSE or (finding.materiality is Materiality.MAJOR) is not major:
            continue
        if finding.code.startswith(("policy.", "score.", "recommendation.")):
            continue  # the clauses and the score speak for themselves
        fact = next(iter(finding.facts), None)
        definition = used.catalogue.get(names.get(fact or "", ""))
        code = _BY_FINDING.get(finding.code) or (definition.reason_code if definition else None)
        if code:
            yield code, fact


def chosen_reasons(used: Factors, codes: Sequence[str]) -> tuple[Reason, ...]:
    """The reasons of the codes a person chose, in their order.

    Raises ``InputError`` unless there are one to four different codes and a used factor supports each.
    """
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    supported = {reason.code: reason for reason in supported_reasons(used)}
    remedy = "Supported by this case: " + ", ".join(f"{code} ({each.text})" for code, each in supported.items()) + "."
    if not supported:
        raise InputError("reason_codes", "Nothing that was used in this case speaks against the request.")
    if not wanted:
        raise InputError("reason_codes", "One to four specific principal reasons are needed.", remedy=remedy)
    if len(wanted) > MOST:
        raise InputError("reason_codes", f"At most {MOST} principal reasons are given; these are {len(wanted)}.")
    for code in wanted:
        if code not in used.texts:
            raise InputError("reason_codes", f"There is no reason code {code}.", remedy=remedy)
        if code not in supported:
            statement = _statement(used, code)
            raise InputError(
                "reason_codes", f"Nothing that was used in this case supports {code} ({statement}).", remedy=remedy
            )
    return tuple(supported[code] for code in wanted)


_GENERIC = re.compile(
    r"""\b(?:
        (?:our|the|internal|bank|lending|credit|company|minimum|own)\s+(?:internal\s+|lending\s+|credit\s+|minimum\s+)*
            (?:polic(?:y|ies)|standards?|criteria|guidelines?|requirements?|rules?)
        | (?:credit\s+)?(?:score|scoring|scorecard|points?)\s*(?:is|was|were)?\s*
            (?:too\s+low|insufficient|below|failed|not\s+(?:met|reached|enough))?
        | insufficient\s+(?:credit\s+)?score | low\s+(?:credit\s+)?score | qualifying\s+score
        | policy | risk | creditworthiness | unacceptable | other | n/?a | none
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
_FILLER = frozenset(
    """a achieve achieved an and applicant application as at be because by case client credit customer decline
    declined did do does due fail failed fails for from has have high in insufficient is it its low meet meets met
    not of on our outside pass per qualifies qualify reach reached reason reasons reject rejected request
    requested satisfy than that the their they this to too under was we were with within""".split()  # noqa: SIM905 (a word list reads better)
)
_GENERIC_ZH = re.compile(
    r"(?:不符合|未达到|不满足|未满足)?(?:我行|本行|我司|内部)?(?:信贷|贷款|审批)?(?:政策|标准|要求|规定)|评分(?:过低|不足|不够)|综合评分不足"
)


def is_generic(text: str) -> bool:
    """Whether the text says no more than that standards were not met or a score was missed."""
    rest = _GENERIC.sub(" ", _GENERIC_ZH.sub(" ", text))
    words = [word for word in re.findall(r"[^\W_]+", rest.casefold()) if word not in _FILLER]
    return not words
