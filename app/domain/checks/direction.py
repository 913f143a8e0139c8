"""Whether comparisons point the way the values do: against a limit, and between two facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.checks.casebook import CaseFact
from app.domain.checks.chinese import supposes
from app.domain.checks.fit import matches
from app.domain.checks.following import follows
from app.domain.checks.index import Candidate, CaseIndex, limit_words
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading, Token, keys_of
from app.domain.facts import Stance
from app.domain.sentences import Problem

_NEGATED = {
    "en": re.compile(
        r"\b(?:not|never|cannot|nor|neither|no longer|without|fails? to|failed to|nowhere|"
        r"nothing)\b[\w ]{0,16}$|n't\b[\w ]{0,16}$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:不|未|没有|并未|并非|未曾|从未|尚未|无法|不能)(?:有|会|曾|能|予|明显|显著|任何|过|一[次个条项])*$"
    ),
}
_HARMLESS = re.compile(
    r"^(?:over|within|under|behind|inside|outside|above|below|beneath|match|matches|passed)$", re.IGNORECASE
)
_DURATION = re.compile(
    r"\s*(?:the |a |an )?(?:whole |full |entire |last |past |next |same |agreed |"
    r"proposed )?(?:term|period|months?|years?|time|life|course|duration|"
    r"statements?|observation|review|policy period|window|loan|weeks?|days?|two|three|six|twelve|"
    r"\d+ (?:months?|years?|days?))",
    re.IGNORECASE,
)
_TEXT_PLACES = re.compile(
    r"\s*(?:the )?(?:table|list|heading|section|figures?|mentioned|named|stated|shown|described|"
    r"listed|it all|review)\b",
    re.IGNORECASE,
)
_BY_AFTER = re.compile(r"\s*(?:only |just |by )+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Comparison:
    start: int
    end: int
    word: str
    way: str  # above, not_above, below, not_below, equal, keeps, breaks


_OPPOSITE = {
    "above": "not_above",
    "not_above": "above",
    "below": "not_below",
    "not_below": "below",
    "keeps": "breaks",
    "breaks": "keeps",
    "equal": "unequal",
    "better": "worse",
    "worse": "better",
}
_NEAR = 14
_BEHIND = 3
_PURPOSE = re.compile(r"\b(?:would|need|must|have|has|should)\b.*\bto $", re.IGNORECASE)
_JUDGED = ("keeps", "breaks", "better", "worse")
_TURNED = {"above": "below", "below": "above", "not_above": "not_below", "not_below": "not_above"}


def judge_directions(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Comparisons that the values or the benchmarks belie; what a sentence only supposes may be anything."""
    if supposes(reading.text):
        return
    for comparison in _comparisons(reading, index):
        problem = _judge(reading, figures, comparison, index)
        if problem is not None:
            yield problem


def _comparisons(reading: Reading, index: CaseIndex) -> Iterator[_Comparison]:
    text, language, lexicon = reading.text, reading.language, index.lexicon
    taken = _named_spans(text.lower(), index)  # "left over" in a label compares nothing
    phrases = (t for t in reading.tokens if t.signs and " " in t.text)  # "below zero" compares nothing
    taken += [(t.start, t.end) for t in phrases if not limit_words(text[t.end : t.end + _NEAR])]
    flipped = [match.span() for match in lexicon.sign(language, "flipped").finditer(text)]
    found: list[_Comparison] = []
    for way in ("breaks", "not_above", "not_below", "above", "below", "equal", "keeps", "better", "worse"):
        for match in lexicon.sign(language, way).finditer(text):
            found.append(_Comparison(match.start(), match.end(), match.group(), way))
    found += [*_than(text), *_alike(text)] if language == "zh" else []
    for each in sorted(found, key=lambda c: (c.start - c.end, c.start)):
        if any(each.start < end and each.end > start for start, end in taken):
            continue
        taken.append((each.start, each.end))
        way = each.way
        if any(start <= each.start < end for start, end in flipped):
            way = _TURNED.get(way, "")
        before = re.split("[,;，；。]", text[max(0, each.start - 26) : each.start])[-1]
        if each.word.lower() == "up to" and re.search(r"\b(?:add|com|amount|sum|run|mount)\w* $", before):
            continue
        if _NEGATED[language].search(before):
            way = _OPPOSITE.get(way, "")
        if way:
            yield _Comparison(each.start, each.end, each.word, way)


