"""An open workspace with its parts, and the jobs done at it. Heavy parts are made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from app.bootstrap.places import fonts_folder, models_folder
from app.domain.changes import Changes
from app.errors import EnvironmentFault, InputError, WorkbenchError
from app.ports import Progress, Reject, Workspace, no_progress
from app.wording_ports import WordingModel

if TYPE_CHECKING:
    from app.bootstrap.challengers import ChallengerDesk
    from app.bootstrap.inventory import InventoryDesk
    from app.bootstrap.letters import LetterDesk
    from app.bootstrap.policies import PolicyBook
    from app.bootstrap.reading import ReadingDesk
    from app.bootstrap.register import Register
    from app.bootstrap.wording import KeptModel
    from app.domain.case import Decision, Outcome, Reason
    from app.domain.facts import Catalogue, Fact
    from app.domain.importing import ImportResult
    from app.domain.mapping import MappingProposal, TableMapping
    from app.domain.notices import Notice
    from app.domain.phrases import PhraseBook
    from app.domain.reading import ReadResult
    from app.domain.report import Report
    from app.domain.report_kinds import ReportKind
    from app.domain.sentences import Sentence
    from app.usecases.capture_fact import CaptureFact
    from app.usecases.classify_document import Classified
    from app.usecases.export_package import ExportResult
    from app.usecases.record_decision import RecordDecision
    from app.usecases.show_case import CaseView
    from data.upgrade import Upgrade
    from local_models.catalogue import ModelSpec

POLICY = "instalment-loan"
SMALL_MODEL = 512 << 20  # bytes up to which a model is loaded before anybody asks for it


def make_readers(workspace: Path | None = None, *, model: str | None = None) -> Any:
    """The readers of documents; they need no workspace, which may hold a model for speech.

    ``model`` names the one that points at what reading leaves open; without it one that is qualified to, if any.
    """
    from app.bootstrap.places import speech_folder
    from app.bootstrap.pointing import with_pointer
    from data.readers.client import Readers

    return with_pointer(partial(Readers, speech=speech_folder(workspace)), model)


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Desk:
    """An open workspace with everything a person works with. A context manager: closing it closes the workspace."""

    def __init__(self, workspace: Workspace, data_key: bytes, *, person: str, role: str) -> None:
        self.workspace = workspace
        self.clock = SystemClock()
        self.person = person
        self.role = role
        self.warn: Callable[[WorkbenchError], object] = lambda _: None
        """Told what a person should know of work that was done all the same; may be called on any thread."""
        self.upgrade: Upgrade | None = None  # that opening the workspace was
        self._data_key = data_key

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children of readers and of the language model, and close the database."""
        for name in ("reading", "readers", "pages", "kept_model"):
            if name in self.__dict__:
                getattr(self, name).close()
        self.workspace.close()

    # -- parts

    @property
    def catalogue(self) -> Catalogue:
        return self.workspace.catalogue

    @property
    def path(self) -> Path:
        return self.workspace.path

    @property
    def key_kept_by(self) -> str:
        """``"keyring"`` or ``"passphrase"``."""
        from app.adapters.keys import key_is_wrapped_by

        return key_is_wrapped_by(self.path / "workspace.json")

    @cached_property
    def readers(self) -> Any:
        return make_readers(self.path)

    @cached_property
    def pages(self) -> Any:
        from data.readers.pages import Pages

        return Pages()

    @cached_property
    def reading(self) -> ReadingDesk:
        """What reads documents in the background."""
        from app.bootstrap.reading import ReadingDesk

        return ReadingDesk(self)

    @cached_property
    def engine(self) -> Any:
        from app.adapters.policy_engine import ZenPolicyEngine

        return ZenPolicyEngine()

    @cached_property
    def signer(self) -> Any:
        from app.adapters.signing_keys import ensure_signer

        return ensure_signer(self.path / "keys", self._data_key, self.person, self.role)

    @cached_property
    def renderer(self) -> Any:
        from app.adapters.rendering import TypstRenderer

        return TypstRenderer(fonts_folder())

    @cached_property
    def letters(self) -> LetterDesk:
        """Letters to applicants, the rule pack, the clock of notices."""
        from app.bootstrap.letters import LetterDesk

        return LetterDesk(self)

    def notice_of(self, case_id: str) -> Notice:
        """Where the clock of the case's notice stands today."""
        from app.usecases.show_case import show_case

        return self.letters.notice(show_case(case_id, self.workspace))

    # -- settings and names

    def setting(self, key: str, default: str = "") -> str:
        with self.workspace.read() as stores:
            return stores.settings.get(key, default)

    def keep_setting(self, key: str, value: str) -> None:
        with self.workspace.transaction() as stores:
            stores.settings.put(key, value)
        if key in ("person.name", "person.role"):
            self.person = self.setting("person.name", self.person)
            self.role = self.setting("person.role", self.role)
            self.__dict__.pop("signer", None)

    def case_id(self, wanted: str) -> str:
        """Resolve an id or an unambiguous reference. Raises ``InputError`` when there is no such case."""
        with self.workspace.read() as stores:
            try:
                return stores.cases.get(wanted).id
            except InputError:
                found = stores.cases.find_by_reference(wanted)
            if found is None:
                raise InputError("case", f"There is no case {wanted}.", remedy="caseworth cases lists them.")
            return found.id

    @cached_property
    def policy(self) -> Any:
        """The policy in force."""
        return self.policies.in_force(POLICY)

    @cached_property
    def policies(self) -> PolicyBook:
        """The policies with their versions."""
        from app.bootstrap.policies import PolicyBook

        return PolicyBook(self)

    def forget_policy(self) -> None:
        """Read the policy in force anew."""
        self.__dict__.pop("policy", None)

    @cached_property
    def phrases(self) -> Any:
        """The rule sentences."""
        from data.phrases import load_phrases

        return load_phrases()

    @property
    def reports_folder(self) -> Path:
        """Where a lender keeps kinds of report and phrases of its own."""
        return self.path / "reports"

    def report_kinds(self) -> dict[str, ReportKind]:
        """The kinds by name, the lender's own among them. Raises ``InputError`` where a file of them is wrong."""
        from data.report_kinds import load_kinds

        return load_kinds(self.reports_folder)

    def report_kind(self, name: str) -> ReportKind:
        kinds = self.report_kinds()
        if name not in kinds:
            raise InputError("kind", f"There is no kind of report {name!r}.", remedy=f"Choose {', '.join(kinds)}.")
        return kinds[name]

    def phrases_of(self, tone: str) -> PhraseBook:
        """The rule sentences in a tone, with the lender's own phrases."""
        from data.report_kinds import phrases_in_tone

        return phrases_in_tone(self.phrases, tone, self.catalogue, self.reports_folder)

    def scorecard(self, name: str | None = None) -> Any:
        """A scorecard by name or file; the one in use when none is named."""
        return self.register.load(name)

    @cached_property
    def register(self) -> Register:
        """The scorecards with their versions, approvals and which one is in use."""
        from app.bootstrap.register import Register

        return Register(self)

    @cached_property
    def inventory(self) -> InventoryDesk:
        """Everything that can shape a decision, with who answers for it."""
        from app.bootstrap.inventory import InventoryDesk

        return InventoryDesk(self)

    @cached_property
    def challengers(self) -> ChallengerDesk:
        """The challengers, and which one runs in shadow."""
        from app.bootstrap.challengers import ChallengerDesk

        return ChallengerDesk(self)

    @cached_property
    def kept_model(self) -> KeptModel:
        """The language model between two drafts."""
        from app.bootstrap.wording import KeptModel

        return KeptModel()

    @contextmanager
    def model(self, name: str | None = None) -> Iterator[WordingModel | None]:
        """The named or default language model, which stays loaded for a while; null for ``none``.

        One that is named must be whole (``EnvironmentFault``); without the default one, reports stand by rule.
        """
        from local_models.catalogue import verify_model

        spec = self.model_spec(name)
        if spec is None:
            yield None
            return
        if name:
            verify_model(spec)
        with self.kept_model.use(spec) as model:
            if model.adapter_fault is not None:
                self.warn(model.adapter_fault)
            yield model

    def warm_model(self) -> None:
        """Load the default model in the background for a draft that may come, if it is a small one; returns at once."""
        spec = self.model_spec(None)
        if spec is not None and spec.file.is_file() and spec.file.stat().st_size <= SMALL_MODEL:
            self.kept_model.prepare(spec)

    def model_spec(self, name: str | None) -> ModelSpec | None:
        """The named or default model as it runs here, with the languages it may word."""
        from app.bootstrap.models import ModelShelf
        from app.bootstrap.qualifying import admitted
        from local_models.catalogue import find_model

        spec = find_model(name or self.setting("model.default") or None, models_folder())
        return None if spec is None else ModelShelf().fitted(admitted(self, spec))

    # -- jobs: the use cases with this desk's parts; each raises what its use case says

    def import_files(
        self,
        paths: Sequence[Path],
        mapping: Path | TableMapping | None,
        progress: Progress = no_progress,
        *,
        put_off: bool = False,
    ) -> ImportResult:
        """Import, then assess the folder cases that got something new.

        With ``put_off`` documents that take long wait for ``reading``.
        """
        from app.usecases.import_files import ImportFiles, import_files

        self.readers.start()
        command = ImportFiles(paths=tuple(paths), mapping=mapping, person=self.person, put_off=put_off)
        result = import_files(command, self.workspace, self.readers, clock=self.clock, progress=progress)
        self.assess_read(result.folder_case_ids, progress)
        return result

    def assess_read(self, case_ids: Sequence[str], progress: Progress = no_progress) -> Changes:
        """Assess those of the cases of which something was read."""
        with self.workspace.read() as stores:
            read = [case_id for case_id in case_ids if stores.facts.current(case_id)]
        return self.assess_many(read, progress)

    def propose_mapping(self, path: Path) -> MappingProposal:
        from app.usecases.propose_mapping import propose_mapping

        return propose_mapping(path, self.readers, self.workspace)

    def export_rejects(self, out: Path, rejects: Sequence[Reject] | None = None) -> Path:
        from app.usecases.repair_rejects import export_rejects

        return export_rejects(self.workspace, out, rejects)

    def repair_rejects(self, path: Path, progress: Progress = no_progress) -> ImportResult:
        from app.usecases.repair_rejects import repair_rejects

        return repair_rejects(
            path, self.workspace, self.readers, person=self.person, clock=self.clock, progress=progress
        )

    def score_all(self, scorecard: Any = None, progress: Progress = no_progress) -> Any:
        from app.usecases.score_case import score_all

        return score_all(self.workspace, scorecard or self.scorecard(), clock=self.clock, progress=progress)

    def assess(self, case_id: str, scorecard: Any = None) -> Changes:
        """Derived facts, score, policy and findings of one case, anew; the challenger in shadow follows."""
        from app.usecases.assess_case import assess_case

        card = scorecard or self.scorecard()
        changes = assess_case(
            case_id, self.workspace, self.engine, scorecard=card, policy=self.policy, clock=self.clock
        )
        return changes | self.challengers.follow([case_id], card)

    def assess_many(self, case_ids: Sequence[str], progress: Progress = no_progress, *, bulk: bool = False) -> Changes:
        """Assess cases, each with the scorecard it was scored with, or the usual one.

        The challenger in shadow follows; in ``bulk`` only where it has spoken before.
        """
        from app.usecases.assess_case import assess_cases

        changes = Changes.NOTHING
        for scorecard, scored in self._by_scorecard(case_ids):
            changes |= assess_cases(
                scored,
                self.workspace,
                self.engine,
                scorecard=scorecard,
                policy=self.policy,
                clock=self.clock,
                progress=progress,
            )
            changes |= self.challengers.follow(scored, scorecard, progress, spoken=bulk)
        return changes

    def _by_scorecard(self, case_ids: Sequence[str]) -> list[tuple[Any, list[str]]]:
        """The cases by the scorecard that scored them; the usual one where none has, or where it is not kept."""
        from data.scorecard_files import scorecard_from_json

        if not case_ids:
            return []
        usual = self.scorecard()
        cards, scored = {usual.sha256: usual}, {usual.sha256: list[str]()}
        with self.workspace.read() as stores:
            for case_id in case_ids:
                sha256 = stores.scores.scored_by(case_id) or usual.sha256
                if sha256 not in cards:
                    document = stores.scores.scorecard(sha256)
                    cards[sha256] = scorecard_from_json(document, self.catalogue) if document else usual
                scored.setdefault(cards[sha256].sha256, []).append(case_id)
        return [(cards[sha256], ids) for sha256, ids in scored.items() if ids]

    def assess_if_stale(self, case_id: str) -> None:
        """Assess a case that has no score yet, or none under the policy in force."""
        with self.workspace.read() as stores:
            result, score = stores.policies.get(case_id), stores.scores.get(case_id)
        if score is None or result is None or result.sha256 != self.policy.sha256:
            self.assess_many([case_id])

    def _make_ready(self, case_id: str) -> None:
        """Bring a case up to date before its report is drafted."""
        self.assess_if_stale(case_id)
        self.challengers.refresh(case_id)

    def draft(
        self,
        case_id: str,
        model: str | WordingModel | None = None,
        *,
        seed: int = 0,
        language: str | None = None,
        kind: str = "full",
        on_sentence: Callable[[Sentence], None] | None = None,
        progress: Progress = no_progress,
    ) -> Report:
        """Draft one report of a kind; ``model`` is a name (null: the default one), or one that is open already.

        Raises ``EnvironmentFault`` when a named model cannot be used; the report by rule is stored all the same.
        """
        from app.usecases.draft_report import DraftReport, draft_report
        from data.checking_words import load_lexicon

        named = isinstance(model, str)
        wanted = self.report_kind(kind)
        command = DraftReport(case_id, seed, language, self.person, model_required=named, kind=wanted)
        phrases = self.phrases_of(wanted.tone)
        draft = partial(
            draft_report, command, self.workspace, phrases=phrases, lexicon=load_lexicon(), clock=self.clock
        )
        with ExitStack() as stack:
            try:
                opened = self.model(model) if model is None or isinstance(model, str) else nullcontext(model)
                wording = stack.enter_context(opened)  # it loads while the case is assessed
            except EnvironmentFault:
                self._make_ready(case_id)
                draft(None)
                raise
            self._make_ready(case_id)
            return draft(wording, on_sentence=on_sentence, progress=progress)

    def draft_missing(self, progress: Progress = no_progress) -> int:
        """Assess and draft by rule every case that has no report; returns how many reports were written."""
        from app.usecases.draft_report import draft_by_rule

        with self.workspace.read() as stores:
            waiting = [case_id for case_id in stores.cases.ids() if stores.reports.get(case_id) is None]
            fresh = [case_id for case_id in waiting if stores.policies.get(case_id) is None]
        self.assess_many(fresh, progress, bulk=True)
        usual = self.report_kind("full")
        phrases = self.phrases_of(usual.tone)
        return draft_by_rule(
            waiting, self.workspace, phrases=phrases, kind=usual, person=self.person, progress=progress
        )

    def check_text(self, case_id: str, text: str, language: str | None = None) -> Any:
        from app.bootstrap.wording import closed_questions
        from app.usecases.check_text import CheckText, check_text
        from data.checking_words import load_lexicon

        with closed_questions(self) as asks:
            return check_text(CheckText(case_id, text, language), self.workspace, load_lexicon(), asks)

    def edit_sentence(self, case_id: str, key: str, text: str) -> Changes:
        return self._edit(case_id, key=key, text=text)

    def add_sentence(self, case_id: str, section: str, text: str) -> Changes:
        return self._edit(case_id, section=section, text=text, action="add")

    def remove_sentence(self, case_id: str, key: str) -> Changes:
        return self._edit(case_id, key=key, action="remove")

    def _edit(self, case_id: str, **what: Any) -> Changes:
        from app.usecases.edit_sentence import EditSentence, edit_sentence
        from data.checking_words import load_lexicon

        command = EditSentence(case_id=case_id, person=self.person, **what)
        return edit_sentence(command, self.workspace, phrases=self.phrases, lexicon=load_lexicon(), clock=self.clock)

    # -- facts

    def fact(self, case_id: str, wanted: str) -> Fact:
        """The current fact of that id or catalogue name. Raises ``InputError`` when there is none."""
        with self.workspace.read() as stores:
            facts = stores.facts.current(case_id)
        for fact in facts:
            if wanted in (fact.id, fact.name):
                return fact
        raise InputError("fact", f"{case_id} has no current fact {wanted}.", remedy="caseworth show lists them.")

    def confirm_fact(self, case_id: str, fact_id: str) -> Changes:
        """Confirm a fact, and assess its case anew."""
        from app.usecases.confirm_fact import ConfirmFact, confirm_fact

        changes = confirm_fact(ConfirmFact(case_id, fact_id), self.workspace, person=self.person, clock=self.clock)
        return changes | self.assess_many([case_id])

    def correct_fact(
        self, case_id: str, name: str, value: str, reason: str, unit: str | None = None, *, fact_id: str | None = None
    ) -> Changes:
        """Put a person's value in place of a fact's, and assess the case anew."""
        from app.usecases.confirm_fact import CorrectFact, correct_fact

        command = CorrectFact(case_id, name, value, reason, unit, fact_id)
        changes = correct_fact(command, self.workspace, person=self.person, clock=self.clock)
        return changes | self.assess_many([case_id])

    def capture_fact(self, command: CaptureFact) -> Changes:
        """Keep a value that a person read off a page, and assess the case anew."""
        from app.usecases.capture_fact import capture_fact

        changes = capture_fact(command, self.workspace, person=self.person, clock=self.clock)
        return changes | self.assess_many([command.case_id])

    def read_document_as(self, case_id: str, sha256: str, kind: str, progress: Progress = no_progress) -> ReadResult:
        """Read a document of the case anew under a kind; nothing is stored yet."""
        from app.usecases.classify_document import ClassifyDocument, read_document_as

        command = ClassifyDocument(case_id, sha256, kind)
        return read_document_as(command, self.workspace, self.readers, progress=progress)

    def classify_document(self, case_id: str, sha256: str, kind: str, found: ReadResult) -> Classified:
        """Change a document's kind to what it was read under, and assess the case anew."""
        from app.usecases.classify_document import ClassifyDocument, classify_document

        command = ClassifyDocument(case_id, sha256, kind)
        done = classify_document(command, found, self.workspace, person=self.person)
        self.assess_many([case_id])
        return done

    def wish_limit(self, case_id: str, value: str | None) -> Changes:
        """Hold the limit to the most that the applicant wishes for (None: take it back), and assess the case anew."""
        from app.usecases.wish_limit import WishLimit, wish_limit

        changes = wish_limit(WishLimit(case_id, value), self.workspace, person=self.person)
        return changes | self.assess_many([case_id]) if changes else changes

    # -- deciding and sealing

    def record_first_opinion(self, case_id: str, outcome: Outcome) -> Changes:
        from app.usecases.record_decision import record_first_opinion

        return record_first_opinion(case_id, outcome, self.workspace, person=self.person, clock=self.clock)

    def propose_reasons(self, view: CaseView) -> tuple[Reason, ...]:
        """Principal reasons that rest on factors actually used."""
        from app.usecases.record_decision import propose_reasons

        return propose_reasons(view, self.catalogue, self.policy)

    def decided(self, case_id: str) -> Decision | None:
        """The decision that stands."""
        with self.workspace.read() as stores:
            return stores.decisions.get(case_id)

    def decide(self, command: RecordDecision) -> Decision:
        """Record the decision; a decline or counter-offer without reason codes takes the proposed ones."""
        from app.domain.case import Outcome
        from app.usecases.record_decision import record_decision
        from app.usecases.show_case import show_case

        self.assess_if_stale(command.case_id)
        if command.outcome in (Outcome.DECLINE, Outcome.COUNTER_OFFER) and not command.reason_codes:
            proposed = self.propose_reasons(show_case(command.case_id, self.workspace))
            command = replace(command, reason_codes=tuple(reason.code for reason in proposed))
        record_decision(
            command,
            self.workspace,
            signer_person=self.person,
            role=self.role,
            policy=self.policy,
            engine=self.engine,
            clock=self.clock,
        )
        decision = self.decided(command.case_id)
        assert decision is not None
        return decision

    def export(self, case_id: str, out: Path) -> ExportResult:
        """Seal a decided case into a signed package."""
        from app.usecases.export_package import ExportPackage, export_package

        usual = self.scorecard()
        with self.workspace.read() as stores:
            decision = stores.decisions.get(case_id)
        return export_package(
            ExportPackage(case_id, out),
            self.workspace,
            self.signer,
            self.renderer,
            scorecards={usual.name: usual.document},
            clock=self.clock,
            inventory=self.inventory.of_case(case_id, until=decision.decided_at) if decision else (),
        )
