"""Whether what a sentence advises is what the findings advise: approve, decline or refer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.index import CaseIndex
from app.domain.checks.reading import Reading
from app.domain.sentences import Problem

_OUTCOMES = {
    "approve": re.compile(
        r"\b(?:approv(?:e|al|ed|ing)|grant(?:ed|ing)?|accept(?:ance|ed|ing)?|go ahead|proceed|"
        r"can be recommended|recommend(?:ed)? the (?:loan|request|application|case)"
        r"|endorse\w*)\b|批准|同意|通过|准予|发放",
        re.IGNORECASE,
    ),
    "decline": re.compile(
        r"\b(?:declin(?:e|ed|ing)|reject(?:ion|ed|ing)?|refus(?:e|al|ed|ing)|turn(?:ed|ing)? (?:it |"
        r"the \w+ )?down|deni(?:al|ed)|deny)\b|拒绝|否决|不予批准|不予通过|婉拒",
        re.IGNORECASE,
    ),
    "refer": re.compile(
        r"\b(?:refer(?:ral|red|ring)?(?! to (?:the|as|page))|escalat\w+|(?:manual|individual|further|"
        r"closer) (?:review|examination|assessment|decision)|passed on to|second look|"
        r"credit committee)\b"
        r"|转(?:交|人工|至|由)|人工(?:审核|复核|审查|审批)|上报|提交.{0,8}(?:审批|审核|审查|委员会)|复审",
        re.IGNORECASE,
    ),
}
_ADVISES = re.compile(
    r"\b(?:recommend\w*|suggest\w*|propos\w*|advis\w*|should(?! be (?:clarified|asked|noted|"
    r"explained))|ought|favou?rs?|speaks? for|in our view|we support|fit for|ready for|"
    r"suitable for|case for|"
    r"merits?|deserves?|can be|could be|may be|warrants?|calls? for|conclusion)\b|建议|应当|应予|应|宜|可予|推荐|倾向",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|no|never|neither|against|cannot|need not|without)\b[\w ]{0,28}$|n't\b[\w ]{0,28}$|"
    r"(?:不|无需|无须|不必|不宜|不应)[\u4e00-\u9fff]{0,5}$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:only if|unless|provided|subject to|if|once|after|until|before|on condition|as soon as|"
    r"without which)\b|如|若|前提|条件|之后|后方可|待|除非",
    re.IGNORECASE,
)


def outcome_of(text: str) -> str:
    """The outcome a text advises: approve, decline, refer, or nothing; a denied approval is a refusal."""
    if not _ADVISES.search(text):
        return ""
    found: list[tuple[int, str]] = []
    for outcome, pattern in _OUTCOMES.items():
        for match in pattern.finditer(text):
            denied = _DENIED.search(text[max(0, match.start() - 40) : match.start()])
            if denied and outcome != "approve":
                found.append((match.start(), f"not {outcome}"))
            else:
                found.append((match.start(), "decline" if denied else outcome))
    return min(found)[1] if found else ""


def judge_advice(reading: Reading, index: CaseIndex) -> Iterator[Problem]:
    """Advice that is not the findings'."""
    text = reading.text
    if index.lexicon.sign(reading.language, "question").search(text.strip()):
        return
    said = outcome_of(text)
    if not said or (_CONDITION.search(text) and said != "decline"):
        return
    for finding in index.case.findings:
        if "recommend" not in finding.code.lower() and not _ADVISES.search(finding.text):
            continue
        held = _held(finding.code, finding.text)
        if held and _against(said, held, finding.text):
            yield Problem("contradicted_finding", text.strip(), None, finding.text)
            return


def _held(code: str, text: str) -> str:
    """The outcome a finding advises, by its code where that tells."""
    for outcome in ("approve", "decline", "refer"):
        if outcome in code.lower() or (outcome == "decline" and "reject" in code.lower()):
            return outcome
    return outcome_of(text)


def _against(said: str, held: str, finding: str) -> bool:
    if said.startswith("not "):
        return said == f"not {held}"
    return said != held and not (said == "refer" and held == "approve" and "refer" in finding)
