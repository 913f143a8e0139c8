"""Whether the figures of a sentence are those of the facts it says them of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.checks.casebook import unit_names
from app.domain.checks.chinese import supposes
from app.domain.checks.derived import OF_INCOME, derives, reckons, tells_apart
from app.domain.checks.fit import SCALES, holds, matches, readings
from app.domain.checks.following import follows
from app.domain.checks.index import Candidate, CaseIndex, limit_words
from app.domain.checks.meta import tells_nothing
from app.domain.checks.operands import COINS
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading, Token, keys_of
from app.domain.sentences import Problem

_REACH = 70  # characters over which a word's hold on a figure fades
_AS_APT = 0.75  # of the score with one figure: from here on another figure tells the fact as aptly
_ALIGNED = 0.48  # of the best score: from here on a figure counts as said of the fact
_JOINT = re.compile(
    r"[,;，；、。]|\b(?:and|but|while|whereas|against|with|versus|than|which|over|at|of which|plus|"
    r"for a|after|or|to|from|compared|above|below|"
    r"exceed\w*|within|under)\b|[而但与和比]|高于|低于|超过|以及",
    re.IGNORECASE,
)
_STRONG_JOINT = re.compile(
    r"[;；。]|\b(?:but|while|whereas)\b|,? and (?:the|an?|his|her|their|its)\b|[,，]", re.IGNORECASE
)
_NAMED_BEHIND = re.compile("的(?!上限|下限|标准|要求|门槛|水平)[\u4e00-\u9fff]{2}")
_MULTIPLE = re.compile(r"times|multiple|ratio|factor|cover|倍|比率", re.IGNORECASE)
_LIMIT_BEFORE = re.compile(
    r"(?:limit|ceiling|cap|maximum|minimum|threshold|cut-?off|floor|benchmark|norm)s?(?: (?:of|is|"
    r"at|being|stands at|lies at|set at))?(?: about| only)?\s*$"
    r"|(?:上限|下限|门槛|标准|要求|红线|警戒线|准入线)(?:为|是|即|定为)?\s*$",
    re.IGNORECASE,
)
_BOTH, _TWO = 0.3, 2  # who names two facts reckons with them
_SUM_OF_MONEY = 100  # smaller numbers without a unit count something
_RARE = frozenset({"week", "fortnight", "day", "quarter"})  # periods that nobody means where nothing says so
_CURRENCY_OF_SIGN = {
    "$": {"USD", "HKD", "SGD", "AUD", "CAD", "TWD"},
    "¥": {"CNY", "JPY"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What is found of one figure: the facts it rests on, or what is wrong; where it stands."""

    facts: tuple[str, ...] = ()
    problem: Problem | None = None
    span: tuple[int, int] = (-1, -1)
    named: bool = True  # not met by the number alone


_NAMED = 0.12
_TELLING = 10  # smaller numbers stand in any sentence


def judge_amounts(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Judged]:
    """Each quantity of the sentence with its facts or its problem."""
    for quantity in figures.quantities:
        if not tells_nothing(reading, figures, quantity, index):
            yield replace(_judge(reading, figures, quantity, index), span=(quantity.start, quantity.end))


def _judge(reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex) -> Judged:
    judged = _hold(reading, figures, quantity, index)
    if judged.problem is None or quantity.kind:
        return judged
    earlier = [q for q in figures.quantities if q.end <= quantity.start and q.kind]
    if earlier and judged.problem.kind != "wrong_unit":  # "64 months, against a required 24"
        again = _hold(reading, figures, replace(quantity, kind=earlier[-1].kind, unit=earlier[-1].unit), index)
        return judged if again.problem else again
    return judged


