"""Everything the case screen and ``caseworth show`` tell of one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.case import Case, Decision, Document, FirstOpinion, Transaction
from app.domain.case_limit import CaseLimit, case_limit
from app.domain.derivation import by_name
from app.domain.facts import Catalogue, Fact, Stance
from app.domain.findings import Finding
from app.domain.notices import Notice
from app.domain.policy import PolicyResult
from app.domain.report import Report
from app.domain.score import Score
from app.domain.shadow import Shadow
from app.domain.waiting import WaitingDocument
from app.ports import Event, Workspace


@dataclass(frozen=True, slots=True)
class CaseView:
    """One consistent reading of a case."""

    case: Case
    documents: tuple[Document, ...]
    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...]
    score: Score | None
    policy: PolicyResult | None
    report: Report | None
    decision: Decision | None
    first_opinion: FirstOpinion | None
    transactions: tuple[Transaction, ...]
    events: tuple[Event, ...]
    notice: Notice | None = None  # where its clock stands, for those who ask for it
    waiting: tuple[WaitingDocument, ...] = ()  # documents that are not read yet, or whose reading failed
    shadow: Shadow | None = None  # what a challenger says of these facts beside this score; no part of the decision

    def fact(self, fact_id: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.id == fact_id), None)

    def named(self, name: str) -> Fact | None:
        """The current fact of that catalogue name, if there is one."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def stance_of(self, fact_id: str) -> Stance:
        """Stance of the weightiest finding about the fact; neutral when no finding names it first."""
        about = [finding for finding in self.findings if finding.facts[:1] == (fact_id,)]
        return max(about, key=lambda finding: finding.materiality).stance if about else Stance.NEUTRAL

    def limit(self, catalogue: Catalogue) -> CaseLimit:
        """How far the limit goes: by grade, by document, by wish."""
        return case_limit(self.facts, by_name(self.facts, catalogue), self.documents, self.case.currency)

    def to_json(self, catalogue: Catalogue) -> dict[str, Any]:
        """The object that ``caseworth show --json`` prints."""
        opinion = self.first_opinion
        return {
            "case": self.case.to_json(),
            "documents": [
                document.to_json() | {"signs": [sign.to_json() for sign in document.signs]}
                for document in self.documents
            ],
            "waiting": [each.to_json() for each in self.waiting],
            "facts": [
                fact.to_json()
                | {
                    "label": dict(catalogue[fact.name].label) if fact.name in catalogue else {},
                    "stance": self.stance_of(fact.id).value,
                }
                for fact in self.facts
            ],
            "findings": [finding.to_json() for finding in self.findings],
            "score": self.score and self.score.to_json(),
            "challenger": self.shadow and self.shadow.to_json(),
            "policy": self.policy and self.policy.to_json(),
            "limit": self.limit(catalogue).to_json(),
            "report": self.report and self.report.to_json(),
            "decision": self.decision and self.decision.to_json(),
            "first_opinion": opinion
            and {"outcome": opinion.outcome.value, "person": opinion.person, "at": opinion.at.isoformat()},
        }


def show_case(case_id: str, workspace: Workspace) -> CaseView:
    """Read a whole case. Raises ``InputError`` when there is none of that id."""
    with workspace.read() as stores:
        case = stores.cases.get(case_id)
        facts, score = stores.facts.current(case.id), stores.scores.get(case.id)
        said = stores.challengers.get(case.id)
        stands = said is not None and said.stands(by_name(facts, workspace.catalogue), score)
        return CaseView(
            case=case,
            documents=tuple(stores.documents.of_case(case.id)),
            facts=tuple(facts),
            findings=tuple(stores.findings.of_case(case.id)),
            score=score,
            policy=stores.policies.get(case.id),
            report=stores.reports.get(case.id),
            decision=stores.decisions.get(case.id),
            first_opinion=stores.decisions.opinion(case.id),
            transactions=tuple(stores.transactions.of_case(case.id)),
            events=tuple(stores.events.of_case(case.id)),
            waiting=tuple(stores.waiting.of_case(case.id)),
            shadow=said if stands else None,
        )
