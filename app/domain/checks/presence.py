"""Whether what a sentence says is there, or is not there, is so: counts, amounts, yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.domain.checks.casebook import CaseFact, as_yes_or_no
from app.domain.checks.index import CaseIndex
from app.domain.checks.quantities import Figures
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.checks.stems import stem
from app.domain.sentences import Problem

_REACH = {"en": 42, "zh": 9}
_COPULA_NOT = {
    "en": re.compile(
        r"\b(?:is|are|was|were|does|do|did|has|have|had|will|would|can|could) ?(?:not|"
        r"n't)\b(?! (?:only|just|yet|merely|least|to be|necessarily|"
        r"more|less|above|below|over|under|exceed|reach|fall|go|higher|lower|within|far|quite|beyond|"
        r"very|much|simply|a (?:concern|problem)))"
        r"|\bnever\b|\bnot (?:from|by|at|with|in|since|for|as|the|on|an?|EUR|of)\b|\bno longer\b|\bneither\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?:并非|不是|并不(?:是|为|在)|没有(?=在)|不在|不为|从未|未曾|不再|并未|非为|不等于)"),
}
_MANY = {
    "en": re.compile(
        r"\b(?:several|some|multiple|many|repeated(?:ly)?|frequent(?:ly)?|numerous|various|"
        r"occasional(?:ly)?|a few|a number of|regularly|often|again and again|at least one|"
        r"a series of|once|twice|more than once)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"多次|数次|屡次|若干|频繁|经常|几次|曾|偶尔|有过|出现过|发生过|存在|出现|常有|一些"),
}
_BE_THERE = {
    "en": re.compile(
        r"\b(?:has|have|had|there (?:is|are|was|were|has been|have been)|occurred|shows?|showed|fell|"
        r"fallen|went|missed|recorded|exist|exists|carries|suffers?|been|was|were|provides?|pledged?|"
        r"secured|with|is|are|owns?|holds?|runs?|made)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"有|存在|出现|发生|曾|提供|设有|办理|是|被|显示|已|到位|落实|做了|购买|投保|签|采取"),
}
_NOT_THERE_WORD = re.compile(
    r"\b(?:number|count|level|amount|check|question|whether|if|for|regarding|concerning|as to|risk of)\b[^,;]{0,12}$",
    re.IGNORECASE,
)


def judge_presence(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Denials of what there is, and claims of what there is not."""
    if index.lexicon.sign(reading.language, "question").search(reading.text.strip()):
        return
    for clause in reading.clauses:
        yield from _clause(reading, figures, clause, index)


def _clause(reading: Reading, figures: Figures, clause: Clause, index: CaseIndex) -> Iterator[Problem]:
    tokens = list(reading.within(clause.start, clause.end))
    if is_cut_short(reading, clause):
        return
    facts = _spoken_of(tokens, index)
    silent = index.lexicon.sign(reading.language, "silent").search(reading.text, clause.start, clause.end)
    for fact_id, mention in facts:
        fact = index.by_id[fact_id]
        state = state_of(fact)
        if state is None:
            continue
        denied = next(
            filter(None, (_denied(reading, clause, t, index, fact.label) for t in _naming(tokens, fact_id, index))), ""
        )
        if not _describes(mention) and any(
            sign == -index.label_signs[fact_id].get(name, sign) for name, sign in mention.signs
        ):
            denied = "" if denied else mention.text
        told = any(clause.start <= q.start < clause.end for q in figures.quantities)
        if denied and _of_another(mention, tokens, index.fact_keys[fact_id]):
            continue
        if state and denied and not silent and not (told and isinstance(fact.value, Decimal)):
            if not _another_is_absent(fact, index, tokens):
                yield Problem("negation", denied, fact.id, _said(fact))
        elif not state and not denied and _claimed(reading, clause, mention, told, index, fact.label):
            yield Problem("negation", mention.text, fact.id, _said(fact))
    yield from _denied_value(reading, figures, clause, index)
    yield from _undone(reading, tokens, index)
    yield from _settled(reading, clause, facts, index)


