"""Doubles of the ports, kept in memory: a workspace, a clock, a scripted wording model, a signer's stand-in.

They keep the promises the ports make (rollback, superseding, an audit chain), so a use case tested on them meets the
same rules as on DuckDB.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.asking_ports import MeaningStore
from app.challenger_ports import ChallengerStore
from app.domain.case import Case, Decision, Document, FirstOpinion, Outcome, Status, Transaction
from app.domain.challenger import KeptChallenger
from app.domain.facts import Catalogue, Fact, FactDefinition, FactValue, Kind, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding
from app.domain.inventory import Record, Use
from app.domain.layout import Page, Sheet
from app.domain.pages import FirstPage
from app.domain.policy import PolicyResult
from app.domain.policy_versions import Activation, PolicyDraft, PolicyVersion
from app.domain.register import Approval, ScorecardEntry
from app.domain.report import Report
from app.domain.score import Score
from app.domain.scorecard import Scorecard
from app.domain.shadow import Shadow
from app.domain.standing import PointsCount
from app.domain.transactions.rules import Rules
from app.domain.waiting import WaitingDocument, WaitingState
from app.errors import EnvironmentFault, InputError
from app.governance_ports import InventoryStore
from app.policy_ports import PastCaseStore, PolicyDraftStore, PolicyVersionStore
from app.ports import (
    CaseStore,
    DecisionStore,
    DocumentStore,
    Event,
    EventStore,
    FactStore,
    FindingStore,
    MappingStore,
    PolicyStore,
    Progress,
    QueueQuery,
    Reject,
    RejectStore,
    ReportStore,
    ScorecardStore,
    ScoreStore,
    SettingStore,
    Stores,
    TransactionStore,
    Workspace,
)
from app.reading_ports import FirstPageStore, PageStore, WaitingStore
from app.wording_ports import Wording
from data.transaction_rules import load_rules
from tests.asking_doubles import Meanings, MemoryMeanings
from tests.policy_doubles import MemoryPastCases, MemoryPolicyDrafts, MemoryPolicyVersions

ROOT = Path(__file__).resolve().parent.parent
FIRST_HASH = "0" * 64


def load_catalogue(path: Path = ROOT / "data" / "catalogue" / "facts.toml") -> Catalogue:
    """The shipped fact catalogue."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return Catalogue(_definition(name, entry) for name, entry in entries.items())


def _definition(name: str, entry: Mapping[str, Any]) -> FactDefinition:
    decimals = {key: Decimal(entry[key]) for key in ("minimum", "maximum", "benchmark") if key in entry}
    return FactDefinition(
        name=name,
        kind=Kind(entry["kind"]),
        label=entry["label"],
        more_is=Stance(entry.get("more_is", "neutral")),
        categories=tuple(entry.get("categories", ())),
        category_labels=entry.get("category_labels", {}),
        sensitive=entry.get("sensitive", False),
        prohibited_basis=entry.get("prohibited_basis"),
        reason_code=entry.get("reason_code"),
        table_column=entry.get("table_column", False),
        aliases=tuple(entry.get("aliases", ())),
        **decimals,
    )


class FixedClock:
    """Stands still, or steps by ``step`` at every reading."""

    def __init__(self, at: datetime = datetime(2026, 10, 28, 9, 0, tzinfo=UTC), step: timedelta = timedelta(0)) -> None:
        self.at = at
        self.step = step

    def now(self) -> datetime:
        at = self.at
        self.at += self.step
        return at


@dataclass
class _State:
    """Everything the workspace keeps; values are immutable, so a shallow copy of each table is a snapshot."""

    cases: dict[str, Case] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    case_documents: dict[tuple[str, str], None] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    retired: dict[str, None] = field(default_factory=dict)
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    transactions: dict[tuple[str, str], tuple[Transaction, ...]] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)
    scorecards: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: dict[str, ScorecardEntry] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    policies: dict[str, PolicyResult] = field(default_factory=dict)
    kept_policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    policy_versions: dict[str, PolicyVersion] = field(default_factory=dict)
    activations: dict[tuple[str, int], Activation] = field(default_factory=dict)
    policy_drafts: dict[str, PolicyDraft] = field(default_factory=dict)
    reports: dict[str, tuple[Report, ...]] = field(default_factory=dict)
    decisions: dict[str, tuple[Decision, ...]] = field(default_factory=dict)
    opinions: dict[str, FirstOpinion] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    rejects: dict[int, Reject] = field(default_factory=dict)
    mappings: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    challengers: dict[str, tuple[KeptChallenger, bytes]] = field(default_factory=dict)
    shadows: dict[str, Shadow] = field(default_factory=dict)
    inventory: list[Record] = field(default_factory=list)
    waiting: dict[tuple[str, str], WaitingDocument] = field(default_factory=dict)
    pages: dict[tuple[str, int], Page] = field(default_factory=dict)
    first_pages: dict[str, tuple[Sheet | None, FirstPage]] = field(default_factory=dict)
    meanings: Meanings = field(default_factory=dict)

    def snapshot(self) -> _State:
        return _State(**{name: copy(table) for name, table in vars(self).items()})