def _hold(reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex) -> Judged:
    parts = index.parts(weighted_tokens(reading, figures, quantity))
    scores = {candidate: sum(held.values()) for candidate, held in parts.items()}
    alike = [c for c in index.candidates if _one_kind(quantity, c)]
    best = max((scores.get(c, 0.0) for c in alike), default=0.0)
    hits = [c for c in alike if matches(quantity, c)]
    if hits and not quantity.kind and (other := _other_unit(reading, quantity, hits, index)):
        return Judged((), Problem("wrong_unit", quantity.span, other.fact.id, shown(other)))
    if hits:
        hit = max(hits, key=lambda c: (scores.get(c, 0.0), not c.benchmark))
        own, best = _claims(reading, figures, quantity, index, scores, hit, alike)
        firm = (quantity.hedge == "exact" or own > 0) and not (own > 0 and _outdone(hit, hits, alike, parts))
        floor = _FAINT if _is_telling(quantity, hits) else _NAMED
        if (best <= floor or own >= _ALIGNED * best) and firm:
            wrong = _period_problem(quantity, [h for h in hits if scores.get(h, 0.0) >= own * 0.8], index)
            if wrong is None:
                return Judged((hit.fact.id,), named=own > _NAMED or abs(hit.value) >= _TELLING)
            if not _rescaled(quantity, alike, scores, best):
                return Judged((), wrong)
            return Judged((hit.fact.id,))
    if found := _worked_out(reading, figures, quantity, index, scores, alike):
        return Judged(found)
    return Judged((), _wrong(reading, quantity, index, alike, scores, best, hits))


def _is_telling(quantity: Quantity, hits: list[Candidate]) -> bool:
    """Whether an exact figure of three digits, or of two with a decimal, is one fact's alone.

    Such a figure stands where no other fact is named clearly.
    """
    digits = len(quantity.value.normalize().as_tuple().digits)
    telling = digits >= _DIGITS or (quantity.places > 0 and digits > 1)
    return bool(quantity.kind) and quantity.hedge == "exact" and telling and len(hits) == 1


_DIGITS = 3
_FAINT = 0.42  # how clearly another fact may be named


def _claims(
    reading: Reading,
    figures: Figures,
    quantity: Quantity,
    index: CaseIndex,
    scores: dict[Candidate, float],
    hit: Candidate,
    alike: list[Candidate],
) -> tuple[float, float]:
    """How well the words speak of what the figure hits, and of what they speak of best."""
    own, best = scores.get(hit, 0.0), max((scores.get(c, 0.0) for c in alike), default=0.0)
    if hit.benchmark:
        beside = any(c.fact is hit.fact and not c.benchmark for c in index.told_by(figures, quantity))
        if beside:  # "41 % of sales where rivals get by on 34 %"
            return max(own, best), best
        return (own if _speaks_of_limit(reading, index, hit) else 0.0), best
    # who names the limit of a fact beside the fact's own value names the fact
    own = max(own, *(0.9 * score for c, score in scores.items() if c.fact is hit.fact), 0.0)
    if best > own and not _LIMIT_BEFORE.search(reading.text[: quantity.start]):
        others = (scores.get(c, 0.0) for c in alike if c.fact is not hit.fact)
        best = max(own, max(others, default=0.0))  # the words may name it by its benchmark
    if own < _ALIGNED * best:
        return _beside_explained(reading, figures, quantity, index, scores, hit, alike)
    return own, best


def _beside_explained(
    reading: Reading,
    figures: Figures,
    quantity: Quantity,
    index: CaseIndex,
    scores: dict[Candidate, float],
    hit: Candidate,
    alike: list[Candidate],
) -> tuple[float, float]:
    """The scores of the hit and of the best rival, where rivals whose value another figure tells more aptly are none.

    "Of the 75 places approved by the office 71 are taken": the words between belong to the 75.
    """
    rivals = {c: scores.get(c, 0.0) for c in alike if c.fact is not hit.fact}
    for other in figures.quantities:
        apt = [c for c in rivals if matches(other, c)] if other is not quantity and other.hedge == "exact" else []
        if apt:
            theirs = index.scores(weighted_tokens(reading, figures, other))
            rivals = {c: s for c, s in rivals.items() if c not in apt or theirs.get(c, 0.0) < _AS_APT * s}
    return scores.get(hit, 0.0), max(rivals.values(), default=0.0)


