"""What goes into a package's JSON parts: the facts a decision rests on, and the records around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.case import Case, Decision, Document
from app.domain.facts import Catalogue, Fact
from app.domain.findings import Finding
from app.domain.package_figures import unsupported_figures
from app.domain.policy import PolicyResult
from app.domain.report import Report
from app.domain.score import Score
from app.domain.sentences import Sentence, State

MOST_FACTS = 2_000
MOST_CHARACTERS = 50_000  # of all sentences together


_REPORT = ("language", "kind", "summary", "sentences", "questions")  # parts of the report that a package tells


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case that may be sealed: nothing of what a package needs is missing."""

    case: Case
    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]
    score: Score
    policy: PolicyResult
    report: Report
    decision: Decision
    facts: tuple[Fact, ...]  # cited ones and, through computations, their inputs; see ``facts_rested_on``
    left_out: tuple[tuple[str, str], ...]  # id of a fact that stays in the workspace, and why
    labels: Mapping[str, str]  # fact name -> label in the report's language
    not_current: frozenset[str] = frozenset()  # ids of facts here that others have taken the place of

    def unsupported(self) -> list[tuple[Sentence, list[str]]]:
        """Sentences that no fact supports, with the figures (or flagged words) in question."""
        facts = self.fact_entries()
        names = names_with_digits(self.case.id, self.policy.to_json(), self.score.to_json(), facts)
        found = []
        for sentence in self.report.sentences:
            flagged = [problem.span for problem in sentence.problems] if sentence.state is State.FLAGGED else []
            wrong = list(dict.fromkeys([*flagged, *unsupported_figures(sentence.text, facts, names)]))
            if wrong or sentence.state is State.FLAGGED:
                found.append((sentence, wrong))
        return found

    def fact_entries(self) -> list[dict[str, Any]]:
        """Facts with their labels in the report's language, for those who have no catalogue."""
        return [fact.to_json() | {"label": self.labels.get(fact.name, fact.name)} for fact in self.facts]

    def _draft(self) -> dict[str, Any] | None:
        """What the report was planned with; null where that was not recorded."""
        basis = self.report.basis
        return None if basis is None else {**basis.to_json(), "not_current": sorted(self.not_current)}

    def parts(self, scorecard: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The JSON parts by file name. What differs from run to run (seconds, tokens) is left out."""
        cited = {fact.source.document for fact in self.facts}
        report = self.report.to_json()
        return {
            "decision.json": {"case": self.case.to_json(), "decision": self.decision.to_json()},
            "facts.json": {
                "facts": self.fact_entries(),
                "left_out": [{"id": fact_id, "why": why} for fact_id, why in self.left_out],
                "documents": [document.to_json() for document in self.documents if document.sha256 in cited],
            },
            "findings.json": {"findings": [finding.to_json() for finding in self.findings]},
            "report.json": {key: report[key] for key in _REPORT if key in report},
            "scorecard.json": {"score": self.score.to_json(), "scorecard": dict(scorecard)},
            "policy.json": {"result": self.policy.to_json(), "policy": dict(policy)},
            "model.json": {"model": report["model"], "draft": self._draft()},
        }


def cited_facts(
    report: Report, findings: Iterable[Finding], score: Score, policy: PolicyResult, decision: Decision
) -> list[str]:
    """Ids of the facts that these name, in that order."""
    ids = [fact for sentence in report.sentences for fact in sentence.facts]
    ids += [fact for question in report.questions for fact in question.facts]
    ids += [fact for finding in findings for fact in finding.facts]
    ids += [row.fact for row in score.characteristics if row.fact]
    ids += [fact for clause in policy.clauses for fact in clause.facts]
    ids += [reason.fact for reason in decision.reasons if reason.fact]
    return list(dict.fromkeys(ids))


def facts_rested_on(
    cited: Iterable[str], find: Callable[[str], Fact], catalogue: Catalogue
) -> tuple[tuple[Fact, ...], tuple[tuple[str, str], ...]]:
    """The cited facts and all inputs of their computations, by name and id; and which of these stay behind, and why.

    Prohibited bases stay behind always, personal facts unless they are cited themselves.
    """
    named = frozenset(cited)
    waiting, found = list(named), {}
    while waiting:
        fact_id = waiting.pop()
        if fact_id not in found:
            found[fact_id] = find(fact_id)
            waiting += found[fact_id].source.inputs
    ordered = sorted(found.values(), key=lambda fact: (fact.name, fact.id))
    reasons = {fact.id: _stays_behind(fact, catalogue, named) for fact in ordered}
    kept = tuple(fact for fact in ordered if reasons[fact.id] is None)
    return kept, tuple((fact_id, why) for fact_id, why in reasons.items() if why is not None)


def _stays_behind(fact: Fact, catalogue: Catalogue, cited: frozenset[str]) -> str | None:
    if catalogue.prohibited(fact.name):
        return "prohibited basis"
    definition = catalogue.get(fact.name)
    return "personal" if definition is not None and definition.sensitive and fact.id not in cited else None


def exceeds_a_report(sentences: Sequence[Mapping[str, Any]], facts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there is more than a report ever holds, and than can be checked in a short time."""
    characters = sum(len(sentence["text"]) for sentence in sentences)
    return len(facts) > MOST_FACTS or characters > MOST_CHARACTERS


def names_with_digits(
    case_id: str, policy_result: Mapping[str, Any], score: Mapping[str, Any], facts: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Names in a report that may hold digits of their own: the case, clauses, labels, grade, policy, scorecard."""
    clauses = [clause["clause"] for clause in policy_result["clauses"]]
    labels = [fact["label"] for fact in facts]
    names = [policy_result["policy"], policy_result["version"], score["scorecard"], score["version"], score["grade"]]
    return [str(name) for name in (case_id, *clauses, *labels, *names)]
