"""Whether a sentence takes the other side than a finding or a note of the case: verified or not, stable or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.checks.casebook import as_yes_or_no
from app.domain.checks.index import CaseIndex
from app.domain.checks.presence import is_cut_short, state_of
from app.domain.checks.reading import Clause, Reading, Token, read
from app.domain.facts import Stance
from app.domain.sentences import Problem

_REACH = {"en": 34, "zh": 6}
_OTHER = {
    "en": re.compile(
        r"\b(?:nobody|no one|not|no|never|without|cannot|hardly|neither|nor|lacks?|lacking|fails? to|failed to|"
        r"nothing|none|yet to|"
        r"far from|anything but|absence of|lack of|little)\b|n't\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "不(?!仅|但|断|间断|稳|规律|一致|符|足|相|利)|未(?!来)|没有|没|无(?!忧)|并非|尚无|缺乏|难以|从未|毫无"
    ),
}
_SMALL = re.compile(
    r"(?:幅度|程度)?(?:不大|较小|很小|极小|不明显|轻微|有限| is (?:small|slight|minor|negligible|low)\b)"
)
_NONE = re.compile(
    r"\b(?:come|is|are|was|were|stand|amount|number)s?(?: at| to)? (?:0|zero|nil|none)\b(?![.,]\d)"
    r"|为(?:0|零|无)(?![.\d])"
)
_COLON_NO = re.compile(r"[^.;,，；。]*[:：]\s*(?:no|none|nil|not|never|0|无|否|没有|未)\b")  # "Consent: no"
_ATTRIBUTE = re.compile(r"\w+ed$", re.IGNORECASE)
_COPULA = re.compile(
    r"(?:\b(?:is|are|was|were|be|been|being|has|have|had|not|never|n't|remains?|fully|partly|well|"
    r"yet|by|get|gets|un\w+)\s*(?:\w+ly\s*)?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One word as a text of the case says it, affirmed or denied."""

    key: str
    side: int
    topics: frozenset[str]
    facts: tuple[str, ...]
    text: str


def _compares(reading: Reading, clause: Clause, index: CaseIndex) -> bool:
    return any(
        index.lexicon.sign(reading.language, way).search(reading.text, clause.start, clause.end)
        for way in ("above", "below", "not_above", "not_below")
    )


def _sides(
    reading: Reading, clause: Clause, index: CaseIndex, names: frozenset[str]
) -> Iterator[tuple[str, int, Token]]:
    """Keys of a clause with the side it takes once denials and contraries are counted."""
    compares = _compares(reading, clause, index) or _denies_a_contrary(reading, clause, names)
    contraries = [
        (t.start, t.end) for t in reading.tokens if not t.text.isascii() and any(s < 0 for _, s in t.signs)
    ]  # "未申报"
    used: set[int] = set()  # denials that have denied a word
    last = -1  # where the word before ended, that one denied: "no crop insurance" denies both
    for token in reading.within(clause.start, clause.end):
        opposed = [(f"c:{name}", sign) for name, sign in token.signs if name in names]
        if opposed and _is_attribute(reading, token):
            continue
        start = max(clause.start, token.start - _REACH[reading.language])
        found = _OTHER[reading.language].finditer(reading.text, start, token.start)
        denials = [m for m in found if not any(a <= m.start() < b for a, b in contraries)]
        chinese = reading.language == "zh"
        own_denials = [
            m.start() for m in denials if not chinese or _CARRIES.fullmatch(reading.text, m.end(), token.start)
        ]
        nothing = _NONE.search(reading.text, token.end) or _COLON_NO.match(reading.text, token.end)
        small = bool(_SMALL.match(reading.text, token.end) or nothing)
        turn = -1 if (len(denials) + small) % 2 else 1
        yield from ((key, sign * turn, token) for key, sign in opposed if not (key == "c:stable" and compares))
        if opposed or compares:
            continue
        own = [key for key in token.keys if _says(key)]
        fresh = [at for at in own_denials if at not in used or token.start - last == 1]
        # "do not depend on one": only the first word is denied
        if own:
            if fresh and not token.plain:
                used |= set(fresh)
                last = token.end
            none = bool(_NONE.search(reading.text, token.end) or _COLON_NO.match(reading.text, token.end))
            yield from ((key, -1 if (len(fresh) + none) % 2 else 1, token) for key in own)