def _worked_out(
    reading: Reading,
    figures: Figures,
    quantity: Quantity,
    index: CaseIndex,
    scores: dict[Candidate, float],
    alike: list[Candidate],
) -> tuple[str, ...]:
    """Ids of the facts that give the figure: by another period, by what the sentence says, or by any facts at all."""
    best = max((scores.get(c, 0.0) for c in alike), default=0.0)
    if rescaled := _rescaled(quantity, alike, scores, best):
        return (rescaled.fact.id,)
    if _labelled(reading, quantity, alike):
        return ()
    share = quantity.kind == "percent" or (quantity.worded and 0 < quantity.value < 1)
    of_all = bool(OF_INCOME.search(reading.text)) and not _tells_burden(reading, figures, index)
    apart = quantity.points or of_all or tells_apart(reading.text)
    if share and not apart and _is_named(scores) and not COINS.search(quantity.span):
        return ()
    if found := derives(reading, figures, quantity, index, scores, of_all=of_all):
        return found
    told = any(matches(quantity, c) for c in alike)
    plainly_said = len(figures.quantities) == 1 and reading.language == "en" and not reckons(reading.text)
    plainly_said = plainly_said and len({c.fact.id for c, score in scores.items() if score >= _BOTH}) < _TWO
    return () if told or plainly_said else follows(reading, figures, quantity, index)


def _tells_burden(reading: Reading, figures: Figures, index: CaseIndex) -> bool:
    """Whether instalments over income are spoken of where the case tells them, by name and not by an amount."""
    said = {key for token in reading.tokens for key in token.keys}
    held = any("c:dsr" in c.keys or {"c:instalment", "c:income"} <= set(c.keys) for c in index.candidates)
    return held and "c:instalment" in said and not any(q.kind == "money" for q in figures.quantities)


_FILL = re.compile(
    r"\s*(?:is|was|of|at|are|amounts? to|comes? to|stands? at)\s*(?:(?:about|roughly|nearly|[A-Z]{3}|[€$£¥])\s*)*"
    r"|\s*(?:[为是约共有达仅只近计：:在]|大约|将近|接近|大概|高达)*"
)
_FURTHER = re.compile(
    r"\s*(?:\w+ ){0,2}(?:points?|away|more|less|above|below|over|under|higher|lower|short|left|too)\b"
)


_COMPARED = re.compile(r"(?:低于|高于|超过|超出|少于|多于|大于|小于|比|than|below|above|by)\s?$")


def _labelled(reading: Reading, quantity: Quantity, alike: list[Candidate]) -> bool:
    """Whether the whole label of a fact stands right before the figure: then it is said of that fact."""
    text = reading.text.lower()
    for candidate in alike:
        if candidate.benchmark:
            continue
        for label in candidate.fact.label.lower().split(" | "):
            at = text.rfind(label, 0, quantity.start) if len(label) > 3 else -1
            filled = at >= 0 and _FILL.fullmatch(reading.text, at + len(label), quantity.start)
            if filled and not _COMPARED.search(text[:at]) and not _FURTHER.match(reading.text, quantity.end):
                return True
    return False


def _is_named(scores: dict[Candidate, float]) -> bool:
    """Whether the words name a share of the case far better than any amount: then no other is worked out."""
    shares = max((s for c, s in scores.items() if c.measure.kind == "percent" and not c.benchmark), default=0.0)
    others = max((s for c, s in scores.items() if c.measure.kind not in ("percent", "text")), default=0.0)
    return shares >= max(_CLEAR, 2 * others)


_CLEAR = 0.7


