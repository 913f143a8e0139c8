"""Closed comparison of worded sentences with what they had to say: figures, relation and side.

It shares no words and no code with the checks of the desk, so that what they let through can be counted. A sentence is
read with its names and marks taken out; what is left either says the relation and the side of the plan, or another one
(``wrong``), or both or nothing of it (``open``: for a person to read).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from app.domain.facts import FactValue
from bench.writing.held import CHINESE, HeldPlan

FOLDER = CHINESE.parent
RIGHT, OPEN, WRONG = "right", "open", "wrong"
_WORDS: Mapping[str, Mapping[str, str]] = {
    language: {name: "|".join(words) for name, words in lists.items()}
    for language, lists in tomllib.loads((FOLDER / "closed.toml").read_text(encoding="utf-8")).items()
}


def wrong_figures(text: str, template: str, plan: HeldPlan, values: Sequence[FactValue]) -> list[str]:
    """What a rendered sentence says in figures that its plan does not, and what it leaves out.

    Numbers are read from the rendered text, number words from the template, where names and slots are taken out.
    """
    said = Counter(Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text))
    wanted = Counter(number for value in values for number in _numbers(value, plan.language))
    faults = [f"{number:f} is not the plan's" for number in said - wanted]
    faults += [f"{number:f} is left out" for number in wanted - said]
    body = re.sub(_bounded(_WORDS[plan.language]["harmless"], plan.language), " ", bare(template, plan))
    return faults + re.findall(_bounded(_WORDS[plan.language]["number"], plan.language), body)


def _numbers(value: FactValue, language: str) -> list[Decimal]:
    if isinstance(value, date):
        parts = (value.year, value.month, value.day) if language == "zh" else (value.year, value.day)
        return [Decimal(part) for part in parts]
    return [] if isinstance(value, str) else [Decimal(value)]


def bare(template: str, plan: HeldPlan) -> str:
    """The sentence without its names, with □ for each slot."""
    text = re.sub(r"\{[^{}]*\}|\[[A-D]\]", "□", template)
    for name in sorted(plan.names, key=len, reverse=True):
        mark = "◇" if plan.language == "zh" else " ◇ "
        text = re.sub(re.escape(name), mark, text, flags=re.IGNORECASE)
    return text.lower()


def judged(template: str, plan: HeldPlan) -> tuple[str, str]:
    """``RIGHT``, ``OPEN`` or ``WRONG``, and the words it was judged by."""
    text = bare(template, plan)
    verdicts = [_relation(template, text, plan), _side(text, plan)]
    for verdict in (WRONG, OPEN):
        for found, why in verdicts:
            if found == verdict:
                return found, why
    return RIGHT, ""


def _bounded(pattern: str, language: str) -> str:
    """Chinese has no bounds of words."""
    return rf"\b(?:{pattern})\b" if language == "en" else f"(?:{pattern})"


def _found(pattern: str, text: str, language: str, *, negated: bool = True) -> list[bool]:
    """For each hit whether it stands as it is; False where a negation turns it round."""
    return [
        not (negated and re.search(_WORDS[language]["not"], re.split(r"[,;，；、]", text[: hit.start()])[-1]))
        for hit in re.finditer(_bounded(pattern, language), text)
    ]


_UPWARD = {language: {lists[name] for name in ("up", "rise", "same")} for language, lists in _WORDS.items()}
_PAIRS = {  # relation -> what says it, what says the contrary, whether that turns with the order of the slots
    "exceeds": ("up", "down", True),
    "below": ("down", "up", True),
    "rises": ("rise", "fall", True),
    "falls": ("fall", "rise", True),
    "equals": ("same", "other", False),
    "contradicts": ("other", "same", False),
}


def _relation(template: str, text: str, plan: HeldPlan) -> tuple[str, str]:
    words = _WORDS[plan.language]
    if plan.relation in _PAIRS:
        own, contrary, ordered = _PAIRS[plan.relation]
        ways = _ways(text, words[own], words[contrary], plan.language)
        return _verdict(ways, _order(template, text, plan.language) if ordered else 1, plan.relation)
    if plan.relation == "absent":
        said = _found(words["none"], text, plan.language, negated=False)
        return (RIGHT, "") if said else (WRONG, "absence is not said")
    if plan.relation in {"met", "unmet"}:
        fails = bool(_found(words["fails"], text, plan.language, negated=False))
        return (RIGHT, "") if fails == (plan.relation == "unmet") else (WRONG, "the rule is said the other way")
    mixed = re.search(rf"[□◇][^□◇]*{_bounded(words['mixes'], plan.language)}[^□◇]*[◇□]", _between_things(text))
    return (WRONG, f"one thing is said of another: {mixed.group()}") if mixed else (RIGHT, "")


def _between_things(text: str) -> str:
    """The sentence from the end of its first thing on: a name with its slot, in either order, or a slot alone."""
    first = re.search(r"◇[^□◇]*□|□[^□◇]*◇|□", text)
    return f"□{text[first.end() :]}" if first else ""


def _ways(text: str, own: str, contrary: str, language: str) -> list[int]:
    """+1 for each word of the one list, -1 for each of the other; what begins first and is negative counts."""
    first, second = sorted((("o", own), ("c", contrary)), key=lambda named: named[1] in _UPWARD[language])
    both = "|".join(f"(?P<{name}>{pattern})" for name, pattern in (first, second))
    ways = []
    for hit in re.finditer(_bounded(both, language), text):
        before = re.split(r"[,;，；、]", text[: hit.start()])[-1]
        turned = re.search(_WORDS[language]["not"], before) is not None
        ways.append((1 if hit.lastgroup == "o" else -1) * (-1 if turned else 1))
    return ways


def _order(template: str, text: str, language: str) -> int:
    """-1 where the second slot stands before the first, as what the sentence is about."""
    if re.match(_WORDS[language]["beside"], text):
        return 1
    marks = re.findall(r"\{[^{}]*\.([a-d])\}|\[([A-D])\]", template)
    letters = [one or other.lower() for one, other in marks]
    return -1 if letters[:2] == ["b", "a"] else 1


def _verdict(ways: Sequence[int], wanted: int, what: str) -> tuple[str, str]:
    if not ways:
        return OPEN, f"{what}: not said"
    if all(way == wanted for way in ways):
        return RIGHT, ""
    return (WRONG if all(way != wanted for way in ways) else OPEN), f"{what}: said the other way"


def _side(text: str, plan: HeldPlan) -> tuple[str, str]:
    language = plan.language
    against, favour = (_found(_WORDS[language][words], text, language) for words in ("against", "favour"))
    sides = {("adverse" if stands else "favourable") for stands in against}
    sides |= {("favourable" if stands else "adverse") for stands in favour}
    if len(sides) > 1:
        return OPEN, "both sides are taken"
    if sides and sides != {plan.stance}:
        return WRONG, f"the side taken is {sides.pop()}"
    return RIGHT, ""