_CARRIES = re.compile(
    "(?:[\u4e00-\u9fff]过|有|能|曾|予|会|经|获|得到|得|被|再|必|任何|一|过|完全|足够|出现|发生|存在|办理|提供|进行|作|做|的)*"
)  # a denial


def _denies_a_contrary(reading: Reading, clause: Clause, names: frozenset[str]) -> bool:
    """Whether a denial of the clause is said of a word with a contrary: "not backed by the statements"."""
    first = _OTHER[reading.language].search(reading.text, clause.start, clause.end)
    return first is not None and any(
        name in names for token in reading.within(first.end(), clause.end) for name, _ in token.signs
    )


def _says(key: str) -> bool:
    """Whether a word says something that may be denied: no number, no stray sign, no word that is always there."""
    return key not in _EMPTY and ((key[:2] in ("w:", "c:") and len(key) > 4) or (key.startswith("h:") and len(key) > 3))


_EMPTY = frozenset(
    [
        "w:been",
        "w:have",
        "w:with",
        "w:that",
        "w:this",
        "w:from",
        "w:which",
        "w:their",
        "w:there",
        "w:were",
        "w:than",
        "w:only",
        "w:also",
        "w:into",
        "w:over",
        "w:more",
        "w:less",
        "w:applicant",
        "w:last",
        "w:past",
        "w:year",
        "w:month",
        "w:income",
        "w:amount",
        "w:number",
        "w:file",
        "w:case",
        "w:loan",
        "w:request",
        "w:used",
        "w:paid",
        "w:payment",
        "w:document",
        "c:income",
        "w:fact",
        "w:form",
        "w:limit",
        "w:policy",
        "w:made",
        "w:shown",
        "w:show",
        "w:not",
        "w:and",
        "w:for",
        "w:the",
        "w:has",
        "w:are",
        "w:was",
        "w:had",
        "w:any",
        "w:all",
        "w:but",
        "w:does",
        "w:can",
        "c:requested",
        "c:employer",
        "h:没有",
        "h:尚未",
        "h:并未",
        "h:申请",
        "h:贷款",
        "h:收入",
        "h:申请人",
        "h:借款人",
        "h:已经",
        "h:并非",
        "h:不足",
        "h:未能",
        "h:得到",
        "h:情况",
        "h:企业",
        "h:本行",
        "h:不会",
        "h:不能",
    ]
)


def _is_attribute(reading: Reading, token: Token) -> bool:
    """ "The documented income": it names which, it does not say that it is."""
    if not _ATTRIBUTE.fullmatch(token.text.split()[0]):
        return False
    before, after = reading.text[: token.start], reading.text[token.end :]
    if re.search(r"\bas $", before):
        return True
    return (
        not _COPULA.search(before)
        and bool(re.match(r" [a-z]+\b", after))
        and not re.match(
            r" (?:by|in|on|with|to|for|as|at|and|or|that|from|since|over|through|than|against|when|after|"
            r"during|until|between)\b",
            after,
        )
    )


class Sources:
    """What the case's own texts say, affirmed or denied, and of which facts."""

    def __init__(self, index: CaseIndex) -> None:
        self.names = frozenset(
            name for name, concept in index.lexicon.concepts.items() if any(words for words in concept.opposed.values())
        )
        self.said: dict[str, list[Said]] = {}
        for reading, _, facts, code in index.findings:
            self._learn(reading, index, facts, code)
            self._learn_code(code, reading, index, facts)
        for fact in index.case.facts:
            if (
                fact.stance is Stance.ADVERSE
                and fact.value not in (0, False)
                and as_yes_or_no(str(fact.value)) is not False
            ):
                self._learn(read(fact.label, index.lexicon, index.case.language), index, (fact.id,))
            for text in (fact.note, fact.value if isinstance(fact.value, str) else ""):
                if text and (text == fact.note or as_yes_or_no(text) is None):
                    self._learn(read(f"{fact.label}: {text}", index.lexicon, index.case.language), index, (fact.id,))

    def _learn_code(self, code: str, reading: Reading, index: CaseIndex, facts: tuple[str, ...]) -> None:
        """What the name of a finding says in words that have a contrary: "income.regular"."""
        named = read(re.sub(r"[._]", " ", code), index.lexicon, "en")
        topics = self.topics([*named.tokens, *reading.tokens])
        for key, side, _ in _sides(named, named.clauses[-1], index, self.names):
            if key[2:] in self.names:
                self.said.setdefault(key, []).append(Said(key, side, topics, facts, reading.text))

    def _learn(self, reading: Reading, index: CaseIndex, facts: tuple[str, ...], code: str = "") -> None:
        named = read(re.sub(r"[._]", " ", code), index.lexicon, "en").tokens if code else ()
        topics = self.topics([*named, *reading.tokens])
        for clause in reading.clauses:
            for key, side, _ in _sides(reading, clause, index, self.names):
                self.said.setdefault(key, []).append(Said(key, side, topics, facts, reading.text))

    def topics(self, tokens: Iterable[Token]) -> frozenset[str]:
        """What a text is about: its concepts and uncommon words, those with a contrary left out."""
        return frozenset(
            key
            for token in tokens
            for key in token.keys
            if key not in _EMPTY
            and not (key.startswith("c:") and key[2:] in self.names)
            and (key.startswith("c:") or (key[:2] in ("w:", "h:") and len(key) > 3))
        )