def _is_strange(word: str, index: CaseIndex) -> bool:
    """Whether an English word is known from nowhere."""
    lexicon = index.lexicon
    known = lexicon.is_plain(word) or lexicon.is_common(word) or lexicon.is_ordinary(word)
    return word.isascii() and word.islower() and not known and word not in index.corpus


def _other_unit(reading: Reading, quantity: Quantity, hits: list[Candidate], index: CaseIndex) -> Candidate | None:
    """The fact whose own unit is another than the word after the figure: acres for hectares."""
    after = re.match(r"\s?([A-Za-z²]+|[\u4e00-\u9fff]{1,4})", reading.text[quantity.end :])
    said = unit_names(after.group(1)) if after else frozenset()
    if after and not said and all(c.measure.kind == "money" for c in hits) and _is_strange(after.group(1), index):
        return hits[0]  # "8,000 dong"
    held = [(c, unit_names(c.fact.unit.strip())) for c in hits]
    if not said or any(unit == said or not unit for _, unit in held):
        return None
    return held[0][0]


_TARGET = re.compile(r"\b(?:(?:down|up|back) to|to (?:get|bring|lift|reach|meet|cut|raise))\b", re.IGNORECASE)


def _speaks_of_limit(reading: Reading, index: CaseIndex, hit: Candidate) -> bool:
    """Whether the sentence speaks of a limit at all, or compares."""
    signs = ("above", "below", "not_above", "not_below", "equal", "keeps", "breaks", "better", "worse")
    bench = hit.fact.benchmark
    tokens = keys_of(bench.against, index.lexicon) if bench else []
    named = [t.text.lower() for t in tokens if len(t.text) > 3 or (not t.text.isascii() and len(t.text) > 1)]
    return (
        bool(limit_words(reading.text) or _TARGET.search(reading.text))
        or any(word in reading.text.lower() for word in named)
        or any(index.lexicon.sign(reading.language, way).search(reading.text) for way in signs)
    )


def _outdone(
    hit: Candidate, hits: list[Candidate], alike: list[Candidate], parts: dict[Candidate, dict[str, float]]
) -> bool:
    """Whether the words name another fact in all they name of this one, and in more: "the second applicant's"."""
    own = parts.get(hit, {})
    for other in alike:
        if other in hits or other.benchmark != hit.benchmark:
            continue
        held = parts.get(other, {})
        more = sum(weight for key, weight in held.items() if key not in own and not key.startswith("b:"))
        less = sum(weight for key, weight in own.items() if key not in held)
        if more >= 0.26 and less < 0.1:
            return True
    return False


def _wrong(
    reading: Reading,
    quantity: Quantity,
    index: CaseIndex,
    alike: list[Candidate],
    scores: dict[Candidate, float],
    best: float,
    hits: list[Candidate],
) -> Problem | None:
    if _in_texts(quantity, index) or _supposed(reading, quantity):
        return None
    other = [c for c in index.candidates if c not in alike and _same_number(quantity, c) and scores.get(c, 0.0) > 0.12]
    if other:
        fact = max(other, key=lambda c: scores.get(c, 0.0))
        return Problem("wrong_unit", quantity.span, fact.fact.id, shown(fact))
    if best > 0.12:
        fact = max(alike, key=lambda c: (scores.get(c, 0.0), -_far(quantity, c)))
        near = [c for c in alike if scores.get(c, 0.0) >= 0.9 * best]
        fact = min(near, key=lambda c: _far(quantity, c)) if near else fact
        kind = "contradicted_relation" if quantity.hedge in ("more", "less") else "contradicted_figure"
        return Problem(kind, quantity.span, fact.fact.id, shown(fact))
    if hits and (quantity.hedge == "exact" or any(_close_to(quantity, c) for c in hits)):
        return None
    return Problem("unsupported_figure", quantity.span)


def shown(candidate: Candidate) -> str:
    """The value with its unit, as a problem expects it."""
    unit = candidate.measure.unit or {"percent": "percent"}.get(candidate.measure.kind, candidate.fact.unit)
    return f"{candidate.value:f} {unit}".strip()