_UN = re.compile(r"(?:un|non-?)(?=[a-z]{4})", re.IGNORECASE)


def _undone(reading: Reading, tokens: list[Token], index: CaseIndex) -> Iterator[Problem]:
    """ "Uninsured" of what a yes says to be insured."""
    for token in tokens:
        bare = _UN.sub("", token.text, count=1)
        if bare == token.text or token.signs:
            continue
        held = (f for f, keys in index.fact_keys.items() if f"w:{stem(bare)}" in keys and state_of(index.by_id[f]))
        fact = next((f for f in held if _yes_or_no(f, index) or isinstance(index.by_id[f].value, str)), None)
        if fact:
            yield Problem("negation", token.text, fact, _said(index.by_id[fact]))


_SETTLED = re.compile(
    r"\b(?:is|are|was|were|been|has|have|had|got)(?: \w+)? (?:paid off|repaid|settled|cleared|discharged|redeemed|"
    r"closed|written off|paid in full|refinanced|extinguished)\b(?! (?:by|over|in|within|through|from|at))"
    r"|已(?:经)?(?:全部)?(?:还清|结清|清偿)",
    re.IGNORECASE,
)
_OWED = re.compile(r"outstanding|balance|owed|debt|arrears|liabilit|未偿|余额|欠|负债", re.IGNORECASE)


def _settled(reading: Reading, clause: Clause, facts: list[tuple[str, Token]], index: CaseIndex) -> Iterator[Problem]:
    """ "Has been paid off" of what is still owed."""
    match = _SETTLED.search(reading.text, clause.start, clause.end)
    if match is None or index.lexicon.sign(reading.language, "negation").search(reading.text, clause.start, clause.end):
        return
    for fact_id, _ in facts:
        fact = index.by_id[fact_id]
        if _OWED.search(fact.label) and fact.measure.kind == "money" and state_of(fact):
            yield Problem("negation", match.group(), fact_id, _said(fact))
            return


def _of_another(mention: Token, tokens: list[Token], keys: dict[str, float]) -> bool:
    """Whether a word beside it makes another thing of what is named: "租金支出" where spending is held."""
    return any(
        token.end == mention.start and token.signs and not token.plain and not any(key in keys for key in token.keys)
        for token in tokens
    )


def _spoken_of(tokens: list[Token], index: CaseIndex) -> list[tuple[str, Token]]:
    """The facts the clause speaks of best, each with the word that names it most."""
    scores = index.mentioned(tokens)
    scores = {fact_id: score for fact_id, score in scores.items() if state_of(index.by_id[fact_id]) is not None}
    best = max(scores.values(), default=0.0)
    if best < 0.45:
        return []
    chosen = [fact_id for fact_id, score in scores.items() if score >= max(0.45, 0.85 * best)]
    found = []
    for fact_id in chosen:
        keys = _own_keys(fact_id, index)
        naming = [token for token in tokens if max((keys.get(key, 0.0) for key in token.keys), default=0.0) > 0.34]
        if naming:
            weights = {t: (0.4 if t.plain else 1) * sum(keys.get(key, 0.0) for key in t.keys) for t in naming}
            found.append((fact_id, max(naming, key=lambda t: weights[t])))
    return found


_TAIL = re.compile(
    r".*\b(?:is|are|was|were|do|does|did|has|have) ?(?:not|n't|n’t)\W*"
    r"|\W*(?:not|nor|no longer|never) (?:an? |the |yet )?\w+\W*",
    re.IGNORECASE,
)


def is_cut_short(reading: Reading, clause: Clause) -> bool:
    """ "Rented, not owned", "cover is ample, equity is not": what is denied is said elsewhere."""
    return bool(_TAIL.fullmatch(reading.text, clause.start, clause.end))


_ATTRIBUTES = frozenset(
    ("disclosed", "verified", "consistent", "complete", "regular", "stable", "sufficient", "covers")
)


def _describes(token: Token) -> bool:
    """Whether the word tells how something is, not what: "undeclared", "stable"."""
    return bool(token.signs) and all(name in _ATTRIBUTES for name, _ in token.signs)