_PART = re.compile(r"[\d一二三四五六七八九十](?:成|%|％)|分之[一二三四五六七八九]")


def judge_sides(reading: Reading, index: CaseIndex, sources: Sources) -> Iterator[Problem]:
    """Clauses that take the other side than every text of the case does on the same matter."""
    lexicon = index.lexicon
    if lexicon.sign(reading.language, "question").search(reading.text.strip()):
        return
    whole = sources.topics(reading.tokens)
    for clause in reading.clauses:
        within = (reading.text, clause.start, clause.end)
        asks = any(lexicon.sign(reading.language, name).search(*within) for name in ("silent", "open"))
        if asks or is_cut_short(reading, clause):
            continue
        if _PART.search(reading.text, clause.start, clause.end):
            continue  # "近八成茶园未遭霜冻": of a part the contrary may hold
        here = sources.topics(tuple(reading.within(clause.start, clause.end))) or whole
        none = _absent(reading, clause, index)
        for key, side, token in _sides(reading, clause, index, sources.names):
            if side < 0 and none & set(token.keys):
                continue  # "no overdue amount": one fact says so
            about = [
                said
                for said in sources.said.get(key, ())
                if not said.facts or _on_one_matter(said.topics, here, {key, *token.keys})
            ]
            if not about and key[2:] in sources.names:
                about = [said for said in sources.said.get(key, ()) if said.topics & whole]
            if about and all(said.side != side for said in about):
                fact = next((fact for fact in about[0].facts if fact in index.by_id), None)
                yield Problem("contradicted_finding", token.text, fact, about[0].text)
                return


def _absent(reading: Reading, clause: Clause, index: CaseIndex) -> set[str]:
    """Keys of the facts the clause names that say of something that it is not there."""
    named = index.mentioned(reading.within(clause.start, clause.end))
    best = max(named.values(), default=0.0)
    clear = (fact for fact, score in named.items() if score >= max(0.5, 0.7 * best))
    return {key for fact in clear if state_of(index.by_id[fact]) is False for key in index.fact_keys[fact]}


def judge_trends(reading: Reading, index: CaseIndex) -> Iterator[Problem]:
    """Rises and falls that the figures of two years belie."""
    if not index.trends or index.lexicon.sign(reading.language, "question").search(reading.text.strip()):
        return
    for clause in reading.clauses:
        spoken = {key for token in reading.within(clause.start, clause.end) for key in token.keys if not token.plain}
        for key, side, token in _sides(reading, clause, index, frozenset({"increase"})):
            if key != "c:increase":
                continue
            for later, earlier in index.trends:
                named = {key for key in set(later.keys) & set(earlier.keys) if key[:2] in ("c:", "h:")} & spoken
                if named and (later.value > earlier.value) != (side > 0) and later.value != earlier.value:
                    expected = f"{later.value:f} after {earlier.value:f}"
                    yield Problem("contradicted_relation", token.text, later.fact.id, expected)
                    return


def _on_one_matter(first: frozenset[str], second: frozenset[str], apart_from: set[str]) -> bool:
    """Whether two texts share a topic, or one of them names none."""
    one, two = first - apart_from, second - apart_from
    return not one or not two or bool(one & two)
