"""The letters of a desk, its rule pack and the clock of its notices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.case import Reason
from app.domain.notices import Notice
from app.domain.policy import Policy
from app.domain.reason_conflicts import Conflict, conflicts
from app.domain.rulepacks import Lender, RulePack
from app.usecases.lender import keep_lender, lender_of, pack_name
from app.usecases.notice_clock import judged_on, local_day, notice_of_view

if TYPE_CHECKING:
    from app.domain.letters import Letter
    from app.usecases.show_case import CaseView
    from app.usecases.write_letter import LetterRequest, LetterResult, Office


class LetterDesk:
    """What a desk does about notices to applicants; ``desk`` is a ``bootstrap.Desk``."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk

    @cached_property
    def office(self) -> Office:
        from app.usecases.write_letter import Office
        from data.letter_words import load_letter_words

        return Office(self._pack, load_letter_words(), self._policy, self._desk.engine)

    def _pack(self, name: str, on: date) -> RulePack:
        from data.rulepack_files import load_rulepack

        return load_rulepack(name, on)

    def _policy(self, document: Mapping[str, Any], name: str) -> Policy:
        from data.policy_files import policy_from_json

        read = policy_from_json(json.dumps(document).encode(), name, self._desk.catalogue)
        return replace(read, law=self._desk.policies.law)

    # -- settings

    def lender(self) -> tuple[Lender, str]:
        """The particulars of the lender, and the name of the rule pack in use."""
        with self._desk.workspace.read() as stores:
            return lender_of(stores.settings), pack_name(stores.settings)

    def keep_lender(self, changes: Mapping[str, str]) -> Lender:
        """Store particulars of the lender. Raises ``InputError`` for a rule pack, an agency or days there are not."""
        from app.errors import InputError

        name = changes.get("rulepack") or self.lender()[1]
        pack = self._pack(name, self.today())
        agency = changes.get("agency", "")
        if agency and agency not in [each.key for each in pack.agencies]:
            known = ", ".join(each.key for each in pack.agencies) or "none"
            raise InputError("agency", f"The rule pack {name} has no agency {agency}.", remedy=f"There are: {known}.")
        kept = keep_lender(self._desk.workspace, dict(changes))
        self._desk.forget_policy()  # the pack caps its prices
        return kept

    def pack(self, on: date | None = None) -> RulePack:
        """The workspace's rule pack as it is in force on a day, today where none is given."""
        return self._pack(self.lender()[1], on or self.today())

    def packs(self) -> list[RulePack]:
        """Every rule pack there is, as it is in force today."""
        from data.rulepack_files import list_rulepacks

        return [self._pack(name, self.today()) for name in list_rulepacks()]

    # -- a case

    def today(self) -> date:
        return local_day(self._desk.clock.now())

    def notice(self, view: CaseView) -> Notice:
        """Where the clock of the case's notice stands."""
        return notice_of_view(view, self.pack(judged_on(view.case, view.events)), self.today())

    def conflicts(self, view: CaseView, reasons: Sequence[Reason] | None = None) -> tuple[Conflict, ...]:
        """What in the report contradicts the reasons, or those of the decision."""
        given = reasons if reasons is not None else view.decision.reasons if view.decision else ()
        return conflicts(given, view.report, view.findings, view.facts)

    def compose(self, request: LetterRequest) -> tuple[Letter, tuple[Conflict, ...]]:
        """The letter as it would be written now; nothing is noted."""
        from app.usecases.write_letter import compose_letter

        self._assess(request.case_id)
        return compose_letter(request, self._desk.workspace, office=self.office, clock=self._desk.clock)

    def preview(self, request: LetterRequest) -> tuple[Letter, bytes, tuple[Conflict, ...]]:
        """The letter and its PDF; nothing is noted."""
        letter, against = self.compose(request)
        return letter, self._desk.renderer.letter_pdf(letter.to_json()), against

    def write(self, request: LetterRequest, out: Path) -> LetterResult:
        """Write the letter to a file and note it in the audit chain."""
        from app.usecases.write_letter import write_letter

        self._assess(request.case_id)
        return write_letter(
            request,
            out,
            self._desk.workspace,
            office=self.office,
            maker=self._desk.renderer,
            person=self._desk.person,
            clock=self._desk.clock,
        )

    def _assess(self, case_id: str) -> None:
        """Assess a case that nobody has looked at yet, so that it is known what is missing."""
        with self._desk.workspace.read() as stores:
            fresh = stores.policies.get(case_id) is None and stores.decisions.get(case_id) is None
        if fresh:
            self._desk.assess_if_stale(case_id)
