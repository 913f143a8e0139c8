"""Hold any text against the facts of a case: which figures are supported, and by which facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.case import Case
from app.domain.checking import Setting, TextCheck, check_free, vocabulary_of
from app.domain.facts import Catalogue, Fact
from app.domain.phrases import LANGUAGES
from app.errors import InputError
from app.ports import Stores, Workspace

LONGEST_TEXT = 20_000  # characters
CONTRADICTIONS = frozenset({"contradicted_figure", "contradicted_relation"})
UNSUPPORTED = frozenset({"unsupported_figure", "unknown_slot", "unsupported_name", "prohibited_basis", "markup"})
_WINDOW_WORDS = {
    "1": ("one month", "1 month", "一个月", "1个月"),
    "3": ("three months", "3 months", "三个月", "3个月"),
    "6": ("six months", "6 months", "六个月", "6个月"),
    "12": ("twelve months", "12 months", "十二个月", "12个月", "一年"),
    "24": ("twenty-four months", "24 months", "二十四个月", "24个月", "两年"),
}


@dataclass(frozen=True, slots=True)
class CheckText:
    """Check ``text`` as if it stood in the case's report."""

    case_id: str
    text: str
    language: str | None = None  # null: the case's


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence of the text and what the checks say of it."""

    text: str
    check: TextCheck

    @property
    def verdict(self) -> str:
        """What the facts say of the sentence.

        "contradicted" when a figure or a comparison is at odds with the fact it is about; "unsupported" when a figure,
        a slot or a name rests on no fact, and when the sentence leans on a prohibited basis or gives instructions;
        "neutral" when it rests on no fact and needs none; else "supported".
        """
        kinds = {problem.kind for problem in self.check.problems}
        if kinds & CONTRADICTIONS:
            return "contradicted"
        if kinds & UNSUPPORTED:
            return "unsupported"
        return "supported" if self.check.facts else "neutral"

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "verdict": self.verdict,
            "facts": list(self.check.facts),
            "problems": [problem.to_json() for problem in self.check.problems],
            "checks": self.check.checks,
        }


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What the checks say of a text, sentence by sentence."""

    sentences: tuple[CheckedSentence, ...]

    @property
    def supported(self) -> bool:
        """Whether every figure rests on a fact."""
        return all(sentence.check.supported for sentence in self.sentences)

    def to_json(self) -> dict[str, Any]:
        return {"supported": self.supported, "sentences": [sentence.to_json() for sentence in self.sentences]}


def check_text(cmd: CheckText, workspace: Workspace) -> CheckedText:
    """Check without storing anything. Raises ``InputError`` on a blank or overlong text and an unknown language."""
    refuse_unusable(cmd.text)
    with workspace.read() as stores:
        case = stores.cases.get(cmd.case_id)
        language = cmd.language or case.language
        if language not in LANGUAGES:
            raise InputError("language", f"There are no checks for {language!r}.", remedy="Choose en or zh.")
        judge = CaseJudge(case, language, stores, workspace.catalogue)
    return CheckedText(tuple(CheckedSentence(text, judge.check(text)) for text in split_sentences(cmd.text)))


def split_sentences(text: str) -> list[str]:
    """Sentences of a running text, headings and list items by line; a full stop inside a number ends none."""
    parts = re.split(r"(?<=[.!?])\s+(?=[^\s\d])|(?<=[。！？])|[\r\n]+", text)
    return [part.strip() for part in parts if part and part.strip()]


def refuse_unusable(text: str) -> None:
    """Raise ``InputError`` when the text is blank or longer than any report."""
    if not text.strip():
        raise InputError("text", "The text is blank.", remedy="Write a sentence, or remove it.")
    if len(text) > LONGEST_TEXT:
        raise InputError("text", f"The text has {len(text)} characters.", remedy=f"At most {LONGEST_TEXT} can be used.")


class CaseJudge:
    """Holds texts against the current facts of one case; read once, used for any number of texts."""

    def __init__(self, case: Case, language: str, stores: Stores, catalogue: Catalogue) -> None:
        facts = stores.facts.current(case.id)
        policy = stores.policies.get(case.id)
        clauses = [clause.clause for clause in policy.clauses] if policy else []
        names = [str(fact.value) for fact in facts if isinstance(fact.value, str)]
        labels = [catalogue[fact.name].label.get(language, "") for fact in facts if fact.name in catalogue]
        self.facts = citable(facts, catalogue)
        self.setting = Setting(
            language,
            vocabulary_of({*names, *labels, case.applicant}),
            allowed=(case.id, *clauses, *_with_digits(labels), *_windows(self.facts)),
            names_open=False,
        )

    def check(self, text: str) -> TextCheck:
        return check_free(text, self.facts, self.setting)


def citable(facts: list[Fact], catalogue: Catalogue) -> list[Fact]:
    """The facts a text may cite: no prohibited basis."""
    return [fact for fact in facts if not catalogue.prohibited(fact.name)]


def _windows(facts: list[Fact]) -> Iterator[str]:
    """The spans of time that facts are counted over, as a text may name them: "in the last three months"."""
    for fact in facts:
        match = re.search(r"_(\d+)m$", fact.name)
        for words in _WINDOW_WORDS.get(match.group(1), ()) if match else ():
            yield from (f"{before}{words}" for before in ("in ", "in the last ", "in the past ", "over the last "))
            yield from (f"近{words}", f"过去{words}", f"最近{words}")


def _with_digits(labels: list[str]) -> list[str]:
    """Labels such as "Enquiries in the last 3 months", whose digits are no figures of the text."""
    return [label for label in labels if any(c.isdigit() for c in label)]
