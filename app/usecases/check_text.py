"""Hold any text against the facts and findings of a case, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.case import Case
from app.domain.checking import CHECKS, check_of
from app.domain.checks.casebook import CheckedCase
from app.domain.checks.catalogued import checked_case
from app.domain.checks.engine import Ask, Checked, Engine
from app.domain.checks.lexicon import Lexicon
from app.domain.facts import Catalogue, Fact
from app.domain.phrases import LANGUAGES
from app.domain.rendering import SLOT, slot_names
from app.domain.sentences import Problem
from app.errors import InputError
from app.ports import Stores, Workspace

NO_ASKS: Mapping[str, Ask] = {}
LONGEST_TEXT = 20_000  # characters


@dataclass(frozen=True, slots=True)
class CheckText:
    """Check ``text`` as if it stood in the case's report."""

    case_id: str
    text: str
    language: str | None = None  # null: the case's


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence of the text and what the engine says of it."""

    text: str
    found: Checked

    @property
    def verdict(self) -> str:
        return self.found.verdict

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.found.problems

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts that the sentence rests on."""
        return self.found.facts

    @property
    def checks(self) -> Mapping[str, bool]:
        """Check name -> passed."""
        failed = {check_of(problem.kind) for problem in self.problems}
        return {name: name not in failed for name in CHECKS}

    @property
    def supported(self) -> bool:
        """Whether every figure and slot rests on a fact."""
        return self.checks["figures"] and self.checks["slots"]

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "verdict": self.verdict,
            "facts": list(self.facts),
            "problems": [problem.to_json() for problem in self.problems],
            "checks": dict(self.checks),
        }


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What the checks say of a text, sentence by sentence."""

    sentences: tuple[CheckedSentence, ...]

    @property
    def supported(self) -> bool:
        """Whether every figure rests on a fact."""
        return all(sentence.supported for sentence in self.sentences)

    def to_json(self) -> dict[str, Any]:
        return {"supported": self.supported, "sentences": [sentence.to_json() for sentence in self.sentences]}


def check_text(
    cmd: CheckText, workspace: Workspace, lexicon: Lexicon, asks: Mapping[str, Ask] = NO_ASKS
) -> CheckedText:
    """Check without storing anything. Raises ``InputError`` on a blank or overlong text and an unknown language.

    ``asks`` are closed questions to a model by language; they are asked of what no rule objects to, and can only flag.
    """
    refuse_unusable(cmd.text)
    with workspace.read() as stores:
        case = stores.cases.get(cmd.case_id)
        language = cmd.language or case.language
        if language not in LANGUAGES:
            raise InputError("language", f"There are no checks for {language!r}.", remedy="Choose en or zh.")
        judge = CaseJudge(case, language, stores, workspace.catalogue, lexicon, asks.get(language))
    return CheckedText(tuple(judge.check(text) for text in split_sentences(cmd.text)))


def check_against(text: str, case: CheckedCase, lexicon: Lexicon) -> CheckedText:
    """Check a text against a case that no workspace holds. Raises ``InputError`` on a blank or overlong text."""
    refuse_unusable(text)
    engine = Engine(case, lexicon)
    return CheckedText(tuple(CheckedSentence(part, engine.check(part)) for part in split_sentences(text)))


def split_sentences(text: str) -> list[str]:
    """Sentences of a running text, headings and list items by line; a full stop inside a number ends none."""
    parts = re.split(
        r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|ca|No)\.)(?<!\bMrs\.)\s+(?=[^\s\d])|(?<=[。！？])|[\r\n]+", text
    )
    return [part.strip() for part in parts if part and part.strip()]


def refuse_unusable(text: str) -> None:
    """Raise ``InputError`` when the text is blank or longer than any report."""
    if not text.strip():
        raise InputError("text", "The text is blank.", remedy="Write a sentence, or remove it.")
    if len(text) > LONGEST_TEXT:
        raise InputError("text", f"The text has {len(text)} characters.", remedy=f"At most {LONGEST_TEXT} can be used.")


class CaseJudge:
    """Holds texts against the current facts of one case; read once, used for any number of texts."""

    def __init__(
        self,
        case: Case,
        language: str,
        stores: Stores,
        catalogue: Catalogue,
        lexicon: Lexicon,
        ask: Ask | None = None,
    ) -> None:
        current = stores.facts.current(case.id)
        policy, report = stores.policies.get(case.id), stores.reports.get(case.id)
        self.facts = [fact for fact in current if not catalogue.prohibited(fact.name)]
        self._by_name: dict[str, Fact] = {fact.name: fact for fact in self.facts}
        sentences = report.sentences if report is not None and report.language == language else ()
        clauses = tuple(clause.clause for clause in policy.clauses) if policy else ()
        findings = stores.findings.of_case(case.id)
        self._engine = Engine(
            checked_case(case, current, findings, sentences, catalogue, language), lexicon, ask, clauses
        )

    def check(self, text: str) -> CheckedSentence:
        """Check one sentence; slots count as their facts."""
        names = slot_names(text)
        unknown = tuple(Problem("unknown_slot", name) for name in names if name not in self._by_name)
        filled = tuple(self._by_name[name].id for name in names if name in self._by_name)
        found = self._engine.check(SLOT.sub("□", text))
        facts = tuple(fact for fact in dict.fromkeys((*filled, *found.facts)) if fact)
        return CheckedSentence(text, Checked((*unknown, *found.problems), facts))
