"""Numbers that tell nothing of the case: counts of what is said, and parts of names."""

from __future__ import annotations

import re

from app.domain.checks.index import CaseIndex, limit_words
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading

_HALVES = frozenset({"参半", "喜忧参半", "各半", "过半"})
_CLEAR = 0.7  # how clearly a fact must be named
_META = re.compile(
    r"\s?(?:figures?|facts?|points?(?! \d)|documents?|reasons?|sources?|items?|amounts?|values?|"
    r"findings?|conditions?|sections?|aspects?|things?|"
    r"factors?|questions?|respects?|sides?|parts?|cases?|elements?|numbers?|ratios?|measures?|"
    r"matters?|steps?|ways?|counts|of them|of these|of those|"
    r"are|both|of (?:these|those|them|the)|pieces?|strengths?|weaknesses?|tests?|criteria|limits?|"
    r"remarks?|requirements?|"
    r"indicators?|considerations?|concerns?|(?:loose )?ends|issues|caveats|"
    r"worries|hurdles|snags|gaps|doubts|"
    r"reservations|drawbacks|advantages|themes|threads|headings|sentences|words|paragraphs|pages|"
    r"(?:most recent|latest|newest) \w+)\b"
    r"|(?:个|项|点|者|方面|条|类|种|份材料|个数字|项数据|个指标|处|位|人|笔贷款|份材料|边|头|大|种|个方面|个因素|个问题|个原因|个角度)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\W*$|[.,;:]| (?:of|for|that|which|in|is|was|as|on|and|another|to|by|from|with)\b")
_TOLD_BEFORE = re.compile(r"\b(?:these|those|the|all|both|other|any) $", re.IGNORECASE)
_YEAR_OF = re.compile(r"\b(?:FY|CY|Q|H|fiscal |financial year )'?$")  # "FY2025"


_SCOPE = re.compile("(?:的(?=[\u4e00-\u9fff]{2})|合计|累计|总共|共计?|加起来|一共|里|来|下来|平均|相加|加总)")


def tells_nothing(reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex) -> bool:
    """ "The two figures", "three points", "applicant 1": a count of what is said, or a name, not what is the case."""
    if _YEAR_OF.search(reading.text[: quantity.start]) or _in_phrase(reading, quantity):
        return True
    if quantity.kind == "time" and _SCOPE.match(reading.text, quantity.end):
        return True  # "两年合计": over how long, no value
    if quantity.kind == "time" and quantity.worded and _TOLD_BEFORE.search(reading.text[: quantity.start]):
        return True  # "of the two years under review"
    if quantity.kind == "time" and _in_label(reading, figures, quantity, index):
        return True
    if _in_name(reading, quantity, index) or (quantity.worded and _counts_facts(reading, quantity, index)):
        return True
    is_one = quantity.worded and quantity.value == 1
    if is_one and (quantity.kind == "time" or (not quantity.kind and _alone(reading, quantity, index))):
        return True  # "in a year", "一年": a period
    if quantity.kind or not quantity.worded or quantity.value > 12 or quantity.value % 1:
        return False
    return _counts_words(reading.text, quantity)


def _counts_words(text: str, quantity: Quantity) -> bool:
    """Whether a small number in words counts what the report says: "the two", "three points"."""
    if quantity.value == 1 and _PRONOUN.match(text[quantity.end :]):
        return True
    if re.search(r"(?:有|为|是)$", text[: quantity.start]) and limit_words(text[quantity.end : quantity.end + 2]):
        return False
    return (
        bool(_META.match(text, quantity.end))
        or bool(_TOLD_BEFORE.search(text[: quantity.start]))
        or text[quantity.end : quantity.end + 4].lower().startswith(("者", "方"))
    )


def _in_name(reading: Reading, quantity: Quantity, index: CaseIndex) -> bool:
    """Whether the number belongs to the word before it: "applicant 1"."""
    name = re.search(r"(\w+) $", reading.text[: quantity.start])
    if quantity.kind or name is None or max(quantity.values) >= 20:
        return False
    return f"{name.group(1)} {quantity.span}".lower() in index.corpus


def _in_phrase(reading: Reading, quantity: Quantity) -> bool:
    """Whether the number is part of a phrase that names something: "below zero"."""
    return any(
        (token.signs or token.text in _HALVES) and token.start < quantity.start and quantity.end <= token.end
        for token in reading.tokens
    )


def _in_label(reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex) -> bool:
    """Whether a span of time is part of the name of a fact that the sentence tells: "over 60 days" beside 9,800."""
    if any(quantity.span in label and label in reading.text.lower() for label in index.labels):
        return True  # "半年内换工作"
    told = {c.fact.id for c in index.told_by(figures, quantity)}
    told |= {fact for fact, score in index.mentioned(reading.tokens).items() if score >= _CLEAR}
    lasting = reading.text[: quantity.start].endswith("for ")  # "overdrawn for six months": how long, not over what
    windows = {(c.fact.id, months) for c in index.candidates for months in c.windows}
    return any(
        (quantity.unit, quantity.value) in index.spans_in_labels.get(fact, ())
        or (quantity.unit == "months" and (fact, quantity.value) in windows and not lasting)
        for fact in told
    )


def _counts_facts(reading: Reading, quantity: Quantity, index: CaseIndex) -> bool:
    """Whether the number counts facts of the case: "her two pensions"."""
    after = next((t for t in reading.tokens if t.start >= quantity.end and t.text.strip()), None)
    if after is None or quantity.kind or reading.text[quantity.end : after.start].strip():
        return False
    telling = [key for key in after.keys if key.startswith("c:") or not (after.plain or after.signs)]
    named = max((sum(key in keys for keys in index.fact_keys.values()) for key in telling), default=0)
    return named == quantity.value and named > 1


def _alone(reading: Reading, quantity: Quantity, index: CaseIndex) -> bool:
    """Whether "one" counts nothing that the case counts: "for one applicant"."""
    near = list(reading.within(quantity.end, min(len(reading.text), quantity.end + 40)))
    scores = index.scores((token, 1.0) for token in near[:4])
    return not any(c.measure.kind in ("count", "times") and score >= 0.35 for c, score in scores.items())
