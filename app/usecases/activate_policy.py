"""Add a version of a policy, and put it in force: by a second person, when its tables and its tests are in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.changes import Changes
from app.domain.policy import Policy
from app.domain.policy_examples import ExampleResult
from app.domain.policy_versions import Activation, PolicyVersion
from app.domain.register import same_person
from app.errors import InputError
from app.ports import Clock, Workspace
from app.usecases.check_policy import PolicyReport


@dataclass(frozen=True, slots=True)
class AddPolicy:
    policy: Policy
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActivatePolicy:
    """A version, what its check and its tests came to, and who puts it in force."""

    policy: Policy
    report: PolicyReport
    results: Sequence[ExampleResult]
    person: str
    note: str = ""


def add_policy(cmd: AddPolicy, workspace: Workspace, *, clock: Clock) -> PolicyVersion:
    """Keep a version with who added it, when and why; one that is there already is returned as it stands.

    Raises ``InputError`` when another version of the policy goes by the same name, or no person is named.
    """
    person, policy = _named(cmd.person), cmd.policy
    with workspace.transaction() as stores:
        known = [each for each in stores.policy_versions.all() if each.policy == policy.name]
        for each in known:
            if each.sha256 == policy.sha256:
                return each
            if each.version == policy.version:
                raise InputError(
                    "version",
                    f"Policy {policy.name} has another version {policy.version} already, added by {each.person}.",
                    remedy="Raise the version in the file.",
                )
        added = PolicyVersion(
            policy.name, policy.version, policy.sha256, person, clock.now().isoformat(), cmd.note.strip()
        )
        stores.policies.keep_policy(policy.sha256, policy.document)
        stores.policy_versions.add(added)
        stores.events.append(person, None, "policy.version-added", _detail(policy) | {"note": added.note})
    return added


def activate_policy(cmd: ActivatePolicy, workspace: Workspace, *, clock: Clock) -> Changes:
    """Put a version in force; the one before it is in force no longer.

    Raises ``InputError`` unless the version was added before by another person, its tables hold no error, it has tests
    and all of them pass, and it is not in force already.
    """
    person, policy = _named(cmd.person), cmd.policy
    _require_sound(cmd)
    with workspace.transaction() as stores:
        added = next((each for each in stores.policy_versions.all() if each.sha256 == policy.sha256), None)
        if added is None:
            raise InputError(
                "version",
                f"Policy {policy.name} {policy.version} has not been added to the workspace.",
                remedy="Add it with a note (caseworth policy add FILE), then let a second person activate it.",
            )
        if same_person(added.person, person):
            raise InputError(
                "person", f"{added.person} added this version.", remedy="Let another person look at it and activate it."
            )
        before = stores.policy_versions.active(policy.name)
        if before is not None and before.sha256 == policy.sha256:
            raise InputError("version", f"Policy {policy.name} {policy.version} is in force already.")
        number = before.number + 1 if before else 1
        at, note = clock.now().isoformat(), cmd.note.strip()
        stores.policy_versions.activate(Activation(policy.name, number, policy.sha256, person, at, note))
        detail = {"added_by": added.person, "tests": len(cmd.results), "note": note}
        previous = {"previous": before.sha256 if before else None}
        stores.events.append(person, None, "policy.activated", _detail(policy) | detail | previous)
    return Changes.POLICY | Changes.CASES


def _named(person: str) -> str:
    if not person.strip():
        raise InputError("person", "A version of a policy needs the name of the person who adds or activates it.")
    return person.strip()


def _require_sound(cmd: ActivatePolicy) -> None:
    errors = [finding for finding in cmd.report.findings if finding.level == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InputError(
            "policy",
            f"{errors[0].place}: {errors[0].message}{more}",
            remedy="Correct the tables; caseworth policy check tells all that was found.",
        )
    if not cmd.results:
        raise InputError(
            "tests",
            f"Policy {cmd.policy.name} {cmd.policy.version} has no tests.",
            remedy="Write example cases with what the policy must say of them under tests; docs/policy.md shows how.",
        )
    failed = [result for result in cmd.results if not result.passed]
    if failed:
        first = f"the first is {failed[0].name!r}: {failed[0].problems[0]}"
        raise InputError(
            "tests",
            f"{len(failed)} of {len(cmd.results)} tests fail; {first}.",
            remedy="Correct the tables or the test; caseworth policy test tells each.",
        )


def _detail(policy: Policy) -> dict[str, object]:
    return {"policy": policy.name, "version": policy.version, "sha256": policy.sha256}
