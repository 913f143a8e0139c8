"""The engine: one sentence in, what is wrong with it and which facts it rests on out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.checks.advice import judge_advice
from app.domain.checks.amounts import Judged, judge_amounts
from app.domain.checks.casebook import CheckedCase
from app.domain.checks.chinese import asks
from app.domain.checks.conduct import judge_conduct
from app.domain.checks.degrees import judge_degrees
from app.domain.checks.direction import judge_directions
from app.domain.checks.grounding import judge_grounding
from app.domain.checks.index import CaseIndex
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.opposites import Sources, judge_sides, judge_trends
from app.domain.checks.presence import judge_presence
from app.domain.checks.quantities import Figures, figures_of
from app.domain.checks.reading import Reading, read
from app.domain.checks.times import judge_days, judge_windows, spans_since
from app.domain.checks.told import told
from app.domain.checks.tone import judge_tone
from app.domain.sentences import Problem

CONTRADICTIONS = frozenset(
    [
        "contradicted_figure",
        "contradicted_relation",
        "wrong_unit",
        "wrong_period",
        "wrong_date",
        "negation",
        "stance",
        "contradicted_finding",
    ]
)
Ask = Callable[[str, Sequence[str]], float]
"""A closed question to a model: the sentence and what the case says; the probability that it does not follow."""
DOUBT = 0.9  # from this answer on a sentence is flagged


@dataclass(frozen=True, slots=True)
class Checked:
    """What is found of one sentence; ``facts`` are ids of the facts it rests on."""

    problems: tuple[Problem, ...]
    facts: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """contradicted, unsupported, supported, or neutral where it rests on no fact and needs none."""
        if any(problem.kind in CONTRADICTIONS for problem in self.problems):
            return "contradicted"
        if self.problems:
            return "unsupported"
        return "supported" if self.facts else "neutral"


class Engine:
    """Holds any number of sentences against one case.

    ``ask`` may judge what rules cannot: it is asked only where no rule objects, and its answer can only flag.
    ``names`` are further strings with digits that are no figures: clauses of the policy.
    """

    def __init__(self, case: CheckedCase, lexicon: Lexicon, ask: Ask | None = None, names: Sequence[str] = ()) -> None:
        self.index = CaseIndex.of(case, lexicon)
        self.sources = Sources(self.index)
        self._ask = ask
        self._labels = _labels_with_digits(case)
        self._names = _names_with_digits(case, names)

    def check(self, sentence: str) -> Checked:
        """Check one sentence."""
        reading = read(self._without_names(sentence), self.index.lexicon, self.index.case.language)
        figures = figures_of(reading.text, reading.language, self.index.lexicon, self.index.signs, self.index.years)
        facts: list[str] = []
        problems: list[Problem] = []
        right: list[Judged] = []
        for judged in judge_amounts(reading, figures, self.index):
            facts += judged.facts
            right += [judged] if judged.facts else []
            problems += [judged.problem] if judged.problem else []
        if reading.language == "zh" and asks(reading.text):
            problems = [problem for problem in problems if problem.kind != "unsupported_figure"]
        problems = self._without_spans(reading, figures, problems, facts)
        for judged in judge_days(reading, figures, self.index):
            facts += judged.facts
            right += [judged] if judged.facts else []
            problems += [judged.problem] if judged.problem else []
        problems += judge_windows(reading, figures, self.index)
        problems += self._in_words(reading, figures, right)
        facts = [fact for fact in facts if fact] + self._texts(reading)
        facts = facts or self._named(reading)
        if not problems and facts and self._doubted(sentence, facts):
            problems.append(Problem("doubted", sentence))
        return Checked(tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(facts)))

    def _doubted(self, sentence: str, facts: Sequence[str]) -> bool:
        """Whether a model that may be asked says that the sentence does not follow from what the case says of them."""
        return self._ask is not None and self._ask(sentence, told(self.index.case, facts)) >= DOUBT

    def _in_words(self, reading: Reading, figures: Figures, right: Sequence[Judged]) -> Iterator[Problem]:
        yield from judge_directions(reading, figures, self.index)
        yield from judge_degrees(reading, self.index)
        yield from judge_presence(reading, figures, self.index)
        yield from judge_sides(reading, self.index, self.sources)
        yield from judge_trends(reading, self.index)
        yield from judge_tone(reading, self.index, right)
        yield from judge_advice(reading, self.index)
        yield from judge_conduct(reading, self.index)
        yield from judge_grounding(reading, figures, self.index, [judged.span for judged in right if judged.named])

    def _without_spans(
        self, reading: Reading, figures: Figures, problems: list[Problem], facts: list[str]
    ) -> list[Problem]:
        """The problems without those of figures that are spans since a date of the case."""
        kept = []
        told = [value for _, value in self.index.dates if any(day.fits(value) for day in figures.days)]
        for problem in problems:
            quantity = next((q for q in figures.quantities if q.span == problem.span), None)
            found = (
                spans_since(quantity, reading, self.index, problem.kind == "unsupported_figure", told)
                if quantity
                else ()
            )
            facts += found
            kept += [] if found else [problem]
        return kept

    def _named(self, reading: Reading) -> list[str]:
        """Facts the sentence speaks of by name, the clearest."""
        scores = self.index.mentioned(reading.tokens)
        best = max(scores.values(), default=0.0)
        return [fact for fact, score in scores.items() if score >= max(0.5, 0.85 * best)]

    def _texts(self, reading: Reading) -> list[str]:
        """Facts whose text stands in the sentence."""
        text = reading.text.lower()
        values = {fact: str(self.index.by_id[fact].value).lower() for fact in self.index.values}
        return [fact for fact, value in values.items() if len(value) > 1 and value in text]

    def _without_names(self, sentence: str) -> str:
        """The sentence with the digits of names and labels blanked, which are no figures."""
        for label in self._labels:
            sentence = re.sub(re.escape(label), _without_spans, sentence, flags=re.IGNORECASE)
        for name in self._names:
            sentence = re.sub(re.escape(name), lambda m: re.sub(r"\d", "□", m.group()), sentence, flags=re.IGNORECASE)
        return sentence


_COUNTED_SPAN = re.compile(
    r"(?<![\d.,])\d{2,3}(?![\d.,])|"
    r"(?<!\d)\d{1,3}(?=[ -]?(?:months?|m|years?|y|days?|d|weeks?)(?![a-z])|个月|年(?!\d)|天)",
    re.IGNORECASE,
)


def _without_spans(match: re.Match[str]) -> str:
    """A label with the digits blanked that count time; others stay, for they may tell which."""
    return _COUNTED_SPAN.sub(lambda digits: "□" * len(digits.group()), match.group())


def _labels_with_digits(case: CheckedCase) -> list[str]:
    """Labels whose digits would be read as figures, as they are written and as a report writes them."""
    found = {label for fact in case.facts for label in (fact.label, fact.label.replace("_", " "))}
    return sorted((label for label in found if re.search(r"\d", label)), key=len, reverse=True)


def _names_with_digits(case: CheckedCase, further: Sequence[str]) -> list[str]:
    """The id, and texts that hold digits and letters, the longest first."""
    texts = {case.id, *further, *(str(fact.value) for fact in case.facts if isinstance(fact.value, str))}
    kept = [text for text in texts if any(c.isdigit() for c in text) and any(c.isalpha() for c in text)]
    return sorted(kept, key=len, reverse=True)