_THAN = re.compile(
    r"(?P<word>比(?![例率重值]))[^，。；、,;]{1,14}?(?:要|还|更|略|稍|明显|显著|都|均|大大|远)*(?<!最)(?:(?P<above>[高多大长慢贵]|超出|高出)|(?P<below>[低少小短快弱]))"
    r"(?!于|过|[\u4e00-\u9fff]?(?:比|率|额|值))"
)


def _than(text: str) -> list[_Comparison]:
    """ "比均值低": what is compared with stands inside."""
    return [
        _Comparison(match.start(), match.end("word"), match.group(), "above" if match["above"] else "below")
        for match in _THAN.finditer(text)
    ]


_ALIKE = re.compile(
    r"(?P<word>[与和同跟])[^，。；、,;\d]{2,14}?(?:基本|大致|大体|完全|均|都|并)*"
    r"(?:(?P<apart>不一致|不相符|不符|不吻合|对不上|有出入|有差异|有差距)|相符|一致|吻合|持平|相同|对得上|没有出入|无出入|没有差异|无差异)"
)


def _alike(text: str) -> list[_Comparison]:
    """ "与流水相符": what it is held against stands inside."""
    return [
        _Comparison(match.start(), match.end("word"), match.group(), "unequal" if match["apart"] else "equal")
        for match in _ALIKE.finditer(text)
    ]


def _named_spans(text: str, index: CaseIndex) -> list[tuple[int, int]]:
    """Where labels of the case stand whole."""
    places = ((text.find(label), len(label)) for each in index.labels for label in {each, re.sub(r"\d", "□", each)})
    return [(at, at + length) for at, length in places if at >= 0]


def _judge(reading: Reading, figures: Figures, comparison: _Comparison, index: CaseIndex) -> Problem | None:
    text = reading.text
    if _compares_nothing(comparison, text) or _aims(text, figures, comparison):
        return None
    subject = _subject(reading, figures, comparison, index)
    if comparison.word in _TIMED and subject and subject[0].measure.kind == "time":
        comparison = replace(comparison, way=_TIMED[comparison.word])
    target = _next_quantity(figures, comparison, text)
    if target is not None and _tells_a_share(text, comparison, target):
        return None
    if subject and subject[0].benchmark and not limit_words(text[: comparison.start]):
        subject = [c for c in index.candidates if c.fact is subject[0].fact and not c.benchmark]  # named by its limit
    end = max(comparison.end, reading.clause_at(comparison.end - 1).end)
    if _names_benchmark(reading, comparison.end, end, subject, index):
        return _against_limit(comparison, subject, index, None)
    if target is not None and not target.by:
        limits = [c.fact.benchmark.value for c in subject if c.fact.benchmark]
        if follows(reading, figures, target, index):
            return None
        exact = target.hedge == "exact" or target.value in limits
        return _against_figure(reading, figures, comparison, subject, target, index) if exact else None
    other = _object(reading, comparison, end, index, subject)
    if other is not None and subject and other.fact.id not in {c.fact.id for c in subject} and not other.benchmark:
        alike = [c for c in subject if not c.benchmark and _comparable(c, other)]
        return _verdict(comparison, alike, other.value, other) if alike else None
    if comparison.way in _JUDGED and other is not None and other.fact.benchmark and not subject:
        subject = [c for c in index.candidates if c.fact is other.fact and not c.benchmark]
        return _against_limit(comparison, subject, index, None)  # "does not clear the test rate"
    told = _speaks_of_limit(reading, comparison, end) or (other is not None and other.benchmark)
    return _against_limit(comparison, subject, index, other) if told else None