class MemoryCases:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(
        self,
        *,
        reference: str,
        applicant: str,
        product: str,
        amount: Decimal | None,
        currency: str,
        term_months: int | None,
        received_on: Any,
        language: str = "en",
    ) -> Case:
        number = len(self._state.cases) + 1
        year = received_on.year if isinstance(received_on, date) else 2026
        case = Case(
            id=f"C-{year}-{number:06d}",
            reference=reference,
            applicant=applicant,
            product=product,
            amount=amount,
            currency=currency,
            term_months=term_months,
            received_on=received_on,
            language=language,
        )
        self._state.cases[case.id] = case
        return case

    def get(self, case_id: str) -> Case:
        case = self._state.cases.get(case_id) or self.find_by_reference(case_id)
        if case is None:
            raise InputError("case", f"There is no case {case_id}.", remedy="See the list of cases.")
        score = self._state.scores.get(case.id)
        result = self._state.policies.get(case.id)
        return replace(
            case,
            points=score.points if score else None,
            pd=score.pd if score else None,
            grade=score.grade if score else None,
            policy_outcome=result.outcome if result else None,
        )

    def find_by_reference(self, reference: str) -> Case | None:
        found = [case for case in self._state.cases.values() if case.reference == reference]
        return found[0] if len(found) == 1 else None

    def update_head(self, case: Case) -> None:
        self._state.cases[case.id] = replace(case, status=self._state.cases[case.id].status)

    def set_status(self, case_id: str, status: Status) -> None:
        self._state.cases[case_id] = replace(self._state.cases[case_id], status=status)

    def count(self) -> int:
        return len(self._state.cases)

    def ids(self) -> Iterator[str]:
        return iter(tuple(self._state.cases))


class MemoryDocuments:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, case_id: str | None, document: Document, content: bytes | Path) -> bool:
        data = content.read_bytes() if isinstance(content, Path) else content
        new = (case_id or "", document.sha256) not in self._state.case_documents
        self._state.documents.setdefault(document.sha256, document)
        self._state.contents.setdefault(document.sha256, data)
        self._state.case_documents[case_id or "", document.sha256] = None
        return new

    def of_case(self, case_id: str) -> list[Document]:
        return [self._state.documents[sha] for case, sha in self._state.case_documents if case == case_id]

    def get(self, sha256: str) -> Document:
        if sha256 not in self._state.documents:
            raise InputError("document", f"There is no document {sha256}.")
        return self._state.documents[sha256]

    def known(self, sha256: str) -> bool:
        return sha256 in self._state.documents

    def cases_with(self, sha256: str) -> list[str]:
        return [case for case, sha in self._state.case_documents if sha == sha256 and case]

    def alike(self, document: Document, bits: int) -> list[str]:
        def apart(other: Document) -> int:
            return (int(document.fingerprint or "0", 16) ^ int(other.fingerprint or "0", 16)).bit_count()

        others = [each for each in self._state.documents.values() if each.fingerprint and each != document]
        return [each.sha256 for each in others if document.fingerprint and apart(each) <= bits]

    def content(self, sha256: str) -> bytes:
        if sha256 not in self._state.contents:
            raise EnvironmentFault(f"The original {sha256} is missing.", remedy="Import the file again.")
        return self._state.contents[sha256]

    def update_note(self, sha256: str, note: str) -> None:
        self._state.documents[sha256] = replace(self._state.documents[sha256], note=note)

    def complete(self, document: Document) -> None:
        self._state.documents[document.sha256] = document