def weighted_tokens(reading: Reading, figures: Figures, quantity: Quantity) -> Iterator[tuple[Token, float]]:
    """The words of the sentence with how much each may say what the figure is of."""
    text = reading.text
    spans = sorted((q.start, q.end) for q in figures.quantities)
    before = max((end for start, end in spans if end <= quantity.start), default=0)
    after = min((start for start, end in spans if start >= quantity.end), default=len(text))
    ahead, behind = text[quantity.end : after], text[before : quantity.start]
    stop = _JOINT.search(ahead)
    ends = quantity.end + (stop.start() if stop else len(ahead))
    cuts = [m.end() for m in _STRONG_JOINT.finditer(behind)]
    begins = before + (cuts[-1] if cuts else 0)
    side = reading.side(quantity.start)
    named = _NAMED_BEHIND.match(text, quantity.end)  # "2,230元的月供": what stands before is another's name
    for token in reading.tokens:
        if token.start < quantity.end and quantity.start < token.end <= quantity.end:
            continue
        if named and token.start < quantity.start and before:
            yield token, 0.05
        elif begins <= token.start < quantity.start:
            yield token, 1 / (1 + (quantity.start - token.end) / _REACH)
        elif quantity.start < token.start < quantity.end:
            yield token, 0.95  # "45 days late": the unit is part of the name
        elif quantity.end <= token.start < ends:
            hold = 0.95 if token.start - quantity.end < 14 else 0.8
            yield token, hold / (1 + (token.start - quantity.end) / _REACH)
        elif before <= token.start < quantity.start:
            yield token, 0.55 / (1 + (quantity.start - token.end) / _REACH)
        elif quantity.end <= token.start < after:
            yield token, (0.5 if after == len(text) else 0.2)
        elif side.start <= token.start < side.end:
            yield token, 0.18 if token.start < quantity.start else 0.06
        else:
            yield token, 0.05


def _one_kind(quantity: Quantity, candidate: Candidate) -> bool:
    kind, measure = quantity.kind, candidate.measure
    if measure.kind == "text":
        return False
    if kind == "" and quantity.worded and 0 < quantity.value < 1:
        return measure.kind == "percent"
    if kind == "" and measure.kind == "money" and max(quantity.values) < _SUM_OF_MONEY <= candidate.value:
        return False
    if kind == "":
        return not _counts_other(quantity, candidate)
    if kind == "money":
        return measure.kind == "money" and _one_currency(quantity, measure.unit)
    if kind == "time":
        return measure.kind == "time" or (measure.kind == "count" and _counts_time(quantity.unit, candidate))
    if kind == "times":
        return measure.kind == "times" or (measure.kind == "count" and bool(_MULTIPLE.search(candidate.fact.label)))
    return measure.kind == kind


_COUNTERS = (
    "次回趟遍",
    "人名位口",
    "辆台部架",
    "栋幢座间处",
    "家户间",
    "只羽头匹尾",
    "亩",
    "棵株",
    "起宗件桩条项次笔",
    "套",
    "吨",
    "斤",
    "升",
    "米",
)


_THINGS = frozenset({"辆台部架", "栋幢座间处", "只羽头匹尾", "亩", "棵株", "套", "吨", "斤", "升", "米"})


def _counts_other(quantity: Quantity, candidate: Candidate) -> bool:
    """Whether a figure counts other things than the fact does: "两栋" where two times are held."""
    if candidate.measure.kind != "count" or not quantity.counter:
        return False
    own = candidate.fact.unit.strip() if candidate.fact.unit.strip() in "".join(_COUNTERS) else ""
    own = own or candidate.fact.raw.strip()[-1:]
    said = [group for group in _COUNTERS if quantity.counter in group]
    held = [group for group in _COUNTERS if own and own in group]
    things = any(group in _THINGS for group in (*said, *held))
    return bool(said and held and things) and not set(said) & set(held)


