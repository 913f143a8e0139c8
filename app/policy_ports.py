"""What the use cases of policies need of the stored data; part of ``app.ports``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.domain.policy_versions import Activation, PolicyDraft, PolicyVersion
    from app.domain.simulation import PastCase, Period


class PolicyVersionStore(Protocol):
    """Versions of policies, and which of them are in force."""

    def add(self, version: PolicyVersion) -> None:
        """Append a version; its document is kept by ``PolicyStore.keep_policy``."""

    def all(self) -> list[PolicyVersion]:
        """Every version, in order of arrival."""

    def activate(self, activation: Activation) -> None: ...
    def activations(self) -> list[Activation]: ...
    def active(self, policy: str) -> Activation | None:
        """The activation in force; None while the policy that ships is."""


class PolicyDraftStore(Protocol):
    """Versions that somebody is at work on."""

    def put(self, draft: PolicyDraft) -> None:
        """Keep a draft in the place of the one of its id, or as a new one."""

    def get(self, draft_id: str) -> PolicyDraft | None: ...
    def all(self) -> list[PolicyDraft]:
        """Every draft, the oldest first."""

    def remove(self, draft_id: str) -> None: ...


class PastCaseStore(Protocol):
    """Scored cases in bulk, as far as policies read them."""

    def count(self, period: Period = ...) -> tuple[int, int]:
        """Cases of the period with a score, and cases without."""

    def batches(self, names: Collection[str], period: Period = ...) -> Iterator[list[PastCase]]:
        """The scored cases in ascending order; of a table's row, the values of ``names`` that it has."""
