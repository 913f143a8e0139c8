"""Principal reasons for adverse action: only from factors that were scored and clauses of the policy that failed.

Reg B, 12 CFR 1002.9(b)(2): the reasons are specific and the principal ones; internal standards or a missed score are
no reasons. Comment 9(b)(2)-1: more than four are not likely to help the applicant. Comments 9(b)(2)-2 and -4: they are
the factors actually considered or scored. Comment 4 to appendix C: where no reason of form C-1 is the factor used, the
lender's own words are; comment 9(b)(2)-3: naming the factor is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.case import Reason
from app.domain.facts import Catalogue, Fact
from app.domain.findings import Finding
from app.domain.policy import ClauseResult, PolicyResult
from app.domain.policy_check import MISSING
from app.domain.score import Score
from app.errors import InputError

MOST = 4
INCOMPLETE = "C1-01"
OWN = "OWN:"
"""Begins the code of a reason in the lender's own words, such as ``OWN:history.utilisation``."""


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
    """Every reason that a scored factor or a failed clause supports, each code once with its weightiest fact.

    In order: clauses that decline, characteristics by points lost, clauses that refer.
    """
    return _once(used, (*_clauses(used, "decline"), *_scored(used), *_clauses(used, "refer")))


def proposed_reasons(used: Factors, contradicted: Collection[str] = ()) -> tuple[Reason, ...]:
    """The principal reasons to propose: at most four.

    Codes that the report contradicts are proposed only where nothing else is left: a person may still choose them.

    They come from the part of the evaluation that the applicant failed (comment 9(b)(2)-7): from the clauses alone
    where the score passed. Missing information is no reason where the request was declined on what is there
    (comment 9(a)(1)-4).
    """
    supported = supported_reasons(used)
    failed = {reason.code for outcome in ("decline", "refer") for reason in _once(used, _clauses(used, outcome))}
    chosen = [reason for reason in supported if reason.code in failed or _failed_on_score(used)]
    if any(clause.outcome == "decline" for clause in used.policy.clauses):
        chosen = [reason for reason in chosen if reason.code != INCOMPLETE] or chosen
    left = [reason for reason in chosen or supported if reason.code not in contradicted]
    return tuple(left or chosen or supported)[:MOST]


def scored_reasons(used: Factors) -> tuple[Reason, ...]:
    """The key factors that lowered the score, by points lost; at most four."""
    return _once(used, _scored(used))[:MOST]


_Factor = tuple[str, str | None, str]
"""Code, fact id, statement in the lender's own words (used where the code has none)."""


def _once(used: Factors, factors: Iterable[_Factor]) -> tuple[Reason, ...]:
    prohibited = {fact.id for fact in used.facts if used.catalogue.prohibited(fact.name)}
    reasons: dict[str, Reason] = {}
    for code, fact, own in factors:
        text = _statement(used, code) or own
        if text and fact not in prohibited:
            reasons.setdefault(code, Reason(code, fact, text))
    return tuple(reasons.values())


def _statement(used: Factors, code: str) -> str:
    texts = used.texts.get(code, {})
    return texts.get(used.language) or texts.get("en", "")


def _failed_on_score(used: Factors) -> bool:
    """Whether a failed clause read the score, or none failed: then the person declined on the score."""
    names = {fact.id: fact.name for fact in used.facts}
    failed = [clause for clause in used.policy.clauses if clause.outcome != "pass"]
    return not failed or any(names.get(fact, "").startswith("score.") for clause in failed for fact in clause.facts)


def _scored(used: Factors) -> Iterator[_Factor]:
    for row in used.score.reasons:
        if not used.catalogue.prohibited(row.name):
            yield row.reason_code or f"{OWN}{row.name}", row.fact, _label(used, row.name)


def _label(used: Factors, name: str) -> str:
    definition = used.catalogue.get(name)
    label = definition.label.get(used.language) or definition.label.get("en") if definition else None
    return label or " ".join(name.replace(".", " ").replace("_", " ").split()).capitalize()


def _clauses(used: Factors, outcome: str) -> Iterator[_Factor]:
    for clause in used.policy.clauses:
        if clause.outcome == outcome:
            yield from _clause_factor(used, clause)


def _clause_factor(used: Factors, clause: ClauseResult) -> Iterator[_Factor]:
    """The clause's reason by its table, else by what it read, else in its own words; none where it read the score."""
    first = next(iter(clause.facts), None)
    code = INCOMPLETE if clause.clause == MISSING else used.clause_reason(clause.clause)
    if code:
        yield code, first, clause.text.rstrip(".。")
        return
    names = {fact.id: fact.name for fact in used.facts}
    if any(names.get(fact, "").startswith("score.") for fact in clause.facts):
        return
    read = [(fact, used.catalogue.get(names.get(fact, ""))) for fact in clause.facts]
    coded = ((fact, found.reason_code) for fact, found in read if found is not None and found.reason_code)
    fact, known = next(coded, (first, None))
    yield known or f"{OWN}{clause.clause}", fact, clause.text.rstrip(".。")


def chosen_reasons(used: Factors, codes: Sequence[str]) -> tuple[Reason, ...]:
    """The reasons of the codes a person chose, in their order.

    Raises ``InputError`` unless there are one to four different codes and a used factor supports each.
    """
    wanted = list(dict.fromkeys(code.strip().casefold() for code in codes if code.strip()))
    supported = {reason.code: reason for reason in supported_reasons(used)}
    known = {code.casefold(): code for code in (*used.texts, *supported)}
    remedy = "Supported by this case: " + ", ".join(f"{code} ({each.text})" for code, each in supported.items()) + "."
    if not supported:
        raise InputError("reason_codes", "Nothing that was used in this case speaks against the request.")
    if not wanted:
        raise InputError("reason_codes", "One to four specific principal reasons are needed.", remedy=remedy)
    if len(wanted) > MOST:
        raise InputError("reason_codes", f"At most {MOST} principal reasons are given; these are {len(wanted)}.")
    return tuple(_supported(used, known.get(code), code, supported, remedy) for code in wanted)


def _supported(used: Factors, code: str | None, given: str, supported: Mapping[str, Reason], remedy: str) -> Reason:
    if code is None:
        raise InputError("reason_codes", f"There is no reason code {given.upper()}.", remedy=remedy)
    if code not in supported:
        message = f"Nothing that was used in this case supports {code} ({_statement(used, code)})."
        raise InputError("reason_codes", message, remedy=remedy)
    return supported[code]


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