class MemoryFacts:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self._state.retired.pop(fact.id, None)
            self._state.facts.setdefault(fact.id, fact)

    def current(self, case_id: str) -> list[Fact]:
        live = [fact for fact in self.history(case_id) if fact.id not in self._state.retired]
        superseded = {fact.supersedes for fact in live}
        return sorted((fact for fact in live if fact.id not in superseded), key=lambda fact: (fact.name, fact.id))

    def history(self, case_id: str) -> list[Fact]:
        return [fact for fact in self._state.facts.values() if fact.case_id == case_id]

    def get(self, fact_id: str, case_id: str | None = None) -> Fact:
        if fact_id not in self._state.facts:
            raise InputError("fact", f"There is no fact {fact_id}.")
        return self._state.facts[fact_id]

    def retire(self, case_id: str, fact_ids: Sequence[str]) -> None:
        self._state.retired.update(dict.fromkeys(fact_ids))


class MemoryFindings:
    def __init__(self, state: _State) -> None:
        self._state = state

    def replace(self, case_id: str, findings: Sequence[Finding]) -> None:
        assert len({finding.id for finding in findings}) == len(findings), "finding ids are unique in a case"
        self._state.findings[case_id] = tuple(findings)

    def of_case(self, case_id: str) -> list[Finding]:
        return list(self._state.findings.get(case_id, ()))


class MemoryTransactions:
    def __init__(self, state: _State) -> None:
        self._state = state

    def rules(self) -> Rules:
        return load_rules()

    def replace(self, case_id: str, document: str, transactions: Sequence[Transaction]) -> None:
        self._state.transactions[case_id, document] = tuple(transactions)

    def of_case(self, case_id: str) -> list[Transaction]:
        return [line for (case, _), lines in self._state.transactions.items() if case == case_id for line in lines]


class MemoryScores:
    def __init__(self, state: _State, scorer: Callable[[Mapping[str, Any], MemoryStores], int] | None) -> None:
        self._state = state
        self._scorer = scorer

    def put(self, case_id: str, score: Score) -> None:
        self._state.scores[case_id] = score

    def get(self, case_id: str) -> Score | None:
        return self._state.scores.get(case_id)

    def score_all(self, scorecard_json: Mapping[str, Any], progress: Progress) -> int:
        assert self._scorer is not None, "give MemoryWorkspace a scorer to score all cases"
        return self._scorer(scorecard_json, MemoryStores(self._state, self._scorer))

    def inputs(self, case_id: str, names: Sequence[str]) -> Mapping[str, Any]:
        values = {fact.name: fact.value for fact in MemoryFacts(self._state).current(case_id)}
        return {name: values.get(name) for name in names}

    def bins(self, scorecard: Scorecard, cases: Sequence[Mapping[str, FactValue | None]]) -> list[tuple[int, ...]]:
        return [tuple(row.bin_of(case.get(row.name)) for row in scorecard.characteristics) for case in cases]

    def scored_by(self, case_id: str) -> str | None:
        score = self.get(case_id)
        return score and score.sha256

    def keep_scorecard(self, sha256: str, document: Mapping[str, Any]) -> None:
        self._state.scorecards[sha256] = document

    def scorecard(self, sha256: str) -> Mapping[str, Any] | None:
        return self._state.scorecards.get(sha256)


class MemoryScorecards:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, sha256: str, document: Mapping[str, Any], person: str, added_at: datetime) -> None:
        self._state.versions.setdefault(sha256, ScorecardEntry(sha256, document, person, added_at))
        self._state.scorecards[sha256] = document

    def entries(self) -> list[ScorecardEntry]:
        used = self.in_use()
        return [
            replace(entry, in_use=entry.sha256 == used, cases=self.cases(entry.sha256))
            for entry in self._state.versions.values()
        ]

    def cases(self, sha256: str) -> int:
        return sum(score.sha256 == sha256 for score in self._state.scores.values())

    def approve(self, sha256: str, approval: Approval) -> None:
        self._state.versions[sha256] = replace(self._state.versions[sha256], approval=approval)

    def use(self, sha256: str, person: str, at: datetime) -> None:
        self._state.uses.append(sha256)

    def in_use(self) -> str | None:
        return self._state.uses[-1] if self._state.uses else None


class MemoryPolicies:
    def __init__(self, state: _State) -> None:
        self._state = state

    def keep_policy(self, sha256: str, document: Mapping[str, Any]) -> None:
        self._state.kept_policies.setdefault(sha256, document)

    def policy(self, sha256: str) -> Mapping[str, Any] | None:
        return self._state.kept_policies.get(sha256)

    def put(self, case_id: str, result: PolicyResult) -> None:
        if result.sha256 not in self._state.kept_policies:
            raise LookupError(result.sha256)
        self._state.policies[case_id] = result

    def get(self, case_id: str) -> PolicyResult | None:
        return self._state.policies.get(case_id)


