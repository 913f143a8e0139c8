"""Whether the case speaks at all of what a sentence speaks of: claims without a fact, names not in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.index import CaseIndex
from app.domain.checks.quantities import Figures
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.lexicon import INITIALISMS
from app.domain.sentences import Problem

_HAN = re.compile(r"[\u4e00-\u9fff]")
_TITLE = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)$")


def judge_grounding(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Names and matters that no text of the case holds; questions, advice and what is not known may hold any."""
    lexicon, language, text = index.lexicon, reading.language, reading.text
    judging = _judging_spans(reading, index)
    yield from _names(reading, figures, index, judging)
    if lexicon.sign(language, "question").search(text.strip()):
        return
    for clause in reading.clauses:
        if _is_open(reading, clause, index):
            continue
        yield from _strangers(reading, clause, figures, index, judging)
        yield from _events(reading, clause, index)


def _events(reading: Reading, clause: Clause, index: CaseIndex) -> Iterator[Problem]:
    """Plans, happenings and third parties in words that anybody may use, of which no text of the case tells."""
    for match in index.lexicon.sign(reading.language, "events").finditer(reading.text, clause.start, clause.end):
        if match.group().lower() in index.corpus:
            continue
        within = [t for t in reading.within(match.start(), match.end()) if len(t.text) > 1]
        if not any(any(key in index.vocabulary for key in t.keys if _is_telling(key, index)) for t in within):
            yield Problem("unsupported_claim", match.group())
            return


def _is_telling(key: str, index: CaseIndex) -> bool:
    return key[:2] in ("c:", "h:") or (key.startswith("w:") and f"={key[2:]}" not in index.lexicon.plain["en"])


def _values_within(reading: Reading, index: CaseIndex) -> list[tuple[int, int]]:
    """Where texts of the case stand in the sentence."""
    text = reading.text.lower()
    places = ((text.find(value.lower()), len(value)) for value in index.texts)
    return [(at, at + length) for at, length in places if at >= 0]


def _is_open(reading: Reading, clause: Clause, index: CaseIndex) -> bool:
    lexicon, language = index.lexicon, reading.language
    return bool(
        lexicon.sign(language, "open").search(reading.text, clause.start, clause.end)
        or lexicon.sign(language, "silent").search(reading.text)
        or (clause.start == 0 and lexicon.sign(language, "open").match(reading.text))
    )


def _strangers(
    reading: Reading, clause: Clause, figures: Figures, index: CaseIndex, judging: list[tuple[int, int]]
) -> Iterator[Problem]:
    """Words of a clause that neither the case holds nor anybody may use freely."""
    spans = figures.spans + _values_within(reading, index)
    unknown: list[Token] = []
    for token in reading.within(clause.start, clause.end):
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        if token.signs and not token.plain and not token.common and not grounded(token, index):
            yield Problem("unsupported_claim", token.text)
        elif not token.known and not grounded(token, index) and not _is_judging(token, judging, reading.language):
            unknown.append(token)
    if reading.language == "en":
        told = sum(clause.start <= q.start < clause.end for q in figures.quantities)
        about = max(index.mentioned(reading.within(clause.start, clause.end)).values(), default=0.0) >= 0.5
        small = [token for token in unknown if token.text[0].islower() and not _HAN.search(token.text)]
        spared = 2 if told and about else 0
        for at, token in enumerate(small):
            if at < spared or (about and len(small) == 1 and _is_verb(reading, token)):
                continue
            yield Problem("unsupported_claim", token.text)
    else:
        yield from _unknown_runs(reading, unknown, index)


_BEFORE_NOUN = re.compile(
    r"\b(?:an?|the|his|her|their|its|this|that|no|any|some|of|for|with|in|on|by|from|to|own|new|"
    r"as|at|all|every|each|into|is|are|was|were|been|be|has|"
    r"have|had|and|or)$",
    re.IGNORECASE,
)


def _is_verb(reading: Reading, token: Token) -> bool:
    """Whether an unknown word stands as the verb of something known: "her pay lands in the account"."""
    before, after = reading.text[: token.start].rstrip(), reading.text[token.end :]
    return (
        bool(re.fullmatch(r"\w+(?:s|ed|t)", token.text))
        and bool(before)
        and not _BEFORE_NOUN.search(before)
        and bool(
            re.match(
                r" (?:to|from|by|at|in|on|the|an?|up|down|off|out|over|under|around|his|her|their|its|only|"
                r"just|\w+ly|no|well|far|as|with|\d)\b",
                after,
            )
        )
    )


def grounded(token: Token, index: CaseIndex) -> bool:
    """Whether the case speaks of it: by concept, by word, or by the very letters."""
    if any(key.startswith("w:un") and f"w:{key[4:]}" in index.vocabulary for key in token.keys):
        return True
    if any(f"w:un{key[2:]}" in index.vocabulary for key in token.keys if key.startswith("w:")):
        return True
    for name, _ in token.signs:
        if any(f"c:{each}" in index.vocabulary for each in (name, *index.lexicon.concepts[name].related)):
            return True
    if any(key in index.vocabulary for key in token.keys if key.startswith("w:") and len(key) > 4):
        words = [key for key in token.keys if key.startswith("w:")]
        if all(key in index.vocabulary or f"={key[2:]}" in index.lexicon.plain["en"] for key in words):
            return True
    return bool(_HAN.search(token.text)) and len(token.text) > 1 and token.text in index.corpus


