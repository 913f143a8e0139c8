"""The versions of policies that were added to the workspace, and which of them are in force."""

from __future__ import annotations

from app.domain.policy_versions import Activation, PolicyVersion
from data.transaction import Tx


class PolicyVersionRepository:
    """``ports.PolicyVersionStore`` over ``policy_versions`` and ``policy_activations``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, version: PolicyVersion) -> None:
        """Append a version; its document is kept by ``PolicyRepository.keep_policy``."""
        row = (version.policy, version.version, version.sha256, version.person, version.added_at, version.note)
        self._tx.insert("policy_versions", [row])

    def all(self) -> list[PolicyVersion]:
        """Every version, in order of arrival."""
        rows = self._tx.rows("SELECT * FROM policy_versions ORDER BY rowid", reads=("policy_versions",))
        return [PolicyVersion(*row) for row in rows]

    def activate(self, activation: Activation) -> None:
        row = (
            activation.policy,
            activation.number,
            activation.sha256,
            activation.person,
            activation.activated_at,
            activation.note,
        )
        self._tx.insert("policy_activations", [row])

    def activations(self) -> list[Activation]:
        """Every activation, the last of each policy being the one that stands."""
        sql = 'SELECT * FROM policy_activations ORDER BY policy, "no"'
        return [Activation(*row) for row in self._tx.rows(sql, reads=("policy_activations",))]

    def active(self, policy: str) -> Activation | None:
        """The activation in force; None while the policy that ships is."""
        sql = 'SELECT * FROM policy_activations WHERE policy = ? ORDER BY "no" DESC LIMIT 1'
        row = self._tx.row(sql, [policy], reads=("policy_activations",))
        return None if row is None else Activation(*row)
