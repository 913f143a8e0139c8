"""The repositories inside one transaction or reading, each loaded when it is first asked for.

Most of what is done at the desk needs a few of them, and the window's first screen hardly any: what a repository
makes (scorecards, policies, monitoring, ...) costs more to load than to read.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.case import Document
    from app.domain.facts import Catalogue
    from app.ports import Clock, Progress
    from data.originals import Originals
    from data.repositories.cases import CaseRepository
    from data.repositories.challengers import ChallengerRepository
    from data.repositories.decisions import DecisionRepository
    from data.repositories.documents import DocumentRepository
    from data.repositories.events import EventRepository
    from data.repositories.facts import FactRepository
    from data.repositories.findings import FindingRepository
    from data.repositories.first_pages import FirstPageRepository
    from data.repositories.inventory import InventoryRepository
    from data.repositories.mappings import MappingRepository
    from data.repositories.meanings import MeaningRepository
    from data.repositories.monitoring import MonitoringRepository
    from data.repositories.outcomes import OutcomeRepository
    from data.repositories.pages import PageRepository
    from data.repositories.past_cases import PastCaseRepository
    from data.repositories.policies import PolicyRepository
    from data.repositories.policy_drafts import PolicyDraftRepository
    from data.repositories.policy_versions import PolicyVersionRepository
    from data.repositories.rejects import RejectRepository
    from data.repositories.reports import ReportRepository
    from data.repositories.scorecards import ScorecardRepository
    from data.repositories.scores import ScoreRepository
    from data.repositories.settings import SettingRepository
    from data.repositories.transactions import TransactionRepository
    from data.repositories.waiting import WaitingRepository
    from data.transaction import Tx


class TransactionStores:
    """``ports.Stores`` inside one transaction or reading."""

    def __init__(
        self, tx: Tx, originals: Originals, catalogue: Catalogue, clock: Clock, rules: Path | None = None
    ) -> None:
        self._tx = tx
        self._rules = rules  # the lender's own, for statement lines
        self._originals = originals
        self._catalogue = catalogue
        self._clock = clock

    @cached_property
    def cases(self) -> CaseRepository:
        from data.repositories.cases import CaseRepository

        return CaseRepository(self._tx, self._clock)

    @cached_property
    def documents(self) -> DocumentRepository:
        from data.repositories.documents import DocumentRepository

        return DocumentRepository(self._tx, self._originals)

    @cached_property
    def facts(self) -> FactRepository:
        from data.repositories.facts import FactRepository

        return FactRepository(self._tx, self._catalogue)

    @cached_property
    def findings(self) -> FindingRepository:
        from data.repositories.findings import FindingRepository

        return FindingRepository(self._tx)

    @cached_property
    def transactions(self) -> TransactionRepository:
        from data.repositories.transactions import TransactionRepository

        return TransactionRepository(self._tx, self._rules)

    @cached_property
    def scores(self) -> ScoreRepository:
        from data.repositories.scores import ScoreRepository

        return ScoreRepository(self._tx)

    @cached_property
    def scorecards(self) -> ScorecardRepository:
        from data.repositories.scorecards import ScorecardRepository

        return ScorecardRepository(self._tx)

    @cached_property
    def policies(self) -> PolicyRepository:
        from data.repositories.policies import PolicyRepository

        return PolicyRepository(self._tx)

    @cached_property
    def policy_versions(self) -> PolicyVersionRepository:
        from data.repositories.policy_versions import PolicyVersionRepository

        return PolicyVersionRepository(self._tx)

    @cached_property
    def policy_drafts(self) -> PolicyDraftRepository:
        from data.repositories.policy_drafts import PolicyDraftRepository

        return PolicyDraftRepository(self._tx)

    @cached_property
    def past_cases(self) -> PastCaseRepository:
        from data.repositories.past_cases import PastCaseRepository

        return PastCaseRepository(self._tx, self._catalogue)

    @cached_property
    def reports(self) -> ReportRepository:
        from data.repositories.reports import ReportRepository

        return ReportRepository(self._tx)

    @cached_property
    def decisions(self) -> DecisionRepository:
        from data.repositories.decisions import DecisionRepository

        return DecisionRepository(self._tx)

    @cached_property
    def events(self) -> EventRepository:
        from data.repositories.events import EventRepository

        return EventRepository(self._tx, self._clock)

    @cached_property
    def rejects(self) -> RejectRepository:
        from data.repositories.rejects import RejectRepository

        return RejectRepository(self._tx)

    @cached_property
    def mappings(self) -> MappingRepository:
        from data.repositories.mappings import MappingRepository

        return MappingRepository(self._tx)

    @cached_property
    def settings(self) -> SettingRepository:
        from data.repositories.settings import SettingRepository

        return SettingRepository(self._tx)

    @cached_property
    def inventory(self) -> InventoryRepository:
        from data.repositories.inventory import InventoryRepository

        return InventoryRepository(self._tx)

    @cached_property
    def challengers(self) -> ChallengerRepository:
        from data.repositories.challengers import ChallengerRepository

        return ChallengerRepository(self._tx)

    @cached_property
    def outcomes(self) -> OutcomeRepository:
        from data.repositories.outcomes import OutcomeRepository

        return OutcomeRepository(self._tx)

    @cached_property
    def waiting(self) -> WaitingRepository:
        from data.repositories.waiting import WaitingRepository

        return WaitingRepository(self._tx)

    @cached_property
    def first_pages(self) -> FirstPageRepository:
        from data.repositories.first_pages import FirstPageRepository

        return FirstPageRepository(self._tx)

    @cached_property
    def meanings(self) -> MeaningRepository:
        from data.repositories.meanings import MeaningRepository

        return MeaningRepository(self._tx)

    @cached_property
    def pages(self) -> PageRepository:
        from data.repositories.pages import PageRepository

        return PageRepository(self._tx)

    @cached_property
    def monitoring(self) -> MonitoringRepository:
        from data.repositories.monitoring import MonitoringRepository

        return MonitoringRepository(self._tx)

    def ingest_rows(self, incoming: Path, key: str, document: Document, progress: Progress) -> int:
        """Take checked rows over from a reader's encrypted hand-over file; returns how many cases were added."""
        from data.repositories.ingest import ingest_rows

        return ingest_rows(self._tx, self._catalogue, incoming, key, document, progress)
