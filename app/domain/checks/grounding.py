"""Whether the case speaks at all of what a sentence speaks of: claims without a fact, names not in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.chinese import Spans, asks, is_titled, is_word_of, judge_matters, judge_names, supposes
from app.domain.checks.index import CaseIndex
from app.domain.checks.quantities import Figures
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.checks.stems import root
from app.domain.lexicon import INITIALISMS
from app.domain.sentences import Problem

_HAN = re.compile(r"[\u4e00-\u9fff]")
_TITLE = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)$")


def judge_grounding(reading: Reading, figures: Figures, index: CaseIndex, right: Spans = ()) -> Iterator[Problem]:
    """Names and matters that no text of the case holds; questions, advice and what is not known may hold any.

    ``right`` are the places of figures that were found to be those of facts.
    """
    lexicon, language, text = index.lexicon, reading.language, reading.text
    judging = _judging_spans(reading, index)
    taken = figures.spans + _values_within(reading, index)
    if language == "en":
        yield from _names(reading, figures, index, judging)
    else:
        loose = lexicon.sign(language, "question").search(text.strip()) or asks(text)
        beside = (
            [(0, len(text))]
            if loose
            else [(c.start, c.end) for c in reading.clauses if any(c.start <= at < c.end for at, _ in right)]
        )
        yield from judge_names(reading, taken, beside, index)
    if lexicon.sign(language, "question").search(text.strip()):
        return
    for clause in reading.clauses:
        if _is_open(reading, clause, index) or _WRITER.match(text, clause.start):
            continue
        if language == "zh":
            yield from judge_matters(reading, clause, taken, right, index)
        yield from _strangers(reading, clause, figures, index, judging, right)
        yield from _events(reading, clause, index, right)


_WRITER = re.compile(
    r"\W*(?:(?:and|but|so|here|below|above|now|first|then|finally)\W+)*(?:I|we) (?!know|have known|hear)", re.IGNORECASE
)


def _events(reading: Reading, clause: Clause, index: CaseIndex, right: Spans) -> Iterator[Problem]:
    """Plans, happenings and third parties in words that anybody may use, of which no text of the case tells."""
    beside_right = any(clause.start <= at < clause.end for at, _ in right)
    for match in index.lexicon.sign(reading.language, "events").finditer(reading.text, clause.start, clause.end):
        if match.group().lower() in index.corpus or (beside_right and not _AHEAD.search(match.group())):
            continue
        if is_titled(reading.text, match.start() - 1, index):
            continue  # "韦老板" of a case of 韦大海
        within = [t for t in reading.within(match.start(), match.end()) if len(t.text) > 1]
        if not any(any(key in index.vocabulary for key in t.keys if _is_telling(key, index)) for t in within):
            yield Problem("unsupported_claim", match.group())
            return


_AHEAD = re.compile(
    r"将|明年|后年|下个?月|计划|打算|准备|拟|预计|有望|愿|答应|承诺|另有|[亲友兄姐妹弟儿女岳公婆爷奶叔舅姑]|老板"
)


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
        or (language == "zh" and _ABOUT_ITSELF.match(reading.text))
        or (language == "zh" and (asks(reading.text) or supposes(reading.text)))
    )


_ABOUT_ITSELF = re.compile(
    "(?:以下|上述|以上|下文|上文|本节|本章|本报告|下面|前文|前述|所有|全部)"
    "(?:各?项|的)?(?:数据|资料|材料|内容|数字|意见|分析|结论|说明)?"
)


def _strangers(
    reading: Reading, clause: Clause, figures: Figures, index: CaseIndex, judging: list[tuple[int, int]], right: Spans
) -> Iterator[Problem]:
    """Words of a clause that neither the case holds nor anybody may use freely."""
    spans = figures.spans + _values_within(reading, index)
    if reading.language == "zh" and any(clause.start <= at < clause.end for at, _ in right):
        return
    unknown: list[Token] = []
    for token in reading.within(clause.start, clause.end):
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        if token.signs and not token.plain and not token.common and not grounded(token, index):
            yield Problem("unsupported_claim", token.text)
        elif not token.known and not grounded(token, index) and not _is_judging(token, judging, reading.language):
            unknown.append(token)
    if reading.language == "en":
        small = [token for token in unknown if _is_small(reading, token) and not _is_ordinary(token.text, index)]
        small = [token for token in small if not _is_premises(reading, token, index)]
        beside_right = any(clause.start <= at < clause.end for at, _ in right)
        for token in small[_SPARED if beside_right else 0 :]:
            yield Problem("unsupported_claim", token.text)


_SHORT = 4
_SPARED = 2  # things that may be told beside a figure that is right: "EUR 410 from pupils"


_PREFIX = re.compile(r"^(?:un|non|re|mis|dis|over|under|pre|sub|co|de|out|in)(?=\w{4})")


def _is_ordinary(word: str, index: CaseIndex) -> bool:
    """Whether a word tells of no thing, by itself or without its prefix: "kindly", "demerits", "overstate"."""
    lexicon, said = index.lexicon, word.lower()
    bare = _PREFIX.sub("", said)
    return (
        lexicon.is_ordinary(said)
        or (said.endswith("ly") and said not in _FAMILIES)
        or (bare != said and (lexicon.is_plain(bare) or lexicon.is_common(bare) or lexicon.is_ordinary(bare)))
    )


def _is_premises(reading: Reading, token: Token, index: CaseIndex) -> bool:
    """ "The studio", "her café": the business itself, by what it keeps."""
    sign = index.lexicon.sign("en", "premises")
    return bool(sign.fullmatch(token.text) and _DEFINITE.search(reading.text[: token.start]))


_DEFINITE = re.compile(r"\b(?:the|this|her|his|their|its|our)(?: \w+)? $", re.IGNORECASE)


def _is_small(reading: Reading, token: Token) -> bool:
    """Whether an English word is no name: in small letters, or large only because a sentence begins."""
    return not _HAN.search(token.text) and (
        token.text[0].islower() or (len(token.text) > 2 and _opens(reading.text, token))
    )


def _opens(text: str, token: Token) -> bool:
    before = text[: token.start].rstrip(" \"“'(")
    opening = not before or before.endswith((".", "!", "?", ":", "•", "-"))
    return opening and not re.match(r" (?:[A-Z][a-z]|\d)", text[token.end :])


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
    if len(token.text) > _SHORT and token.text.isascii() and root(token.text) in index.roots:
        return True
    pairs = [token.text[at : at + 2] for at in range(len(token.text) - 1)] if _HAN.search(token.text) else []
    return any(pair in index.corpus and pair not in _GENERIC_PAIRS for pair in pairs)


_GENERIC_PAIRS = frozenset(
    (
        "贷款",
        "借款",
        "收入",
        "账户",
        "信用",
        "公司",
        "企业",
        "申请",
        "金额",
        "余额",
        "年限",
        "时间",
        "情况",
        "支出",
        "客户",
    )
)


def _judging_spans(reading: Reading, index: CaseIndex) -> list[tuple[int, int]]:
    """Where words compare, judge, deny, round or fail another check: those are held elsewhere."""
    lexicon, language = index.lexicon, reading.language
    patterns = [lexicon.sign(language, name) for name in _SIGNS] + [lexicon.rule(language, name) for name in _RULES]
    return [match.span() for pattern in patterns for match in pattern.finditer(reading.text)]


_SIGNS = (
    *("favourable", "adverse", "above", "below", "not_above", "not_below", "equal", "keeps", "breaks", "negation"),
    *("better", "worse", "high", "low"),
    *("about", "little_below", "little_above", "more", "less", "silent", "open"),
)
_RULES = ("overclaim", "decision", "basis", "instruction")
_FAMILIES = frozenset({"family", "supply", "assembly", "anomaly", "ally", "reply"})


def _is_judging(token: Token, spans: list[tuple[int, int]], language: str) -> bool:
    if language == "en" and re.fullmatch(r"[a-z]+ly", token.text) and token.text.lower() not in _FAMILIES:
        return True
    return any(start <= token.start and token.end <= end for start, end in spans)


def _names(reading: Reading, figures: Figures, index: CaseIndex, judging: list[tuple[int, int]]) -> Iterator[Problem]:
    """Capitalised words of an English sentence that the case does not hold."""
    text, spans = reading.text, figures.spans
    for token in reading.tokens:
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        for match in re.finditer(r"[^\W\d_][\w'’]*", token.text):
            word = match.group()
            if _HAN.search(word) or not word[0].isupper():
                continue
            plain = re.sub(r"['’]s$", "", word)
            if plain in INITIALISMS or is_word_of(plain.lower(), index.corpus) or token.known or _TITLE.match(plain):
                continue
            if any(key in index.vocabulary for key in token.keys):
                continue
            if _opens(text, token):
                continue
            if not _is_judging(token, judging, reading.language):
                yield Problem("unsupported_name", word)
