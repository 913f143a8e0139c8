"""The checks of a sentence that was worded for a plan; ``app.domain.checks`` holds any text against a case."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.domain.facts import Stance
from app.domain.figures import find_figures
from app.domain.lexicon import (
    ADVERSE,
    AGREEMENT,
    COMMON_WORDS,
    COMPARISONS,
    FAVOURABLE,
    INITIALISMS,
    MARKUP,
    NEGATIONS,
    PROHIBITED,
)
from app.domain.plan import SentencePlan
from app.domain.rendering import SLOT, slot_names
from app.domain.sentences import Problem

CHECKS = (
    "slots",
    "figures",
    "names",
    "stance",
    "relation",
    "length",
    "form",
    "language",
    "repetition",
    "markup",
    "prohibited_basis",
    "claims",
    "conduct",
)
_CHECK_OF = {
    "slot_missing": "slots",
    "slot_repeated": "slots",
    "unknown_slot": "slots",
    "unsupported_figure": "figures",
    "contradicted_figure": "figures",
    "wrong_unit": "figures",
    "wrong_period": "figures",
    "wrong_date": "figures",
    "contradicted_relation": "relation",
    "unsupported_name": "names",
    "unsupported_claim": "claims",
    "negation": "claims",
    "contradicted_finding": "claims",
    "doubted": "claims",
    "overclaiming": "conduct",
    "decision": "conduct",
}
_MAX_CHARACTERS = {"en": 400, "zh": 160}
_MAX_WORDS, _MIN_WORDS = 60, 2  # of the words outside slots
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_NEGATION_REACH = {"en": 30, "zh": 4}  # characters before a word in which a negation turns it round


def check_of(kind: str) -> str:
    """The check that a problem of this kind fails."""
    return _CHECK_OF.get(kind, kind)


@dataclass(frozen=True, slots=True)
class TextCheck:
    """What the checks say of one text; ``facts`` are the ids its figures and slots match."""

    problems: tuple[Problem, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def checks(self) -> dict[str, bool]:
        failed = {check_of(problem.kind) for problem in self.problems}
        return {name: name not in failed for name in CHECKS}

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def supported(self) -> bool:
        """Whether every figure and slot rests on a fact."""
        checks = self.checks
        return checks["figures"] and checks["slots"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text is held against: its language, the words it may use as names, the sentences around it."""

    language: str
    vocabulary: Collection[str] = field(default_factory=frozenset)  # lower case
    others: Sequence[str] = ()  # templates of the report's other sentences
    allowed: Sequence[str] = ()  # literal strings with digits that are no figures: case id, clause names
    names_open: bool = True  # whether an unknown word that opens a sentence, alone, counts as a name


def check_worded(template: str, plan: SentencePlan, setting: Setting) -> TextCheck:
    """Check a sentence that was worded for a plan: no figure at all may stand outside its slots."""
    body = SLOT.sub("□", template)
    problems = [
        *_slot_problems(template, plan),
        *(Problem("unsupported_figure", figure.span) for figure in find_figures(_without(body, setting.allowed))),
        *_form_problems(template, body, setting),
        *_stance_problems(body, plan, setting.language),
        *_relation_problems(template, plan, setting.language),
    ]
    if len(re.findall(r"[.!?。！？](?=\s|$|[^\W\d])", body)) > 1:
        problems.append(Problem("length", "more than one sentence"))
    return TextCheck(tuple(problems), tuple(slot.fact for slot in plan.slots))


def vocabulary_of(texts: Collection[str]) -> frozenset[str]:
    """Every word of the texts in lower case, with the plain words a sentence may begin with."""
    words = {word.lower() for text in texts for word in _LATIN_WORD.findall(SLOT.sub(" ", text))}
    return frozenset(words | COMMON_WORDS)


def _without(body: str, allowed: Sequence[str]) -> str:
    """The text without the literal strings, each also where a capital letter opens the sentence with it."""
    for literal in sorted(filter(None, allowed), key=len, reverse=True):
        body = body.replace(literal, "□")
        opening = f"{literal[:1].upper()}{literal[1:]}"
        body = f"□{body.removeprefix(opening)}" if body.startswith(opening) else body
    return body


