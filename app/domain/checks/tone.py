"""Whether a sentence praises what speaks against the request, or blames what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.domain.checks.amounts import Judged
from app.domain.checks.index import CaseIndex
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.facts import Stance
from app.domain.sentences import Problem

_NOTHING = re.compile(r"\W*(?:nothing|none|neither|no)\b", re.IGNORECASE)
_REACH = {"en": 24, "zh": 4}
_LEAST = 0.4  # how clearly a clause must speak of a fact


def judge_tone(reading: Reading, index: CaseIndex, right: Sequence[Judged] = ()) -> Iterator[Problem]:
    """Clauses whose words take the other side than all facts and findings they speak of.

    ``right`` are the figures that were found to be those of facts, by which a clause may speak of them.
    """
    if index.lexicon.sign(reading.language, "question").search(reading.text.strip()):
        return
    spoken: frozenset[str] = frozenset()
    for clause in reading.clauses:
        words = list(evaluations(reading, clause, index))
        own = _facts(reading, clause, index) or _by_figure(clause, right, index)
        facts = own or spoken or _facts(reading, reading.side(clause.start), index)
        spoken = own or spoken
        if not words or index.lexicon.sign(reading.language, "open").search(reading.text, clause.start, clause.end):
            continue
        sides = {index.stances[fact] for fact in facts} - {Stance.NEUTRAL}
        if not sides:
            sides = _found(reading, clause, index)
        mixed = len({side for _, side, _ in words}) == 2
        words = [word for word in words if not _suits_neighbour(reading, clause, word, index)]
        words = _predicates(reading, words) if mixed and words else words
        said = {side for _, side, _ in words}
        if len(said) == 2:
            words = _predicates(reading, words)
            said = {side for _, side, _ in words}
        if not own and _WHOLE.match(reading.text, clause.start):
            continue  # a judgement of the request as a whole
        if not sides or not words:
            continue
        if len(sides) == 1 and len(said) == 1 and said != sides:
            fact = next((fact for fact in facts if index.stances[fact] in sides), None)
            yield Problem("stance", words[0][0], fact, next(iter(sides)).value)


_WHOLE = re.compile(
    r"\W*(?:but |and |while |so |yet |overall,? |all in all,? )?"
    r"(?:the|this) (?:request|application|case|proposal|picture|file|report)\b",
    re.IGNORECASE,
)


def _by_figure(clause: Clause, right: Sequence[Judged], index: CaseIndex) -> frozenset[str]:
    """The facts that the clause tells the figures of: "putting in 20 % is a red flag"."""
    told = [judged.facts for judged in right if clause.start <= judged.span[0] < clause.end]
    return frozenset(facts[0] for facts in told if len(facts) == 1 and facts[0] in index.by_id)


_REQUEST = re.compile(r"(?:case|request|application|proposal|file|deal)", re.IGNORECASE)
_DEFINITE = re.compile(r"\b(?:the|its|his|her|their|these|those) (?:\w+ly )?$", re.IGNORECASE)


def _is_of_another(reading: Reading, start: int, end: int, index: CaseIndex) -> bool:
    """Whether the word belongs to a thing that is no fact: "weigh more than the good reviews"."""
    behind = next((t for t in reading.within(end, len(reading.text)) if t.text[0].isalpha()), None)
    if behind is not None and _REQUEST.fullmatch(behind.text):
        return reading.text[end : behind.start] == " "
    if behind is None or behind.plain or not behind.text.isascii() or not _DEFINITE.search(reading.text[:start]):
        return False
    return reading.text[end : behind.start] == " " and not index.mentioned([behind])


def _suits_neighbour(reading: Reading, clause: Clause, word: tuple[str, Stance, int], index: CaseIndex) -> bool:
    """Whether the word is said of the fact named right behind it, and rightly: "offset by thin coverage"."""
    text, side, start = word
    end = start + len(text)
    behind = list(reading.within(end, min(clause.end, end + _NEXT)))[:2]
    return {index.stances[fact] for fact in _by_label(behind, index)} == {side}


_NEXT = 30


def evaluations(reading: Reading, clause: Clause, index: CaseIndex) -> Iterator[tuple[str, Stance, int]]:
    """Words of judgement with the side they take once denials are counted; names of facts are no judgement."""
    lexicon, text, language = index.lexicon, reading.text, reading.language
    taken: list[tuple[int, int]] = []
    named = [
        (t.start, t.end)
        for t in reading.within(clause.start, clause.end)
        if not t.plain and _names_a_fact(t.keys, index)
    ]
    found = []
    for name, side in (("adverse", Stance.ADVERSE), ("favourable", Stance.FAVOURABLE)):
        for match in lexicon.sign(language, name).finditer(text, clause.start, clause.end):
            found.append((match.start(), match.end(), side))
    longer = [(t.start, t.end) for t in reading.within(clause.start, clause.end) if len(t.text) > 2 and t.known]
    for start, end, side in sorted(found, key=lambda f: f[0] - f[1]):
        if any(s == start and end < e for s, e in longer):
            continue  # "安全垫" tells of no safety
        if any(start < e and end > s for s, e in (*taken, *named)):
            continue
        taken.append((start, end))
        if text[start:end].lower() in index.standing[side]:
            continue  # a word of a limit's name, or one that a finding says itself
        if re.search(
            r"\botherwise (?:\w+ )?$|(?:其他|其余|其它)(?:方面|各项|部分)?(?:均|都|尚)?$", text[:start], re.IGNORECASE
        ):
            continue
        if re.search(r"\bneither for nor $", text[:start]):
            continue
        if _is_of_another(reading, start, end, index):
            continue
        whole = _NOTHING.match(text, clause.start)  # "nothing in the file speaks against it"
        reach = clause.start if whole else max(clause.start, start - _REACH[language])
        before = re.split(r"[,;，；。]", text[reach:start])[-1]
        before = _SLIGHT.sub(
            "", _LACKED.sub("", before)
        )  # the lack is judged, not denied: "the absence of debts is troubling"
        denials = len(lexicon.sign(language, "negation").findall(before)) + bool(_NONE_OF.match(text, end))
        turned = Stance.FAVOURABLE if side is Stance.ADVERSE else Stance.ADVERSE
        yield text[start:end], turned if denials % 2 else side, start


_LACKED = re.compile(
    r"\b(?:(?:absence|lack) of|without|no|free (?:of|from)|lacking)\b"
    r".*\b(?=(?:is|are|was|were|seems?|looks?|remains?|makes?)\b)"
    r"|(?:没有|无|未|缺乏).*(?=是|令|使|属|构成)",
    re.IGNORECASE,
)


_SLIGHT = re.compile("不[小少低轻浅](?!于)")  # "不小的缺陷": a large one
_NONE_OF = re.compile(r"[\u4e00-\u9fff]{0,4}?(?:[都也均](?:没有?|无)|全无|为零|未见)")  # "不良记录都没有"


def _predicates(reading: Reading, words: list[tuple[str, Stance, int]]) -> list[tuple[str, Stance, int]]:
    """Of words on both sides those after the last verb: "the good score is worrying" worries."""
    last = max(start for _, _, start in words)
    verbs = [match.end() for match in _VERB.finditer(reading.text, 0, last)]
    return [word for word in words if verbs and word[2] >= verbs[-1]]


_VERB = re.compile(
    r"\b(?:is|are|was|were|seems?|appears?|looks?|remains?|makes?|gives?|constitutes?)\b|是|令|使|属|构成"
)


def _names_a_fact(keys: tuple[str, ...], index: CaseIndex) -> bool:
    return any(key in index.names for key in keys)


def _facts(reading: Reading, clause: Clause, index: CaseIndex) -> frozenset[str]:
    """The facts a clause speaks of clearly, by their names, their texts or their figures."""
    tokens = [t for t in reading.within(clause.start, clause.end) if not (t.plain and "c:requested" in t.keys)]
    spoken = {key for token in tokens for key in token.keys if not token.plain}
    by_value = frozenset(
        fact for fact, keys in index.values.items() if keys and sum(key in spoken for key in keys) * 2 > len(keys)
    )
    return by_value | _by_label(tokens, index)


def _found(reading: Reading, clause: Clause, index: CaseIndex) -> set[Stance]:
    """The stances of the findings that the clause speaks of, by two words or by an uncommon one."""
    said = {key for token in reading.within(clause.start, clause.end) for key in token.keys if _weighs(key, token)}
    shared = [(len(said & keys), stance) for keys, stance in index.finding_keys]
    best = max((count for count, _ in shared), default=0)
    found = [stance for count, stance in shared if count == best]
    if best == 0 or (best == 1 and len(found) > 1):
        return set()
    return set(found) - {Stance.NEUTRAL}


def _weighs(key: str, token: Token) -> bool:
    return key.startswith("c:") or (not token.plain and key[:2] in ("w:", "h:") and len(key) > 3)


def _by_label(tokens: list[Token], index: CaseIndex) -> frozenset[str]:
    scores = index.mentioned(tokens)
    best = max(scores.values(), default=0.0)
    if best < _LEAST:
        telling = (t for t in tokens if not t.plain or t.text.isascii() or t.keys[:1] == (f"b:{t.text}",))
        scores = index.mentioned(telling)
        top = [fact for fact, score in scores.items() if score >= 0.6 * best]
        return frozenset(top) if best >= 0.25 and len(top) <= 3 else frozenset()
    return frozenset(fact for fact, score in scores.items() if score >= max(_LEAST, 0.7 * best))