def _judging_spans(reading: Reading, index: CaseIndex) -> list[tuple[int, int]]:
    """Where words compare, judge, deny, round or fail another check: those are held elsewhere."""
    lexicon, language = index.lexicon, reading.language
    patterns = [lexicon.sign(language, name) for name in _SIGNS] + [lexicon.rule(language, name) for name in _RULES]
    return [match.span() for pattern in patterns for match in pattern.finditer(reading.text)]


_SIGNS = (
    *("favourable", "adverse", "above", "below", "not_above", "not_below", "equal", "keeps", "breaks", "negation"),
    *("about", "little_below", "little_above", "more", "less", "silent", "open"),
)
_RULES = ("overclaim", "decision", "basis", "instruction")
_FAMILIES = frozenset({"family", "supply", "assembly", "anomaly", "ally", "reply"})


def _is_judging(token: Token, spans: list[tuple[int, int]], language: str) -> bool:
    if language == "en" and re.fullmatch(r"[a-z]+ly", token.text) and token.text.lower() not in _FAMILIES:
        return True
    return any(start <= token.start and token.end <= end for start, end in spans)


def _unknown_runs(reading: Reading, unknown: list[Token], index: CaseIndex) -> Iterator[Problem]:
    """In Chinese: runs of two or more single signs that no word covers, one of them unknown at least."""
    strange = {token.start for token in unknown if _HAN.search(token.text)}
    run: list[Token] = []
    for token in [*reading.tokens, None]:
        if token is not None and (not token.keys or token.keys[0][:2] in ("b:", "t:", "y:", "n:")) and not token.text:
            continue
        if token is not None and token.keys[:1] and token.keys[0][:2] == "b:":
            continue
        single = (
            token is not None
            and len(token.text) == 1
            and bool(_HAN.search(token.text))
            and token.text not in _PARTICLES
        )
        if token is not None and single and (not run or run[-1].end == token.start):
            run.append(token)
            continue
        odd = [at for at, each in enumerate(run) if each.start in strange]
        text = "".join(each.text for each in run[odd[0] : odd[-1] + 1]) if odd else ""
        if len(odd) > 1 and text not in index.corpus:
            yield Problem("unsupported_claim", text)
        run = [token] if token is not None and single else []


_ROLE = re.compile(r"(?:申请人|借款人|客户|经营者|当事人|联系人|姓名)(?:为|是|名为|叫|：|:)?([\u4e00-\u9fff]{2,3})")
_BODY = re.compile(r"([\u4e00-\u9fff]{2,10}?)(银行|公司|医院|大学|中学|小学|集团|事务所)")
_BEFORE_BODY = re.compile(r".*[为是在由于与和向从到被的该本贵我经家以及给]")
_COMMON_BODIES = re.compile(
    r"(?:商业|其他|某|开户|往来|合作|贷款|多家|几家|各家|[一二三四五六两]家|任何|有限|股份|责任|开户行|工资)$"
)


def _chinese_names(text: str, index: CaseIndex) -> Iterator[Problem]:
    """Persons of another given name than the case's, and bodies it does not name."""
    for match in _ROLE.finditer(text):
        said = match.group(1)
        for name in index.texts:
            if (
                2 <= len(name) <= 4
                and name[0] == said[0]
                and not said.startswith(name[:3])
                and name not in text
                and said not in index.corpus
            ):
                yield Problem("unsupported_name", said)
    for match in _BODY.finditer(text):
        said = _BEFORE_BODY.sub("", match.group(1))
        if len(said) > 1 and said not in index.corpus and not _COMMON_BODIES.search(said):
            yield Problem("unsupported_name", said + match.group(2))


_PARTICLES = frozenset(
    "的地得了着过是在有和与及或而但则就也还又再都均皆只仅不未没无为对其该此这那被把由于至到从以及之每各约比较更最很已将会能可"
)


def _names(reading: Reading, figures: Figures, index: CaseIndex, judging: list[tuple[int, int]]) -> Iterator[Problem]:
    """Capitalised words that the case does not hold; in Chinese any Latin word."""
    text, spans = reading.text, figures.spans
    yield from _chinese_names(text, index)
    for token in reading.tokens:
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        for match in re.finditer(r"[^\W\d_][\w'’]*", token.text):
            word = match.group()
            if _HAN.search(word) or not word[0].isupper():
                continue
            plain = re.sub(r"['’]s$", "", word)
            if plain in INITIALISMS or plain.lower() in index.corpus or token.known or _TITLE.match(plain):
                continue
            if any(key in index.vocabulary for key in token.keys):
                continue
            before = text[: token.start].rstrip(" \"“'(")
            opening = not before or before.endswith((".", "!", "?", ":", "•", "-"))
            if opening and not re.match(r" (?:[A-Z][a-z]|\d)", text[token.end :]) and reading.language == "en":
                if _is_judging(token, judging, reading.language) or plain.lower().endswith(("ing", "ed")):
                    continue
                yield Problem("unsupported_claim", word)
                continue
            if not _is_judging(token, judging, reading.language):
                yield Problem("unsupported_name", word)