def _slot_problems(template: str, plan: SentencePlan) -> list[Problem]:
    wanted = [slot.name for slot in plan.slots]
    names = slot_names(template)
    return [
        *(Problem("slot_missing", name) for name in wanted if name not in names),
        *(
            Problem("slot_repeated", name)
            for name in dict.fromkeys(names)
            if names.count(name) > max(1, wanted.count(name))
        ),
        *(Problem("unknown_slot", name) for name in dict.fromkeys(names) if name not in wanted),
    ]


def _form_problems(template: str, body: str, setting: Setting) -> list[Problem]:
    """Names, length, language, repetition, markup, prohibited bases."""
    language = setting.language
    return [
        *(Problem("unsupported_name", name) for name in _unknown_names(body, setting)),
        *(Problem("length", why) for why in _length_faults(body, language)),
        *(Problem("language", span) for span in _foreign_spans(body, language)),
        *(Problem("repetition", span) for span in _repetitions(template, _without(body, setting.allowed), setting)),
        *(Problem("form", match.group()) for match in re.finditer(r"\s[.,;:!?](?=\s|$)|[,;:]$", body)),
        *(Problem("markup", match.group()) for match in MARKUP.finditer(SLOT.sub("□", template))),
        *(Problem("prohibited_basis", match.group()) for match in PROHIBITED[language].finditer(body)),
    ]


def _unknown_names(body: str, setting: Setting) -> list[str]:
    """Capitalised words that are neither known words nor usual initials; in Chinese any unknown Latin word."""
    known = setting.vocabulary or COMMON_WORDS
    names = []
    for match in _LATIN_WORD.finditer(_without(body, setting.allowed)):
        word = match.group()
        plain = re.sub(r"['’]s$", "", word)
        if plain in INITIALISMS or plain.lower() in known or (setting.language == "en" and not word[0].isupper()):
            continue
        opening = not body[: match.start()].strip() or body[: match.start()].rstrip().endswith((".", "!", "?"))
        plain_start = plain.lower().endswith(("ly", "ing")) or not (setting.names_open or _name_goes_on(body, match))
        if opening and setting.language == "en" and plain_start:
            continue
        names.append(word)
    return names


def _name_goes_on(body: str, match: re.Match[str]) -> bool:
    """Whether another capitalised word follows: "Orion Logistics", not "Collateral is"."""
    return bool(re.match(r" [A-Z]", body[match.end() :]))


def _length_faults(body: str, language: str) -> list[str]:
    words = len(_LATIN_WORD.findall(body)) if language == "en" else len(_HAN.findall(body))
    faults = [f"{len(body)} characters"] if len(body) > _MAX_CHARACTERS[language] else []
    if words < _MIN_WORDS or (language == "en" and words > _MAX_WORDS):
        faults.append(f"{words} words" if language == "en" else f"{words} 字")
    return faults


def _foreign_spans(body: str, language: str) -> list[str]:
    if language == "en":
        return re.findall(r"[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]+", body)
    latin = "".join(_LATIN_WORD.findall(body))
    return [latin] if len(latin) > len(_HAN.findall(body)) else []


def _repetitions(template: str, body: str, setting: Setting) -> list[str]:
    """A word twice in a row, a run of three words (six characters in Chinese) that comes again, a sentence again."""
    if template in setting.others:
        return [template]
    if setting.language == "zh":
        return [
            m.group(1) for m in re.finditer(r"([\u4e00-\u9fff]{6,}).*\1|([\u4e00-\u9fff]{2,})\2\2", body) if m.group(1)
        ]
    words = [word.lower() for word in re.findall(r"[\w'’-]+|□", body)]
    twice = [a for a, b in pairwise(words) if a == b and a not in {"that", "had", "□"}]
    runs = [" ".join(words[i : i + 3]) for i in range(len(words) - 2)]
    return twice + sorted({run for run in runs if "□" not in run and runs.count(run) > 1})


