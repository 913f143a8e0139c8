"""Check a policy's tables, and run the examples beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.facts import Catalogue
from app.domain.policy import Policy
from app.domain.policy_audit import audit
from app.domain.policy_examples import ExampleResult, read_examples, run_examples
from app.domain.policy_findings import PolicyFinding
from app.errors import InputError
from app.ports import PolicyEngine, Progress, no_progress

Problems = Callable[[Mapping[str, Any]], Iterable[str]]
"""What keeps a document from being loaded, in words (``data.policy_files``)."""


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """What a check found."""

    policy: str
    version: str
    sha256: str
    findings: tuple[PolicyFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the policy from being used; warnings and notes do not."""
        return not any(finding.level == "error" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            "version": self.version,
            "sha256": self.sha256,
            "ok": self.ok,
            "findings": [finding.to_json() for finding in self.findings],
        }


def check_policy(
    document: Mapping[str, Any],
    catalogue: Catalogue,
    engine: PolicyEngine,
    *,
    problems: Problems,
    sha256: str,
    name: str,
    grades: Sequence[str] = (),
    progress: Progress = no_progress,
) -> PolicyReport:
    """Everything found in the tables, the worst first. ``grades`` are those of the scorecard in use.

    ``progress`` is asked often and raises ``Cancelled`` when nobody waits any more.
    """
    format_problems = list(problems(document))
    findings = [*audit(document, catalogue, grades, format_problems, lambda: progress(0, None, "check"))]
    wrong = None if format_problems else _unusable(document, engine)
    if wrong is not None:
        findings.insert(0, wrong)
    label, version = str(document.get("name") or name), str(document.get("version") or sha256[:12])
    return PolicyReport(label, version, sha256, tuple(findings))


def _unusable(document: Mapping[str, Any], engine: PolicyEngine) -> PolicyFinding | None:
    """What the engine refuses: the first cell that is no expression, or the graph."""
    try:
        engine.evaluate(document, {"case": {"currency": "EUR"}})
    except InputError as exc:
        place, _, _ = exc.message.partition(": ")
        table, _, rest = place.removeprefix("Table ").partition(", row ")
        row, _, column = rest.partition(", column ")
        at = int(row) if row.isdigit() else None
        named = table.casefold() if at is not None else ""
        return PolicyFinding("error", "cell", named, exc.message, at, exc.column or column or None)
    return None


def run_policy_examples(policy: Policy, catalogue: Catalogue, engine: PolicyEngine) -> tuple[ExampleResult, ...]:
    """Run the examples of the policy file. Raises ``InputError`` for one that cannot be read."""
    return run_examples(policy, read_examples(policy.document, catalogue), engine.evaluate)