class MemoryReports:
    def __init__(self, state: _State) -> None:
        self._state = state

    def put(self, case_id: str, report: Report) -> None:
        self._state.reports[case_id] = (*self._state.reports.get(case_id, ()), report)

    def get(self, case_id: str) -> Report | None:
        reports = self._state.reports.get(case_id, ())
        return reports[-1] if reports else None


class MemoryDecisions:
    def __init__(self, state: _State) -> None:
        self._state = state

    def put(self, case_id: str, decision: Decision) -> None:
        self._state.decisions[case_id] = (*self._state.decisions.get(case_id, ()), decision)

    def get(self, case_id: str) -> Decision | None:
        decisions = self._state.decisions.get(case_id, ())
        return decisions[-1] if decisions else None

    def put_opinion(self, case_id: str, opinion: FirstOpinion) -> None:
        self._state.opinions[case_id] = opinion

    def opinion(self, case_id: str) -> FirstOpinion | None:
        return self._state.opinions.get(case_id)


class MemoryEvents:
    """An audit chain: each digest covers the event and the digest before it."""

    def __init__(self, state: _State, clock: FixedClock) -> None:
        self._state = state
        self._clock = clock

    def append(self, person: str, case_id: str | None, what: str, detail: Mapping[str, Any]) -> Event:
        previous = self._state.events[-1].digest if self._state.events else FIRST_HASH
        event = Event(
            len(self._state.events) + 1, self._clock.now(), person, case_id, what, dict(detail), previous, digest=""
        )
        event = replace(event, digest=event.expected_digest())
        self._state.events.append(event)
        return event

    def of_case(self, case_id: str) -> list[Event]:
        return [event for event in self._state.events if event.case_id == case_id]

    def verify(self) -> int | None:
        previous = FIRST_HASH
        for event in self._state.events:
            if event.previous != previous or event.digest != event.expected_digest():
                return event.seq
            previous = event.digest
        return None


class MemoryRejects:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, rejects: Sequence[Reject]) -> None:
        for reject in rejects:
            number = max(self._state.rejects, default=0) + 1
            self._state.rejects[number] = replace(reject, id=number)

    def all(self) -> list[Reject]:
        return list(self._state.rejects.values())

    def remove(self, ids: Sequence[int]) -> None:
        for number in ids:
            self._state.rejects.pop(number, None)


class MemoryMappings:
    def __init__(self, state: _State) -> None:
        self._state = state

    def put(self, shape: str, toml: str) -> None:
        self._state.mappings[shape] = toml

    def get(self, shape: str) -> str | None:
        return self._state.mappings.get(shape)


class MemorySettings:
    def __init__(self, state: _State) -> None:
        self._state = state

    def put(self, key: str, value: str) -> None:
        self._state.settings[key] = value

    def get(self, key: str, default: str = "") -> str:
        return self._state.settings.get(key, default)


class MemoryChallengers:
    def __init__(self, state: _State) -> None:
        self._state = state

    def keep(self, challenger: KeptChallenger, data: bytes) -> None:
        self._state.challengers.setdefault(challenger.sha256, (challenger, data))

    def mend(self, sha256: str, data: bytes) -> None:
        self._state.challengers[sha256] = self._state.challengers[sha256][0], data

    def kept(self) -> list[KeptChallenger]:
        return [challenger for challenger, _ in self._state.challengers.values()]

    def data(self, sha256: str) -> bytes:
        return self._state.challengers[sha256][1]

    def put(self, case_id: str, shadow: Shadow) -> None:
        self._state.shadows[case_id] = shadow

    def get(self, case_id: str) -> Shadow | None:
        return self._state.shadows.get(case_id)

    def remove(self, case_id: str) -> None:
        self._state.shadows.pop(case_id, None)


class MemoryInventory:
    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, record: Record) -> None:
        self._state.inventory.append(record)

    def records(self) -> list[Record]:
        return list(self._state.inventory)

    def uses(self) -> Mapping[str, Use]:
        counts: dict[str, Use] = {}
        for case_id, score in self._state.scores.items():
            signed = self._state.cases[case_id].status is Status.SIGNED
            before = counts.get(score.sha256, Use())
            counts[score.sha256] = Use(before.cases + 1, before.packages + signed)
        return counts