def _hits(pattern: str, text: str, language: str) -> list[tuple[str, bool]]:
    """Occurrences of a lexicon's words with whether a negation turns them round."""
    bounded = rf"\b(?:{pattern})\b" if language == "en" else f"(?:{pattern})"
    reach = _NEGATION_REACH[language]
    found = []
    for match in re.finditer(bounded, text, re.IGNORECASE):
        before = re.split(r"[,;:，；：。]|\bbut\b", text[max(0, match.start() - reach) : match.start()])[-1]
        found.append((match.group().lower(), bool(re.search(NEGATIONS[language], before, re.IGNORECASE))))
    return found


def polarity(text: str, language: str) -> list[tuple[str, Stance]]:
    """The words of a text that take a side, with the side they take once negations are counted."""
    sides = {Stance.ADVERSE: ADVERSE[language], Stance.FAVOURABLE: FAVOURABLE[language]}
    if language == "zh":
        both = re.compile(f"(?P<a>{ADVERSE['zh']})|(?P<f>{FAVOURABLE['zh']})")
        return [(m.group(), _chinese_side(text, m)) for m in both.finditer(text)]
    taken = []
    for side, pattern in sides.items():
        turned = Stance.FAVOURABLE if side is Stance.ADVERSE else Stance.ADVERSE
        taken += [(word, turned if negated else side) for word, negated in _hits(pattern, text, language)]
    return taken


def _chinese_side(text: str, match: re.Match[str]) -> Stance:
    before = re.split("[，；：。、]", text[max(0, match.start() - _NEGATION_REACH["zh"]) : match.start()])[-1]
    adverse = match.lastgroup == "a"
    negated = bool(re.search(NEGATIONS["zh"], before))
    return Stance.ADVERSE if adverse != negated else Stance.FAVOURABLE


def _stance_problems(body: str, plan: SentencePlan, language: str) -> list[Problem]:
    """Words on the other side than the findings'; what the rule sentence itself says is not held against the text."""
    own = set(polarity(SLOT.sub("□", plan.rule_text), language))
    sides = [(word, side) for word, side in polarity(body, language) if (word, side) not in own]
    against = [word for word, side in sides if side is not plan.stance]
    with_it = [word for word, side in sides if side is plan.stance]
    return [Problem("stance", word) for word in against] if len(against) >= max(1, len(with_it)) else []


def _relation_problems(template: str, plan: SentencePlan, language: str) -> list[Problem]:
    """Whether the comparison points the way of the plan; swapping the two slots turns it round."""
    if plan.relation == "contradicts":
        agreeing = [
            word for word, negated in _hits(AGREEMENT[language], SLOT.sub("□", template), language) if not negated
        ]
        return [Problem("relation", word) for word in agreeing]
    if plan.relation not in {"exceeds", "below"} or len(plan.slots) != 2:
        return []
    expected = 1 if plan.relation == "exceeds" else -1
    names, wanted = slot_names(template), [slot.name for slot in plan.slots]
    if names == wanted[::-1] and names != slot_names(plan.rule_text):
        expected = -expected
    directions = comparisons(SLOT.sub("□", template), language)
    wrong = [word for word, direction in directions if direction != expected]
    if not directions:
        return [Problem("relation", "no comparison")]
    return [Problem("relation", word) for word in wrong]


def comparisons(body: str, language: str) -> list[tuple[str, int]]:
    """Comparing words with their direction, +1 above and -1 not above, the longest at each place, negations counted."""
    return [(word, way) for word, way, _ in _placed_comparisons(body, language)]


def _placed_comparisons(body: str, language: str) -> list[tuple[str, int, int]]:
    """The same with where each word begins."""
    table: Mapping[str, int] = COMPARISONS[language]
    groups = "|".join(f"(?P<{'u' if way > 0 else 'd'}>{pattern})" for pattern, way in sorted(table.items(), key=_way))
    bounded = rf"\b(?:{groups})\b" if language == "en" else f"(?:{groups})"
    found = []
    for match in re.finditer(bounded, body, re.IGNORECASE):
        way = 1 if match.lastgroup == "u" else -1
        before = re.split("[,;，；]", body[max(0, match.start() - 14) : match.start()])[-1]
        negated = language == "en" and re.search(r"\b(?:not|never|n't)\b", before, re.IGNORECASE)
        found.append((match.group(), -way if negated else way, match.start()))
    return found


def _way(item: tuple[str, int]) -> int:
    return item[1]  # the phrases of "not above" are tried first, for they hold those of "above"