def _counts_time(unit: str, candidate: Candidate) -> bool:
    """Whether a bare count counts months, days or years by its label."""
    words = {"months": r"month|月", "years": r"year|年", "days": r"day|天|日", "weeks": r"week|周"}[unit]
    return bool(re.search(words, candidate.fact.label, re.IGNORECASE))


def _one_currency(quantity: Quantity, currency: str) -> bool:
    if quantity.unit:
        return quantity.unit == currency
    sign = next((sign for sign in _CURRENCY_OF_SIGN if sign in quantity.span), None)
    return sign is None or currency in _CURRENCY_OF_SIGN[sign]


def _rescaled(
    quantity: Quantity, alike: list[Candidate], scores: dict[Candidate, float], best: float
) -> Candidate | None:
    """The value told by another period: a year's income where the fact is a month's."""
    if quantity.period not in SCALES or best <= 0:
        return None
    for candidate in alike:
        own = candidate.measure.period.rstrip("?")
        if own not in SCALES or own == quantity.period or scores.get(candidate, 0.0) < _ALIGNED * best:
            continue
        value = candidate.value * SCALES[quantity.period] / SCALES[own]
        if any(holds(quantity, said, value) for said in quantity.values):
            return candidate
    return None


def _period_problem(quantity: Quantity, hits: list[Candidate], index: CaseIndex) -> Problem | None:
    """A right figure by a wrong period, where none of the facts it fits is counted so."""
    if not quantity.period or quantity.kind == "time" or quantity.hedge in ("more", "less"):
        return None
    wrong = None
    for hit in hits:
        own = hit.measure.period
        if not own and hit.windows and _WINDOW_OF.get(quantity.period, hit.windows[0]) not in hit.windows:
            wrong = Problem("wrong_period", quantity.span, hit.fact.id, shown(hit))
            continue
        if not own and quantity.period in _RARE and hit.measure.kind == "money" and not hit.windows:
            wrong = Problem("wrong_period", quantity.span, hit.fact.id, shown(hit))
            continue
        if not own or own.rstrip("?") == quantity.period or (own.endswith("?") and hit.measure.kind == "percent"):
            return None
        if own == "none?" and hit.measure.kind != "money":
            return None
        expected = shown(hit) + ("" if own == "none?" else f" per {own.rstrip('?')}")
        wrong = Problem("wrong_period", quantity.span, hit.fact.id, expected)
    return wrong


_WINDOW_OF = {"month": Decimal(1), "quarter": Decimal(3), "half": Decimal(6), "year": Decimal(12)}


def _same_number(quantity: Quantity, candidate: Candidate) -> bool:
    return any(abs(said) == abs(candidate.value) for said in quantity.values)


def _in_texts(quantity: Quantity, index: CaseIndex) -> bool:
    """Whether the number stands in a note or a finding, with its unit."""
    return any(
        bool(set(told.values) & set(quantity.values))
        and (told.kind == quantity.kind or not quantity.kind or (told.kind == "" and quantity.kind == "time"))
        and (told.unit == quantity.unit or "" in (told.unit, quantity.unit))
        for told in index.numbers
    )


def _supposed(reading: Reading, quantity: Quantity) -> bool:
    """Whether the sentence, or the clause of the figure, only supposes."""
    clause = reading.clause_at(quantity.start)
    return supposes(reading.text) or supposes(reading.text[clause.start : clause.end].lstrip("，,、；"))


def _close_to(quantity: Quantity, candidate: Candidate) -> bool:
    """Whether a figure of two digits or more, said loosely, is that of a value hardly by chance."""
    near = (abs(said - value) <= abs(value) * Decimal("0.1") for said, value in readings(quantity, candidate))
    return candidate.value >= 10 and any(near)


def _far(quantity: Quantity, candidate: Candidate) -> Decimal:
    return min(abs(said - candidate.value) for said in quantity.values)