_OF_SO_MUCH = re.compile(
    r"[^，。；、]{0,20}的(?:约|大约|近|将近)?(?:百分之)?[\d.一二三四五六七八九十]+(?:%|％|成|倍|分之)"
)


def _tells_a_share(text: str, comparison: _Comparison, target: Quantity) -> bool:
    """ "A little over half of the buffer", "相当于三个月的收入": how large a share or a multiple is said, no more."""
    if target.worded and 0 < target.value < 1 and target.start - comparison.end < 2:
        return True
    share = target.kind in ("percent", "times") or 0 < target.value < 1
    if share and text[: target.start].endswith(("的", "的约")):
        return True
    return target.kind != "money" and text[target.end :].lstrip("多来余月").startswith("的")


_TIMED = {"早于": "below", "晚于": "above", "快于": "below", "慢于": "above"}  # of spans


def _aims(text: str, figures: Figures, comparison: _Comparison) -> bool:
    """ "Would have to grow to satisfy the requirement", "by a fifth over the mortgage": an aim, or only how much."""
    if comparison.way in _JUDGED and _PURPOSE.search(text[: comparison.start]):
        return True
    return any(q.by and 0 <= comparison.start - q.end < _BEHIND for q in figures.quantities)


def _compares_nothing(comparison: _Comparison, text: str) -> bool:
    """ "Over the term", "under the heading"."""
    word, after = comparison.word.strip(), text[comparison.end :]
    spans = re.match("over|within|under|inside|behind", word, re.IGNORECASE) and _DURATION.match(after)
    harmless = _HARMLESS.match(word) and (spans or _TEXT_PLACES.match(after))
    return bool(harmless or _OF_SO_MUCH.match(text, comparison.end))


def _speaks_of_limit(reading: Reading, comparison: _Comparison, end: int) -> bool:
    """Whether the clause holds the compared thing against a limit, by whatever name."""
    text, stretch = reading.text, reading.text[comparison.end : end]
    if comparison.way in _JUDGED:
        held = re.search(
            "[限标足够]|合格|正常|及时|范围|区间|水平", comparison.word
        )  # "已超限": the limit is in the word
        return bool(held or limit_words(stretch) or limit_words(text[: comparison.start]))
    if limit_words(stretch):
        return True
    if reading.language == "zh" and limit_words(text[comparison.start : comparison.end + 6]):
        return True
    head = text[reading.clause_at(comparison.start).start : comparison.start]
    return bool(limit_words(head)) and not stretch.strip(" .。，,是的了")


def _names_benchmark(reading: Reading, start: int, end: int, subject: list[Candidate], index: CaseIndex) -> bool:
    """Whether the words after the comparison are those of the subject's own benchmark."""
    said = {key for token in reading.within(start, end) for key in token.keys}
    for candidate in subject:
        bench = candidate.fact.benchmark
        if bench is not None and not candidate.benchmark:
            words = [t for t in keys_of(bench.against, index.lexicon) if not t.plain or limit_words(t.text)]
            if words and sum(any(key in said for key in token.keys) for token in words) * 2 >= len(words):
                return True
    return False


