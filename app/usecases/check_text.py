"""Hold any text against the facts of a case: which figures are supported, and by which facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.case import Case
from app.domain.checking import Setting, TextCheck, check_free, vocabulary_of
from app.domain.facts import Catalogue, Fact
from app.domain.phrases import LANGUAGES
from app.domain.plan import SentencePlan
from app.errors import InputError
from app.ports import Stores, Workspace

LONGEST_TEXT = 20_000  # characters


@dataclass(frozen=True, slots=True)
class CheckText:
    """Check ``text`` as if it stood in the case's report."""

    case_id: str
    text: str
    language: str | None = None  # null: the case's


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What the checks say, JSON-ready."""

    check: TextCheck

    @property
    def supported(self) -> bool:
        """Whether every figure rests on a fact."""
        return self.check.supported

    def to_json(self) -> dict[str, Any]:
        return {
            "passed": self.check.passed,
            "supported": self.check.supported,
            "checks": self.check.checks,
            "problems": [problem.to_json() for problem in self.check.problems],
            "facts": list(self.check.facts),
        }


def check_text(cmd: CheckText, workspace: Workspace) -> CheckedText:
    """Check without storing anything. Raises ``InputError`` on a blank or overlong text and an unknown language."""
    refuse_unusable(cmd.text)
    with workspace.read() as stores:
        case = stores.cases.get(cmd.case_id)
        language = cmd.language or case.language
        if language not in LANGUAGES:
            raise InputError("language", f"There are no checks for {language!r}.", remedy="Choose en or zh.")
        return CheckedText(check_in_case(cmd.text, case, language, stores, workspace.catalogue))


def refuse_unusable(text: str) -> None:
    """Raise ``InputError`` when the text is blank or longer than any report."""
    if not text.strip():
        raise InputError("text", "The text is blank.", remedy="Write a sentence, or remove it.")
    if len(text) > LONGEST_TEXT:
        raise InputError("text", f"The text has {len(text)} characters.", remedy=f"At most {LONGEST_TEXT} can be used.")


def check_in_case(
    text: str, case: Case, language: str, stores: Stores, catalogue: Catalogue, plan: SentencePlan | None = None
) -> TextCheck:
    """Check a text against the current facts, inside a transaction or a read."""
    facts = stores.facts.current(case.id)
    policy = stores.policies.get(case.id)
    clauses = [clause.clause for clause in policy.clauses] if policy else []
    names = [str(fact.value) for fact in facts if isinstance(fact.value, str)]
    labels = [catalogue[fact.name].label.get(language, "") for fact in facts if fact.name in catalogue]
    setting = Setting(
        language, vocabulary_of({*names, *labels, case.applicant}), allowed=(case.id, *clauses, *_with_digits(labels))
    )
    return check_free(text, citable(facts, catalogue), setting, plan)


def citable(facts: list[Fact], catalogue: Catalogue) -> list[Fact]:
    """The facts a text may cite: no prohibited basis."""
    return [fact for fact in facts if not catalogue.prohibited(fact.name)]


def _with_digits(labels: list[str]) -> list[str]:
    """Labels such as "Enquiries in the last 3 months", whose digits are no figures of the text."""
    return [label for label in labels if any(c.isdigit() for c in label)]