def _own_keys(fact_id: str, index: CaseIndex) -> dict[str, float]:
    """What the label itself calls the fact; words of findings and of asking deny and claim nothing of it."""
    keys = index.fact_keys[fact_id]
    return {k: v for k, v in keys.items() if (fact_id, k) not in index.by_finding and k != "c:requested"}


def _yes_or_no(fact_id: str, index: CaseIndex) -> bool:
    return isinstance(index.by_id[fact_id].value, bool)


def _naming(tokens: list[Token], fact_id: str, index: CaseIndex) -> list[Token]:
    """The words of the clause that name the fact, the telling ones first."""
    keys = _own_keys(fact_id, index)
    weights = {token: max((keys.get(key, 0.0) for key in token.keys), default=0.0) for token in tokens}
    named = [
        token
        for token in tokens
        if weights[token] > 0.3
        and (token.signs or not token.plain)
        and (_yes_or_no(fact_id, index) or not _describes(token))
    ]
    return sorted(named, key=lambda token: -weights[token])[:3]


def state_of(fact: CaseFact) -> bool | None:
    """Whether what the fact names is there; None where its value does not say."""
    if isinstance(fact.value, bool):
        return fact.value
    if isinstance(fact.value, date):
        return True
    if isinstance(fact.value, Decimal):
        if fact.measure.kind in ("count", "money", "time"):
            return fact.value != 0
        return True if fact.measure.kind == "percent" and fact.value > 0 else None
    if isinstance(fact.value, str):
        said = as_yes_or_no(fact.value)
        if said is not None:
            return said
        if re.match(r"合格|通过|正常|良好|有效|达标|齐全", fact.value.strip()):
            return True
        if re.match(
            r"(?:no|none|not|nil|without|无|没有|未|暂无)\b|(?:无|没有|未|不)", fact.value.strip(), re.IGNORECASE
        ):
            return False
    return None


_WERE_IT = re.compile(r"\b(?:would|could|might)\b", re.IGNORECASE)


def _denied(reading: Reading, clause: Clause, mention: Token, index: CaseIndex, label: str) -> str:
    """The word that denies what is mentioned; nothing where none does."""
    text, language = reading.text, reading.language
    start = max(clause.start, mention.start - _REACH[language])
    before = text[start : mention.start]
    found = [
        match
        for match in index.lexicon.sign(language, "denial").finditer(before)
        if text[start + match.start() : mention.end].lower() not in label.lower()  # no part of the name: "未决诉讼"
    ]
    if found:
        if _WERE_IT.search(text):
            return ""  # "without her income they could not": it is there
        between = before[found[-1].end() :]
        if language == "zh" and re.search(
            r"[含计包超高低多少足到]|影响|考虑|稳|规律|一致|符|利|良|佳", before[found[-1].end() :][:5]
        ):
            return ""
        if re.search(
            r"\b(?:exceed\w*|above|below|more|less|higher|lower|within|beyond|over|under|only|reach\w*|"
            r"meet|concern|reason|doubt|problem|cause|affect\w*|because|due|despite|change\w*|objection|"
            r"worry|verified|confirmed|documented|enough|sufficient|stable|regular|match\w*|agree|"
            r"reflect\w*|explain\w*|information|evidence)\b",
            between,
            re.IGNORECASE,
        ):
            return ""
        return found[-1].group().strip()
    if any(name == "unsecured" for name, _ in mention.signs):
        return ""
    after = text[mention.end : min(clause.end, mention.end + 34)]
    behind = re.match(
        r"[\w ]{0,14}\b(?:(?:is|are|was|were|remains?)(?: still)? "
        r"(?:outstanding|missing|awaited|lacking|to follow)|"
        r"(?:is|are|was|were|has|have|had|does|do|did)(?: ever| yet)? ?(?:not|n't|"
        r"never) (?:been |be |ever )*(?:recorded|exist|occur\w*|found|present|seen|reported|"
        r"registered|there|any|appear\w*|known|noted|incurred|made|used|owned|paid)|(?:is|are|was|"
        r"were) (?:zero|nil|none|absent)|never (?:occurred|happened)|none\b)"
        r"|[\u4e00-\u9fff]{0,3}?(?:未能?|没有?|不)(?:获得?)?(?:通过|合格|达标|取得|办理|生效)"
        r"|(?:记录|情况|现象|次数|笔数)?(?:为零|为0|为无|从未|未曾|并无|尚无|不存在|(?:也|都)?没有(?=发生|出现|过?[，。；]|过?$)|一[次条笔](?:也|都)没有)(?:发生|出现|有|存在)?(?!超|高|低)",
        after,
        re.IGNORECASE,
    )
    return behind.group().strip() if behind else ""


