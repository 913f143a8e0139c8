"""The policies of an open workspace: files and versions, their checks, tests, differences and simulations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.facts import Catalogue
from app.domain.policy import Policy
from app.domain.policy_examples import ExampleResult
from app.domain.policy_versions import Activation, Change, PolicyDraft, PolicyVersion, changes
from app.domain.rate_caps import LegalCaps
from app.domain.simulation import ALWAYS, Period
from app.errors import InputError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.price_table import PriceTable
    from app.domain.simulation import Simulation
    from app.usecases.check_policy import PolicyReport
    from app.usecases.offer_terms import Offers

PRODUCT_POLICY = "instalment-loan"
_PREFIX = 8  # least signs of a SHA-256 that name a version


@dataclass(frozen=True, slots=True)
class Listed:
    """A version with its state."""

    version: PolicyVersion | None  # None: the file that ships, which was never added
    policy: str
    label: str
    sha256: str
    active: Activation | None  # the activation in force, if it is this version's
    in_force: bool
    activations: tuple[Activation, ...] = ()  # every one of this version

    @property
    def state(self) -> str:
        """``"active"``, ``"waiting"`` for a second person, or ``"retired"``: in force once, and no longer."""
        if self.in_force:
            return "active"
        return "retired" if self.activations or self.version is None else "waiting"

    def to_json(self) -> dict[str, Any]:
        added = self.version.to_json() if self.version else None
        return {
            "policy": self.policy,
            "version": self.label,
            "sha256": self.sha256,
            "in_force": self.in_force,
            "state": self.state,
            "added": added and {key: added[key] for key in ("person", "added_at", "note")},
            "activated": self.active and {"person": self.active.person, "at": self.active.activated_at},
        }


class PolicyBook:
    """What is done with policies; ``desk`` is None where a file alone is looked at."""

    def __init__(self, desk: Desk | None = None) -> None:
        self._desk = desk

    @cached_property
    def catalogue(self) -> Catalogue:
        if self._desk is not None:
            return self._desk.catalogue
        from data.catalogue import load_catalogue

        return load_catalogue()

    @cached_property
    def engine(self) -> Any:
        if self._desk is not None:
            return self._desk.engine
        from app.adapters.policy_engine import ZenPolicyEngine

        return ZenPolicyEngine()

    # -- finding

    def in_force(self, name: str = PRODUCT_POLICY) -> Policy:
        """The version that was activated, else the policy file that ships."""
        from data.policy_files import load_policy

        desk = self._desk
        if desk is not None:
            with desk.workspace.read() as stores:
                active = stores.policy_versions.active(name)
                document = stores.policies.policy(active.sha256) if active else None
            if document is not None:
                return self._policy(document, name)
        return replace(load_policy(name, self.catalogue), law=self.law)

    @property
    def law(self) -> LegalCaps:
        """What the workspace's rule pack says of prices; nothing without a workspace."""
        from app.domain.rulepacks import legal_caps
        from app.usecases.lender import pack_name
        from app.usecases.notice_clock import local_day
        from data.rulepack_files import load_versions

        desk = self._desk
        if desk is None:
            return LegalCaps()
        with desk.workspace.read() as stores:
            name = pack_name(stores.settings)
        return legal_caps(load_versions(name), local_day(desk.clock.now()))

    def of_case(self, case_id: str) -> Policy:
        """The policy that judged the case, as it was then; the one in force where none has yet."""
        desk = self._at_desk()
        with desk.workspace.read() as stores:
            result = stores.policies.get(case_id)
            document = stores.policies.policy(result.sha256) if result else None
        if result is None or document is None:
            return self.in_force()
        return self._policy(document, result.policy)

    def find(self, wanted: str) -> Policy:
        """A policy by its file, its name (the version in force), ``name@version`` or the beginning of its SHA-256.

        Raises ``InputError`` where there is none, or the document cannot be used as a policy.
        """
        return self._policy(*self.document(wanted))

    def document(self, wanted: str) -> tuple[Mapping[str, Any], str, str | None]:
        """The JDM document of ``find``, with its name and its file, before it is checked as a policy."""
        from data.policy_files import list_policies, read_document

        path = Path(wanted)
        if path.suffix == ".json" or path.is_file():
            return read_document(path), path.stem, str(path)
        version = self._version(wanted)
        if version is not None:
            assert self._desk is not None
            with self._desk.workspace.read() as stores:
                kept = stores.policies.policy(version.sha256)
            assert kept is not None, "a version keeps its document"
            return kept, version.policy, None
        if wanted in list_policies() or any(each.policy == wanted for each in self.versions()):
            return self.in_force(wanted).document, wanted, None
        known = ", ".join(dict.fromkeys([*list_policies(), *(f"{v.policy}@{v.version}" for v in self.versions())]))
        raise InputError("policy", f"There is no policy {wanted}.", remedy=f"There are: {known}; or give a .json file.")

    def _version(self, wanted: str) -> PolicyVersion | None:
        name, _, label = wanted.partition("@")
        for each in self.versions():
            if (label and (each.policy, each.version) == (name, label)) or (
                len(wanted) >= _PREFIX and each.sha256.startswith(wanted.lower())
            ):
                return each
        return None

    def _policy(self, document: Mapping[str, Any], name: str, file: str | None = None) -> Policy:
        from data.policy_files import policy_from_json

        return replace(policy_from_json(json.dumps(document).encode(), name, self.catalogue, file=file), law=self.law)

    def read(self, document: Mapping[str, Any], name: str) -> Policy:
        """A document as a policy. Raises ``InputError`` for what is wrong in it."""
        return self._policy(document, name)

    def versions(self) -> list[PolicyVersion]:
        """Every version that was added, in order of arrival."""
        if self._desk is None:
            return []
        with self._desk.workspace.read() as stores:
            return stores.policy_versions.all()

    def listed(self) -> list[Listed]:
        """The policies that ship and every version that was added, with which of them is in force."""
        from data.policy_files import list_policies, load_policy

        versions, once = self.versions(), self._activations()
        shipped = {name: load_policy(name, self.catalogue) for name in list_policies()}
        out = []
        for name in dict.fromkeys([*shipped, *(each.policy for each in versions)]):
            force, active = self.in_force(name).sha256, self._active(name)
            own = [each for each in versions if each.policy == name]
            if name in shipped and shipped[name].sha256 not in {each.sha256 for each in own}:
                file = shipped[name]
                out.append(Listed(None, name, file.version, file.sha256, None, in_force=file.sha256 == force))
            for each in own:
                mine = each.sha256 == force
                theirs = tuple(one for one in once if (one.policy, one.sha256) == (name, each.sha256))
                out.append(
                    Listed(
                        each,
                        name,
                        each.version,
                        each.sha256,
                        active if mine else None,
                        in_force=mine,
                        activations=theirs,
                    )
                )
        return out

    def _activations(self) -> list[Activation]:
        if self._desk is None:
            return []
        with self._desk.workspace.read() as stores:
            return stores.policy_versions.activations()

    def _active(self, name: str) -> Activation | None:
        if self._desk is None:
            return None
        with self._desk.workspace.read() as stores:
            return stores.policy_versions.active(name)

    # -- jobs

    def check(self, wanted: str) -> PolicyReport:
        """Everything found in a policy's tables."""
        return self.check_document(*self.document(wanted))

    def check_document(
        self, document: Mapping[str, Any], name: str, file: str | None = None, progress: Progress = no_progress
    ) -> PolicyReport:
        """Everything found in the tables of a document."""
        from app.usecases.check_policy import check_policy
        from data.catalogue import load_reason_codes
        from data.policy_files import document_sha256, problems

        def told(given: Mapping[str, Any]) -> Iterable[str]:
            return problems(given, self.catalogue, load_reason_codes())

        return check_policy(
            document,
            self.catalogue,
            self.engine,
            problems=told,
            sha256=document_sha256(document, file),
            name=name,
            grades=self.grades(),
            progress=progress,
        )

    def grades(self) -> tuple[str, ...]:
        """The grades that the scorecard in use gives."""
        if self._desk is not None:
            card = self._desk.scorecard()
        else:
            from data.scorecard_files import load_scorecard

            card = load_scorecard("credit-data", self.catalogue)
        return tuple(grade.name for grade in card.grades)

    def grade_pds(self) -> dict[str, Decimal | None]:
        """The grades of the scorecard in use with their probability of default at the middle of their points."""
        card = self._at_desk().scorecard()
        bounds = sorted(card.grades, key=lambda each: -(each.minimum_points or card.minimum_points))
        out: dict[str, Decimal | None] = {}
        top = card.maximum_points
        for grade in bounds:
            low = max(card.minimum_points, grade.minimum_points or card.minimum_points)
            out[grade.name] = card.calibration.pd((low + max(top, low)) // 2)
            top = low - 1
        return out

    def prices(self, policy: Policy, currency: str, amount: Decimal) -> PriceTable:
        """What the price grid of a policy comes to."""
        from app.domain.price_table import price_table

        return price_table(policy, self.engine.evaluate, currency=currency, amount=amount, pds=self.grade_pds())

    def test(self, wanted: str) -> tuple[Policy, tuple[ExampleResult, ...]]:
        """Run the tests beside a policy's tables."""
        policy = self.find(wanted)
        return policy, self.test_policy(policy)

    def test_policy(self, policy: Policy) -> tuple[ExampleResult, ...]:
        """Run the tests of a policy; they are about its tables alone, whatever the rule pack caps."""
        from app.usecases.check_policy import run_policy_examples

        return run_policy_examples(replace(policy, law=LegalCaps()), self.catalogue, self.engine)

    def diff(self, old: str, new: str) -> tuple[Change, ...]:
        """What changed from one policy to another."""
        return changes(self.document(old)[0], self.document(new)[0])

    def _at_desk(self) -> Desk:
        assert self._desk is not None, "a workspace is needed"
        return self._desk

    def add(self, wanted: str, note: str = "", person: str | None = None) -> PolicyVersion:
        """Keep a version in the workspace."""
        return self._add(self.find(wanted), note, person)

    def add_document(self, document: Mapping[str, Any], name: str, note: str = "") -> PolicyVersion:
        """Keep a document in the workspace as a version."""
        return self._add(self.read(document, name), note, None)

    def _add(self, policy: Policy, note: str, person: str | None) -> PolicyVersion:
        from app.usecases.activate_policy import AddPolicy, add_policy

        desk = self._at_desk()
        return add_policy(AddPolicy(policy, person or desk.person, note), desk.workspace, clock=desk.clock)

    def activate(self, wanted: str, note: str = "", person: str | None = None) -> Policy:
        """Put a version in force, after its check and its tests."""
        from app.usecases.activate_policy import ActivatePolicy, activate_policy

        desk = self._at_desk()
        policy, results = self.test(wanted)
        command = ActivatePolicy(policy, self.check(wanted), results, person or desk.person, note)
        activate_policy(command, desk.workspace, clock=desk.clock)
        desk.forget_policy()
        return policy

    def drafts(self) -> list[PolicyDraft]:
        """The versions that somebody is at work on."""
        with self._at_desk().workspace.read() as stores:
            return stores.policy_drafts.all()

    def start_draft(self, wanted: str) -> PolicyDraft:
        """Begin the version after another one."""
        from app.usecases.edit_policy import StartDraft, start_draft

        desk = self._at_desk()
        return start_draft(StartDraft(self.find(wanted), desk.person), desk.workspace, clock=desk.clock)

    def keep_draft(self, draft_id: str, document: Mapping[str, Any]) -> PolicyDraft:
        """Keep what a draft has become."""
        from app.usecases.edit_policy import KeepDraft, keep_draft

        desk = self._at_desk()
        return keep_draft(KeepDraft(draft_id, document, desk.person), desk.workspace, clock=desk.clock)

    def drop_draft(self, draft_id: str) -> None:
        """Throw a draft away."""
        from app.usecases.edit_policy import drop_draft

        drop_draft(draft_id, self._at_desk().workspace)

    def submit_draft(self, draft: PolicyDraft, note: str = "", person: str | None = None) -> PolicyVersion:
        """Add a draft to the workspace as a version."""
        from app.usecases.activate_policy import AddPolicy
        from app.usecases.edit_policy import submit_draft

        desk = self._at_desk()
        command = AddPolicy(self.read(draft.document, draft.policy), person or desk.person, note)
        return submit_draft(draft.id, command, desk.workspace, clock=desk.clock)

    def simulate(
        self,
        wanted: str | Policy,
        against: str | Policy | None = None,
        lgd_pct: Decimal | None = None,
        progress: Progress = no_progress,
        period: Period = ALWAYS,
    ) -> Simulation:
        """Put a version before the past cases, beside the one in force (or another)."""
        from app.usecases.simulate_policy import simulate_policy

        desk = self._at_desk()
        other = self.find(against) if isinstance(against, str) else against or desk.policy
        candidate = self.find(wanted) if isinstance(wanted, str) else wanted
        return simulate_policy(
            candidate, other, desk.workspace, desk.engine, lgd_pct=lgd_pct, period=period, progress=progress
        )

    def offers(self, case_id: str, amounts: Sequence[Decimal] = (), terms: Sequence[int] = ()) -> Offers:
        """The offer grid of a case under the policy in force; it is assessed first where it must be."""
        from app.usecases.offer_terms import OfferTerms, offer_terms

        desk = self._at_desk()
        desk.assess_if_stale(case_id)
        command = OfferTerms(case_id, tuple(amounts), tuple(terms))
        return offer_terms(command, desk.workspace, desk.engine, policy=desk.policy)