def _subject(reading: Reading, figures: Figures, comparison: _Comparison, index: CaseIndex) -> list[Candidate]:
    """What is compared: the value told just before, else what the words before speak of, the best first."""
    side = reading.side(comparison.start)
    clause = reading.clause_at(comparison.start)
    for start in dict.fromkeys((clause.start, side.start, 0)):
        tokens = list(reading.within(start, comparison.start))
        scores = index.scores((token, 1 / (1 + (comparison.start - token.end) / 90)) for token in tokens)
        told = [q for q in figures.quantities if start <= q.start and q.end <= comparison.start]
        exact = [c for q in told[-1:] for c in index.candidates if q.kind in ("", c.measure.kind) and matches(q, c)]
        own = {c.fact.id for c in scores if not c.benchmark and scores[c] > 0.3}
        kept = (c for c in scores if scores[c] > 0.3 and not (c.benchmark and c.fact.id in own))
        ranked = sorted(kept, key=lambda c: -scores[c])
        good = [c for c in exact if scores.get(c, 0.0) > 0.12 or not ranked]
        if good:
            good.sort(key=lambda c: (-scores.get(c, 0.0), c.benchmark))
            return good[:1]
        if ranked:
            best = scores[ranked[0]]
            return [c for c in ranked if scores[c] >= 0.8 * best][:4]
    return []


def _next_quantity(figures: Figures, comparison: _Comparison, text: str) -> Quantity | None:
    """The figure compared with: the first after the word, with nothing but its name between."""
    if (
        comparison.word[0] in "比与和同跟" and len(comparison.word) > comparison.end - comparison.start
    ):  # what follows the word is by how much
        within = (q for q in figures.quantities if comparison.start < q.start < comparison.start + len(comparison.word))
        return next(within, None)
    for quantity in figures.quantities:
        between = text[comparison.end : quantity.start]
        if (
            quantity.start >= comparison.end
            and len(between) < 48
            and not re.search(r"[,;，；。]|\bby\b|\band\b|\d", between)
        ):
            return quantity
    return None


def _object(
    reading: Reading, comparison: _Comparison, end: int, index: CaseIndex, subject: list[Candidate]
) -> Candidate | None:
    """The fact or benchmark that the words after the comparison speak of."""
    tokens: list[Token] = list(reading.within(comparison.end, end))
    scores = index.scores((token, 1.0) for token in tokens)
    ranked = sorted(scores, key=lambda c: -scores[c])
    if not ranked or scores[ranked[0]] < 0.3:
        return None
    best = ranked[0]
    own = {c.fact.id for c in subject}
    ties = [c for c in ranked if scores[c] >= 0.95 * scores[best]]
    same = [c for c in ties if c.benchmark and c.fact.id in own]
    return same[0] if same else best


def _comparable(first: Candidate, second: Candidate) -> bool:
    one, two = first.measure, second.measure
    periods = {one.period.rstrip("?"), two.period.rstrip("?")} - {"", "none"}
    return one.kind == two.kind and one.unit == two.unit and len(periods) < 2


def _against_figure(
    reading: Reading,
    figures: Figures,
    comparison: _Comparison,
    subject: list[Candidate],
    target: Quantity,
    index: CaseIndex,
) -> Problem | None:
    held = [c for c in index.candidates if matches(target, c)]
    alike = [c for c in subject if target.kind in ("", c.measure.kind) and not (c in held and len(subject) > 1)]
    if not alike:
        return None
    first = alike[0]
    of_held = {c.fact.id for c in held}
    if comparison.way in ("not_below", "not_above", "equal") and any(c.fact.id in of_held for c in subject):
        return None
    if comparison.way in _JUDGED:
        return None
    if target.kind == "time" and target.unit != first.measure.unit:
        return None
    if len(target.values) > 1:
        value = min(target.values, key=lambda v: min((abs(v - c.value) for c in held), default=Decimal(0)))
    else:
        value = target.value
    return _verdict(comparison, alike[:1], value, first, target)


def _verdict(
    comparison: _Comparison, subject: list[Candidate], value: Decimal, other: Candidate, target: Quantity | None = None
) -> Problem | None:
    if any(_true(comparison.way, c.value, value) for c in subject):
        return None
    first = subject[0]
    sign = ">" if first.value > value else "<" if first.value < value else "="
    return Problem("contradicted_relation", comparison.word.strip(), first.fact.id, f"{first.value:f} {sign} {value:f}")