_ANSWERED_NO = re.compile(r"\s*[:：]\s*(?:否|无|没有|未|no\b|none\b)", re.IGNORECASE)  # "个体登记：否"


def _claimed(reading: Reading, clause: Clause, mention: Token, told: bool, index: CaseIndex, label: str) -> bool:
    """Whether the clause says that what is mentioned is there."""
    text, language = reading.text[clause.start : clause.end], reading.language
    lexicon = index.lexicon
    if _ANSWERED_NO.match(reading.text, clause.end):
        return False
    if told or lexicon.sign(language, "open").search(reading.text) or lexicon.sign(language, "silent").search(text):
        return False
    if any(text[m.start() : m.start() + 2] not in label for m in lexicon.sign(language, "negation").finditer(text)):
        return False
    tokens = list(reading.within(clause.start, clause.end))
    before = reading.text[clause.start : mention.start]
    if _NOT_THERE_WORD.search(before):
        return False
    if _MANY[language].search(text):
        return True
    if language == "zh" and sum(f"h:{token.text}" in token.keys and token.text in label for token in tokens) > 1:
        return True  # the verb is part of the label: "社保缴纳"
    return bool(_BE_THERE[language].search(text))


def _another_is_absent(fact: CaseFact, index: CaseIndex, tokens: list[Token]) -> bool:
    """Whether a fact of nearly the same name is absent indeed: the denial may be said of that one."""
    scores = index.mentioned(tokens)
    own = scores.get(fact.id, 0.0)
    return any(
        other != fact.id and score >= 0.8 * own and state_of(index.by_id[other]) is False
        for other, score in scores.items()
    )


def _denied_value(reading: Reading, figures: Figures, clause: Clause, index: CaseIndex) -> Iterator[Problem]:
    """ "Does not work for Norrvind", "is not 47 %": the case's own value, denied."""
    text = reading.text
    match = _COPULA_NOT[reading.language].search(text, clause.start, clause.end)
    if match is None:
        return
    rest = text[match.end() : clause.end]
    if re.search(
        r"\b(?:but|only|because|than|until|before|above|below|exceed\w*|over|under|more|less)\b|超|高于|低于|以上|而是",
        rest,
        re.IGNORECASE,
    ):
        return
    held = _value_within(rest, index) or _figure_within(figures, match.end(), clause.end, index)
    if held is not None:
        yield Problem("negation", match.group().strip(), held.id, _said(held))


def _value_within(text: str, index: CaseIndex) -> CaseFact | None:
    """The fact whose text stands in ``text``."""
    for fact_id in index.values:
        value = str(index.by_id[fact_id].value)
        if as_yes_or_no(value) is None and len(value) > 2 and value.lower() in text.lower():
            return index.by_id[fact_id]
    return None


def _figure_within(figures: Figures, start: int, end: int, index: CaseIndex) -> CaseFact | None:
    """The fact whose value or date is the first exact figure of the stretch."""
    for quantity in figures.quantities:
        if start <= quantity.start < min(end, start + 26) and quantity.hedge == "exact" and quantity.kind:
            held = [c for c in index.candidates if quantity.value == c.value and not c.benchmark]
            if held:
                return held[0].fact
    for day in figures.days:
        if start <= day.start < end:
            return next((fact for fact, value in index.dates if day.fits(value)), None)
    return None


def _said(fact: CaseFact) -> str:
    return f"{fact.raw or fact.value}"