class MemoryWaiting:
    def __init__(self, state: _State) -> None:
        self._state = state

    def put(self, waiting: WaitingDocument) -> None:
        self.remove(waiting.case_id, waiting.sha256)
        self._state.waiting[waiting.case_id, waiting.sha256] = waiting

    def next(self) -> WaitingDocument | None:
        return next((each for each in self._state.waiting.values() if each.state is WaitingState.WAITING), None)

    def of_case(self, case_id: str) -> list[WaitingDocument]:
        return [each for each in self._state.waiting.values() if each.case_id == case_id]

    def count(self) -> int:
        return sum(each.state is WaitingState.WAITING for each in self._state.waiting.values())

    def remove(self, case_id: str, sha256: str) -> None:
        self._state.waiting.pop((case_id, sha256), None)


class MemoryPages:
    def __init__(self, state: _State) -> None:
        self._state = state

    def of(self, sha256: str) -> list[Page]:
        return [page for (document, _), page in sorted(self._state.pages.items()) if document == sha256]

    def page(self, sha256: str, number: int) -> Page | None:
        return self._state.pages.get((sha256, number))

    def keep(self, sha256: str, page: Page) -> None:
        self._state.pages[sha256, page.number] = page


class MemoryFirstPages:
    def __init__(self, state: _State) -> None:
        self._state = state

    def get(self, sha256: str, sheet: Sheet | None) -> FirstPage | None:
        held = self._state.first_pages.get(sha256)
        return held[1] if held and held[0] == sheet else None

    def put(self, sha256: str, sheet: Sheet | None, page: FirstPage) -> None:
        self._state.first_pages[sha256] = sheet, page

    def missing(self, size: int) -> list[str]:
        heavy = [each for each in self._state.documents.values() if each.size >= size]
        return [each.sha256 for each in heavy if self.get(each.sha256, each.sheet(1)) is None]