def _true(way: str, first: Decimal, second: Decimal) -> bool:
    match way:
        case "above":
            return first > second
        case "not_above":
            return first <= second
        case "below":
            return first < second
        case "not_below":
            return first >= second
        case "equal":
            return abs(first - second) <= abs(second) * Decimal("0.04")
        case "unequal":
            return first != second
    return True


def _against_limit(
    comparison: _Comparison, subject: list[Candidate], index: CaseIndex, other: Candidate | None
) -> Problem | None:
    """A fact against its own benchmark, by its values or by the relation that the case tells."""
    limited = [c for c in subject if c.fact.benchmark is not None and not c.benchmark]
    if not limited and other is not None and other.benchmark and not subject:
        limited = [c for c in index.candidates if c.fact is other.fact and not c.benchmark]
    turned = [c for c in subject if c.benchmark]
    way = comparison.way
    if not limited and turned:
        limited = [c for c in index.candidates if c.fact is turned[0].fact and not c.benchmark]
        way = way if _LIMIT_AHEAD.search(comparison.word) else _TURNED.get(way, way)
    if not limited:
        return None
    if any(_stands(way, c) is not False for c in limited):
        return None
    first = limited[0]
    bench = first.fact.benchmark
    assert bench is not None
    return Problem(
        "contradicted_relation", comparison.word.strip(), first.fact.id, f"{relation_of(first)} {bench.against}"
    )


_LIMIT_AHEAD = re.compile("[内下上]$")  # "在上限之内", "预警线以下": the limit stands before the word


def relation_of(candidate: Candidate) -> str:
    """How the value stands to its benchmark: above, below, equal, or nothing where nothing tells."""
    return stands_to(candidate.fact)


def stands_to(fact: CaseFact) -> str:
    """How a fact stands to its benchmark, by the values where both are numbers, else as the case tells."""
    bench, value = fact.benchmark, fact.value
    if bench is None:
        return ""
    if isinstance(bench.value, Decimal) and isinstance(value, Decimal):
        return "above" if value > bench.value else "below" if value < bench.value else "equal"
    if isinstance(bench.value, date):
        return bench.relation
    word = bench.relation.lower()
    if re.search(r"above|exceed|over|more|higher|greater|>|高|超", word):
        return "above"
    return "below" if re.search(r"below|under|within|less|lower|<|低", word) else "equal" if word else ""


_FLOOR = re.compile(
    r"\b(?:minimum|min|floor|at least|required|requirement|lowest)\b|最低|下限|至少|底线|不低于", re.IGNORECASE
)
_ROOF = re.compile(
    r"\b(?:maximum|max|ceiling|cap|limit|at most|highest|upper)\b|上限|最高|限额|不超过|红线|警戒", re.IGNORECASE
)


def _stands(way: str, candidate: Candidate) -> bool | None:
    relation = relation_of(candidate)
    if not relation:
        return None
    if way in _JUDGED:
        kept = _kept(candidate, relation)
        return None if kept is None else kept == (way in ("keeps", "better"))
    allowed = {
        "above": ("above",),
        "not_above": ("below", "equal"),
        "below": ("below",),
        "not_below": ("above", "equal"),
        "equal": ("equal",),
        "unequal": ("above", "below"),
    }[way]
    if way == "equal" and relation != "equal":
        bench = candidate.fact.benchmark
        assert bench is not None
        if isinstance(bench.value, Decimal) and _true("equal", candidate.value, bench.value):
            return True
        return _kept(candidate, relation) is True  # "in line with policy"
    return relation in allowed


def _kept(candidate: Candidate, relation: str) -> bool | None:
    """Whether the benchmark is kept to; by its name, else by the fact's stance."""
    bench = candidate.fact.benchmark
    assert bench is not None
    if _FLOOR.search(bench.against):
        return relation != "below"
    if _ROOF.search(bench.against):
        return relation != "above"
    if candidate.fact.stance is not Stance.NEUTRAL:
        return candidate.fact.stance is Stance.FAVOURABLE
    return None
