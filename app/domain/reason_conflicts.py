"""Whether a report speaks for the request in the very thing that a principal reason names against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.case import Reason
from app.domain.facts import Fact, Stance
from app.domain.findings import Finding
from app.domain.lexicon import ADVERSE, FAVOURABLE, NEGATIONS
from app.domain.report import Report
from app.domain.sentences import Author, Sentence


@dataclass(frozen=True, slots=True)
class Conflict:
    """A sentence of the report that speaks for the request in the very thing that a reason names against it."""

    code: str
    reason: str  # statement of the reason
    sentence: str  # key of the sentence
    text: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "reason": self.reason, "sentence": self.sentence, "text": self.text}


_OPPOSES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "employment.long": ("C1-07", ()),
    "income.documented": ("C1-10", ()),
    "income.regular": ("C1-05", ("income.variation_pct", "income.salary_months_seen")),
    "affordability.within_limit": ("C1-09", ()),
    "affordability.disposable": ("C1-08", ("ratio.disposable_after",)),
    "cashflow.never_overdrawn": ("CW-05", ("cashflow.overdraft_days",)),
    "cashflow.returned": ("CW-05", ("cashflow.returned_items",)),
    "history.clean": ("C1-17", ("history.worst_days_past_due_12m", "history.delinquent_accounts")),
    "assets.support": ("CW-02", ()),
}
"""Favourable findings with the reason each denies; where facts are named, only a reason that rests on one of them."""

_SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "C1-05": {"en": r"employment|employed|job|work", "zh": "就业|工作|职业"},
    "C1-06": {"en": r"employment|employed|employer|job", "zh": "就业|工作|雇主"},
    "C1-07": {"en": r"employment|employed|seniority|tenure|job", "zh": "工作年限|工龄|就业|工作"},
    "C1-08": {"en": r"income|salary|earnings|left to live on", "zh": "收入|工资|余额"},
    "C1-09": {
        "en": r"obligations?|debts?|instalments?|affordab\w+|indebted\w*",
        "zh": "债务|负债|月供|还款能力|偿债",
    },
    "C1-10": {"en": r"income|salary|earnings", "zh": "收入|工资"},
    "C1-11": {"en": r"residence|address", "zh": "居住|住址"},
    "C1-12": {"en": r"residence|address", "zh": "居住|住址"},
    "C1-15": {"en": r"credit (?:experience|history)", "zh": "信用经验|信用历史|信用记录"},
    "C1-17": {"en": r"payments?|payment record|repayment|arrears|obligations", "zh": "还款|偿还|逾期|信用记录"},
    "C1-22": {"en": r"enquir(?:y|ies)|inquir(?:y|ies)", "zh": "查询"},
    "CW-01": {"en": r"housing|home|residen\w+", "zh": "住房|居住"},
    "CW-02": {"en": r"assets?", "zh": "资产"},
    "CW-03": {"en": r"disclos\w+|declared", "zh": "申报|披露"},
    "CW-04": {"en": r"down ?payment|deposit|own funds", "zh": "首付|自有资金"},
    "CW-05": {"en": r"bank account|account conduct|overdraft|in credit", "zh": "账户|透支"},
    "CW-06": {"en": r"\bterm\b", "zh": "期限"},
}
"""Words by which people name what a reason is about."""

_PRAISE = {
    "en": r"strengths?|advantages?|plus|in (?:his|her|their|the applicant's) favour|speaks? for|well|long|secure|ample",
    "zh": "优势|强项|加分|较长|充裕|稳固",
}

_LARGE = {"en": "high|large", "zh": "较高|高额"}
_LARGE_IS_GOOD = frozenset({"C1-08", "C1-10", "CW-02", "CW-04"})
"""Reasons about income, assets and own funds: much of them speaks for the request, as much debt does not."""


def conflicts(
    reasons: Sequence[Reason], report: Report | None, findings: Sequence[Finding], facts: Sequence[Fact]
) -> tuple[Conflict, ...]:
    """Every sentence that a reason contradicts, in the order of the reasons, then of the report."""
    if report is None:
        return ()
    by_id = {finding.id: finding for finding in findings}
    names = {fact.id: fact.name for fact in facts}
    return tuple(
        Conflict(reason.code, reason.text, sentence.key, sentence.text)
        for reason in reasons
        for sentence in report.sentences
        if _denies(sentence, reason, report.language, by_id, names)
    )


def _denies(
    sentence: Sentence, reason: Reason, language: str, findings: Mapping[str, Finding], names: Mapping[str, str]
) -> bool:
    if sentence.author is Author.PERSON:
        return _praises(sentence.text, reason.code, language)
    if sentence.stance is not Stance.FAVOURABLE:
        return False
    favourable = (f for key in sentence.findings if (f := findings.get(key)) and f.stance is Stance.FAVOURABLE)
    return any(_opposed(finding, reason, names) for finding in favourable)


def _opposed(finding: Finding, reason: Reason, names: Mapping[str, str]) -> bool:
    rests_on = names.get(reason.fact or "")
    code, only = _OPPOSES.get(finding.code, ("", ()))
    if code == reason.code and (not only or rests_on is None or rests_on in only):
        return True
    about = next(iter(_names(finding, names)), None)
    return about is not None and about == rests_on


def _names(finding: Finding, names: Mapping[str, str]) -> Iterator[str]:
    yield from (names[fact] for fact in finding.facts if fact in names)


def _praises(text: str, code: str, language: str) -> bool:
    """Whether a clause of a person's sentence speaks well of what the reason is about, without a "not" or a "but"."""
    subject = _SUBJECTS.get(code, {}).get(language)
    if subject is None:
        return False
    good = f"{_PRAISE[language]}|{FAVOURABLE[language]}"
    good += f"|{_LARGE[language]}" if code in _LARGE_IS_GOOD else ""
    return any(
        _has(subject, part, language)
        and _has(good, part, language)
        and not _has(ADVERSE[language], part, language)
        and not re.search(NEGATIONS[language], part, re.IGNORECASE)
        for part in re.split(r"[;；,，。]|\b(?:but|however|although|while)\b|但|然而", text)
    )


def _has(pattern: str, text: str, language: str) -> bool:
    return re.search(rf"\b(?:{pattern})\b" if language == "en" else pattern, text, re.IGNORECASE) is not None