class MemoryMonitoring:
    """Of ``MonitoringStore`` what the case screen asks."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def points(self, sha256: str, without: str) -> list[PointsCount]:
        counts: dict[int, list[int]] = {}
        for case_id, score in self._state.scores.items():
            if score.sha256 == sha256 and case_id != without:
                decision = MemoryDecisions(self._state).get(case_id)
                held = counts.setdefault(score.points, [0, 0])
                held[0] += 1
                held[1] += decision is not None and decision.outcome is Outcome.APPROVE
        return [PointsCount(points, *held) for points, held in sorted(counts.items())]


class MemoryStores:
    """All repositories over one state."""

    def __init__(
        self,
        state: _State,
        scorer: Callable[[Mapping[str, Any], MemoryStores], int] | None = None,
        clock: FixedClock | None = None,
    ) -> None:
        self.cases: CaseStore = MemoryCases(state)
        self.documents: DocumentStore = MemoryDocuments(state)
        self.facts: FactStore = MemoryFacts(state)
        self.findings: FindingStore = MemoryFindings(state)
        self.transactions: TransactionStore = MemoryTransactions(state)
        self.scores: ScoreStore = MemoryScores(state, scorer)
        self.scorecards: ScorecardStore = MemoryScorecards(state)
        self.policies: PolicyStore = MemoryPolicies(state)
        self.policy_versions: PolicyVersionStore = MemoryPolicyVersions(state.policy_versions, state.activations)
        self.policy_drafts: PolicyDraftStore = MemoryPolicyDrafts(state.policy_drafts)
        currencies = {case_id: case.currency for case_id, case in state.cases.items()}
        self.past_cases: PastCaseStore = MemoryPastCases(currencies, state.scores)
        self.reports: ReportStore = MemoryReports(state)
        self.decisions: DecisionStore = MemoryDecisions(state)
        self.events: EventStore = MemoryEvents(state, clock or FixedClock())
        self.rejects: RejectStore = MemoryRejects(state)
        self.mappings: MappingStore = MemoryMappings(state)
        self.settings: SettingStore = MemorySettings(state)
        self.challengers: ChallengerStore = MemoryChallengers(state)
        self.inventory: InventoryStore = MemoryInventory(state)
        self.monitoring = MemoryMonitoring(state)
        self.waiting: WaitingStore = MemoryWaiting(state)
        self.pages: PageStore = MemoryPages(state)
        self.first_pages: FirstPageStore = MemoryFirstPages(state)
        self.meanings: MeaningStore = MemoryMeanings(state.meanings)

    def ingest_rows(self, incoming: Path, key: str, document: Document, progress: Progress) -> int:
        """Here the hand-over file is JSON lines: ``{"reference", "row", "values": {name: [value, unit]}}``."""
        self.documents.add(None, document, b"")
        lines = incoming.read_text(encoding="utf-8").splitlines()
        for done, line in enumerate(lines, 1):
            self._ingest(json.loads(line), document)
            progress(done, len(lines), "rows")
        return len(lines)

    def _ingest(self, row: Mapping[str, Any], document: Document) -> None:
        case = self.cases.add(
            reference=row["reference"],
            applicant="",
            product="instalment-loan",
            amount=None,
            currency="EUR",
            term_months=None,
            received_on=None,
        )
        source = Source(SourceKind.ROW, document=document.sha256, row=row["row"])
        self.facts.add([new_fact(case.id, name, value, unit, source) for name, (value, unit) in row["values"].items()])


class MemoryQueue:
    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = list(cases)
        self.count = len(self._cases)

    def page(self, offset: int, limit: int) -> list[Case]:
        return self._cases[offset : offset + limit]

    def index_of(self, case_id: str) -> int | None:
        return next((index for index, case in enumerate(self._cases) if case.id == case_id), None)

    def close(self) -> None:
        self._cases.clear()


class MemoryWorkspace:
    """A workspace without a disk. ``transaction`` rolls back on any exception; a read inside one sees its writes."""

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        *,
        scorer: Callable[[Mapping[str, Any], MemoryStores], int] | None = None,
        clock: FixedClock | None = None,
        path: Path = Path("memory"),
    ) -> None:
        self.path = path
        self.catalogue = catalogue or load_catalogue()
        self.clock = clock or FixedClock()
        self.transactions_committed = 0
        self._scorer = scorer
        self._state = _State()
        self._writing = False

    @contextmanager
    def transaction(self) -> Iterator[Stores]:
        assert not self._writing, "transactions do not nest"
        before = self._state.snapshot()
        self._writing = True
        try:
            yield MemoryStores(self._state, self._scorer, self.clock)
        except BaseException:
            self._state = before
            raise
        else:
            self.transactions_committed += 1
        finally:
            self._writing = False

    @contextmanager
    def read(self) -> Iterator[Stores]:
        yield MemoryStores(self._state.snapshot(), self._scorer, self.clock)

    def queue(self, query: QueueQuery) -> MemoryQueue:
        with self.read() as stores:
            cases = [stores.cases.get(case_id) for case_id in stores.cases.ids()]
        wanted = [case for case in cases if _matches(case, query)]
        wanted.sort(key=lambda case: _sort_key(getattr(case, query.sort)), reverse=query.descending)
        return MemoryQueue(wanted)

    def interrupt(self, thread: int | None = None) -> None:
        """Nothing runs long here."""

    def close(self) -> None:
        """Nothing is held open."""


def _matches(case: Case, query: QueueQuery) -> bool:
    return (
        query.text.casefold() in f"{case.id}\n{case.reference}\n{case.applicant}".casefold()
        and query.status in (None, case.status)
        and query.policy_outcome in (None, case.policy_outcome)
        and query.grade in (None, case.grade)
    )


def _sort_key(value: Any) -> tuple[bool, Any]:
    return value is None, "" if value is None else value


def as_workspace(workspace: MemoryWorkspace) -> Workspace:
    """Let mypy check that the double keeps the port's shape."""
    return workspace


class ScriptedModel:
    """A wording model that answers from a list, then repeats the last answer."""

    name = "scripted"
    sha256 = "5" * 64
    runtime = "scripted 1"

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []
        self.closed = False

    def word(
        self,
        prompt: str,
        grammar: str,
        *,
        seed: int,
        max_tokens: int,
        temperature: float,
        on_token: Callable[[str], None] | None = None,
    ) -> Wording:
        text = self.answers[min(len(self.prompts), len(self.answers) - 1)]
        self.prompts.append(prompt)
        if on_token is not None:
            for word in text.split(" "):
                on_token(word)
        return Wording(text, tokens=len(text.split()), seconds=0.01, stopped="stop")

    def cancel(self) -> None:
        """The answer has already come."""

    def close(self) -> None:
        self.closed = True
