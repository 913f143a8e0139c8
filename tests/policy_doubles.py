"""The stores of policy versions and past cases kept in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from app.domain.policy_versions import Activation, PolicyDraft, PolicyVersion
from app.domain.score import Score
from app.domain.simulation import ALWAYS, PastCase, Period


class MemoryPolicyVersions:
    def __init__(self, versions: dict[str, PolicyVersion], activations: dict[tuple[str, int], Activation]) -> None:
        self._versions = versions
        self._activations = activations

    def add(self, version: PolicyVersion) -> None:
        self._versions[version.sha256] = version

    def all(self) -> list[PolicyVersion]:
        return list(self._versions.values())

    def activate(self, activation: Activation) -> None:
        self._activations[activation.policy, activation.number] = activation

    def activations(self) -> list[Activation]:
        return [self._activations[key] for key in sorted(self._activations)]

    def active(self, policy: str) -> Activation | None:
        of_policy = [each for each in self.activations() if each.policy == policy]
        return of_policy[-1] if of_policy else None


class MemoryPolicyDrafts:
    def __init__(self, drafts: dict[str, PolicyDraft]) -> None:
        self._drafts = drafts

    def put(self, draft: PolicyDraft) -> None:
        self._drafts[draft.id] = draft

    def get(self, draft_id: str) -> PolicyDraft | None:
        return self._drafts.get(draft_id)

    def all(self) -> list[PolicyDraft]:
        return [self._drafts[key] for key in sorted(self._drafts)]

    def remove(self, draft_id: str) -> None:
        self._drafts.pop(draft_id, None)


class MemoryPastCases:
    """Every scored case has facts of its own here."""

    def __init__(self, currencies: Mapping[str, str], scores: Mapping[str, Score]) -> None:
        self._currencies = currencies
        self._scores = scores

    def count(self, period: Period = ALWAYS) -> tuple[int, int]:
        return len(self._scores), len(self._currencies) - len(self._scores)

    def batches(self, names: Collection[str], period: Period = ALWAYS) -> Iterator[list[PastCase]]:
        yield [
            PastCase(case_id, self._currencies[case_id], score.points, score.grade, score.pd, None, None)
            for case_id, score in sorted(self._scores.items())
        ]
