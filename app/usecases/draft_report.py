"""Draft the report of a case: complete from rule sentences at once, then worded by the model a sentence at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from app import __version__
from app.domain.case import Case, Status
from app.domain.checking import Setting, TextCheck, check_worded, vocabulary_of
from app.domain.facts import Catalogue, Fact
from app.domain.phrases import LANGUAGES, PhraseBook
from app.domain.plan import Plan, SentencePlan, Slot
from app.domain.planning import CaseFile, build_plan
from app.domain.questions import Question, questions_from
from app.domain.rendering import Prose
from app.domain.report import Basis, ModelRun, Report
from app.domain.report_kinds import FULL, ReportKind, rank_of
from app.domain.sentences import Author, Sentence, State
from app.domain.summary import ranked
from app.domain.variety import edges, narrowed
from app.errors import EnvironmentFault, InputError
from app.ports import Clock, Progress, Stores, Workspace, no_progress
from app.wording_ports import Wording, WordingModel, WordingRequest

CANDIDATES = 3  # wordings of a sentence that are tried side by side with others before the rule sentence stands
FAULTS_IN_A_ROW = 2  # after which the model is left alone for the rest of the report
TEMPERATURE = 0.7  # of a draft with a seed; without one the likeliest words are taken
BATCH = 200  # cases a transaction when drafting by rule

OnSentence = Callable[[Sentence], None]


@dataclass(frozen=True, slots=True)
class DraftReport:
    """Draft the report of one case; another ``seed`` than 0 asks for another wording."""

    case_id: str
    seed: int = 0
    language: str | None = None  # null: the case's
    person: str = "desk"
    model_required: bool = False  # whether a model that cannot be used at all is an error, and not only said
    kind: ReportKind = FULL


@dataclass(frozen=True, slots=True)
class _Draft:
    """What one draft works with; read in one go, so that it is of one moment."""

    case: Case
    facts: Mapping[str, Fact]  # by id
    plan: Plan
    prose: Prose
    kind: ReportKind
    questions: tuple[Question, ...]

    @property
    def basis(self) -> Basis:
        phrases = self.prose.phrases
        return Basis(__version__, phrases.sha256, self.plan.digest(), phrases.files)

    def report(self, sentences: Iterable[Sentence]) -> Report:
        """A report of these sentences, before any model has spoken."""
        return Report(
            self.case.id,
            self.plan.language,
            tuple(sentences),
            basis=self.basis,
            kind=self.kind,
            highlights=ranked(self.plan.sentences),
            questions=self.questions,
        )

    def setting_for(self, sentence: SentencePlan, others: Sequence[str] = ()) -> Setting:
        """Labels may hold words for numbers ("the last three months"); they are no figures of the model's."""
        known = vocabulary_of([sentence.rule_text, sentence.frame])
        return Setting(self.plan.language, known, others, tuple(self.labels(sentence).values()))

    def labels(self, sentence: SentencePlan) -> dict[str, str]:
        return {slot.name: self.prose.label(slot.name) for slot in sentence.slots}

    def facts_of(self, sentence: SentencePlan) -> dict[str, Fact]:
        return {slot.name: self.facts[slot.fact] for slot in sentence.slots}


def draft_report(
    cmd: DraftReport,
    workspace: Workspace,
    model: WordingModel | None,
    *,
    phrases: PhraseBook,
    clock: Clock,
    on_sentence: OnSentence | None = None,
    on_token: Callable[[str], None] | None = None,
    progress: Progress = no_progress,
) -> Report:
    """Draft, store and return the report; the case becomes drafted unless it is further on.

    The rule sentences are stored first, in a transaction of their own: the report stands complete before the model is
    asked. A wording that fails a check, and a model that fails, leave the rule sentence with the reason in
    ``fallback``. Sentences a person wrote or edited stay. ``on_sentence`` hears each sentence as it is settled,
    ``on_token`` the model's words as they come. Raises ``InputError`` when the case is not assessed or is signed,
    ``Cancelled`` when stopped, and the model's ``EnvironmentFault`` when it is required and worded nothing; the rule
    sentences stand then too.
    """
    start = clock.now()
    draft = _read(cmd, workspace, phrases)
    by_rule = [rule_sentence(draft, sentence) for sentence in draft.plan.sentences]
    _store(cmd, workspace, draft.report(by_rule), "report.planned")
    writer = _Writer(cmd, draft, model, on_token)
    sentences = writer.word_all(draft.plan.sentences, by_rule, on_sentence or _nobody, progress)
    progress(len(by_rule), len(by_rule), "")
    seconds = (clock.now() - start).total_seconds()
    report = replace(draft.report(sentences), model=writer.run(), tokens=writer.tokens, seconds=seconds)
    stored = _store(cmd, workspace, report, "report.drafted")
    if cmd.model_required and writer.fault is not None and not writer.worded:
        raise writer.fault
    return stored


def try_report(
    cmd: DraftReport,
    workspace: Workspace,
    model: WordingModel,
    *,
    phrases: PhraseBook,
    clock: Clock,
    progress: Progress = no_progress,
) -> Report:
    """What ``draft_report`` would make of the case with this model; nothing is stored, nothing of people's goes in.

    Raises ``InputError`` when the case is not assessed or is signed, ``Cancelled`` when stopped, and the model's
    ``EnvironmentFault`` when it worded nothing.
    """
    start = clock.now()
    draft = _read(cmd, workspace, phrases)
    by_rule = [rule_sentence(draft, sentence) for sentence in draft.plan.sentences]
    writer = _Writer(cmd, draft, model, None)
    sentences = writer.word_all(draft.plan.sentences, by_rule, _nobody, progress)
    if writer.fault is not None and not writer.worded:
        raise writer.fault
    seconds = (clock.now() - start).total_seconds()
    return Report(cmd.case_id, draft.plan.language, tuple(sentences), writer.run(), writer.tokens, seconds)


def _nobody(sentence: Sentence) -> None:
    """Nobody listens."""


def draft_by_rule(
    ids: Iterable[str],
    workspace: Workspace,
    *,
    phrases: PhraseBook,
    kind: ReportKind = FULL,
    person: str = "desk",
    progress: Progress = no_progress,
) -> int:
    """Store reports of rule sentences for many cases, a transaction for every ``BATCH``; returns how many.

    Cases that are not assessed, and those with a report already, are passed over. ``progress`` may raise
    ``Cancelled``: the batches before it stay.
    """
    wanted, done, drafted = list(ids), 0, 0
    while done < len(wanted):
        progress(done, len(wanted), "draft")
        with workspace.transaction() as stores:
            for case_id in wanted[done : done + BATCH]:
                drafted += _draft_plainly(case_id, stores, workspace.catalogue, phrases, kind, person)
        done += BATCH
    progress(len(wanted), len(wanted), "draft")
    return drafted


def _draft_plainly(
    case_id: str, stores: Stores, catalogue: Catalogue, phrases: PhraseBook, kind: ReportKind, person: str
) -> bool:
    case = stores.cases.get(case_id)
    if stores.reports.get(case_id) is not None:
        return False
    draft = _draft_of(case, case.language, stores, catalogue, phrases, kind)
    if draft is None:
        return False
    report = draft.report(rule_sentence(draft, sentence) for sentence in draft.plan.sentences)
    _put(stores, report, person, "report.drafted")
    return True


def _read(cmd: DraftReport, workspace: Workspace, phrases: PhraseBook) -> _Draft:
    if cmd.language is not None and cmd.language not in LANGUAGES:
        raise InputError("language", f"There is no report in {cmd.language!r}.", remedy="Choose en or zh.")
    with workspace.read() as stores:
        case = stores.cases.get(cmd.case_id)
        if case.status is Status.SIGNED:
            raise InputError("case", f"{case.id} is signed: its report can no longer change.")
        language = cmd.language or (case.language if case.language in LANGUAGES else "en")
        draft = _draft_of(case, language, stores, workspace.catalogue, phrases, cmd.kind)
    if draft is None:
        raise InputError(
            "case", f"{case.id} has not been assessed, so there is nothing to report.", remedy="Score it first."
        )
    return draft


def _draft_of(
    case: Case, language: str, stores: Stores, catalogue: Catalogue, phrases: PhraseBook, kind: ReportKind
) -> _Draft | None:
    """Null when the case has neither findings nor a policy result; ``InputError`` where the kind needs terms that
    fit and there are none."""
    facts, findings = stores.facts.current(case.id), stores.findings.of_case(case.id)
    policy = stores.policies.get(case.id)
    if not findings and policy is None:
        return None
    if kind.needs_offer and not any(finding.code == "offer.fits" for finding in findings):
        raise InputError(
            "kind",
            f"{case.id} has no other terms that fit the policy, so there is no {kind.name} to write.",
            remedy="Draft it as another kind.",
        )
    plan = build_plan(CaseFile(case, facts, findings, policy), catalogue, phrases, language, kind)
    prose = Prose(catalogue, phrases, language)
    questions = questions_from(findings, facts, prose)
    return _Draft(case, {fact.id: fact for fact in facts}, plan, prose, kind, questions)


def rule_sentence(draft: _Draft, plan: SentencePlan) -> Sentence:
    """The plan's plain sentence, checked like any other."""
    bare = replace(
        plan, key="", slots=tuple(Slot(slot.name, "") for slot in plan.slots), findings=(), evidence=(), clause=None
    )
    result = _check_rule(bare, tuple(draft.labels(plan).values()), draft.plan.language)
    return _sentence(draft, plan, plan.rule_text, Author.RULE, result)


@lru_cache(maxsize=4096)
def _check_rule(plan: SentencePlan, labels: tuple[str, ...], language: str) -> TextCheck:
    """The checks of a rule sentence hang on its words, not on the case: thousands of cases share them."""
    return check_worded(plan.rule_text, plan, Setting(language, vocabulary_of([plan.rule_text]), (), labels))


def _sentence(draft: _Draft, plan: SentencePlan, template: str, author: Author, result: TextCheck) -> Sentence:
    in_slots = [slot.fact for slot in plan.slots]
    return Sentence(
        key=plan.key,
        section=plan.section,
        text=draft.prose.fill(template, draft.facts_of(plan)),
        template=template,
        author=author,
        state=State.ACCEPTED,
        stance=plan.stance,
        facts=tuple(dict.fromkeys([*in_slots, *plan.evidence])),
        findings=plan.findings,
        checks=result.checks,
        problems=result.problems,
    )


class _Writer:
    """Has the model word one sentence after the other, and remembers what fixes its output."""

    def __init__(
        self,
        cmd: DraftReport,
        draft: _Draft,
        model: WordingModel | None,
        on_token: Callable[[str], None] | None,
    ) -> None:
        self.tokens = 0
        self.fault: EnvironmentFault | None = None  # the model's last
        self._cmd = cmd
        self._draft = draft
        self._model = model
        self._on_token = on_token
        self._prompts, self._grammars = hashlib.sha256(), hashlib.sha256()
        self._answered = 0
        self._faults: list[str] = []  # of the last sentences in a row
        self._templates: list[str] = []
        self._edges: set[str] = set()  # beginnings and endings of the sentences so far

    def word_all(
        self, plans: Sequence[SentencePlan], plain: Sequence[Sentence], settled: OnSentence, progress: Progress
    ) -> list[Sentence]:
        """The sentences in order; a model that words freely words several at once."""
        if (
            self._model is not None
            and self._model.style.together
            and self._draft.plan.language in self._model.languages
        ):
            return self._word_together(self._model, plans, plain, settled, progress)
        sentences = []
        for at, (plan, rule) in enumerate(zip(plans, plain, strict=True)):
            progress(at, len(plans), plan.subject)
            sentences.append(self.word(plan, rule))
            settled(sentences[-1])
        return sentences

    def _word_together(
        self,
        model: WordingModel,
        plans: Sequence[SentencePlan],
        plain: Sequence[Sentence],
        settled: OnSentence,
        progress: Progress,
    ) -> list[Sentence]:
        """All sentences side by side, heard in reading order; those that fail are asked again, sampled this time."""
        sentences = list(plain)
        requests = [self._request(model, plan) for plan in plans]
        open_places = [at for at, request in enumerate(requests) if request is not None]
        for at in set(range(len(plans))) - set(open_places):
            sentences[at] = self._keep(plans[at], plain[at], "the sentence leaves the model no choice")
        for attempt in range(CANDIDATES):
            batch = _Batch(open_places, self._on_token)
            try:
                self._ask_together(model, plans, requests, batch, attempt, progress)
            except EnvironmentFault as fault:
                self.fault = fault
            failed = []
            for at in open_places:
                if at in batch.worded:
                    template = model.style.template(batch.worded[at].text, plans[at])
                    sentences[at] = self._judge(plans[at], plain[at], template)
                    if sentences[at].fallback is not None:
                        failed.append(at)
                elif self.fault is not None and attempt == 0:
                    sentences[at] = self._keep(plans[at], plain[at], f"model not available: {self.fault.message}")
                settled(sentences[at])
            open_places = failed
            if not failed or self.fault is not None:
                break
        return sentences

    def _ask_together(
        self,
        model: WordingModel,
        plans: Sequence[SentencePlan],
        requests: Sequence[WordingRequest | None],
        batch: _Batch,
        attempt: int,
        progress: Progress,
    ) -> None:
        asked = [request for at in batch.places if (request := requests[at]) is not None]
        for request in asked:
            self._note(request)

        def answered(place: int, wording: Wording) -> None:
            batch.hear(place, wording)
            self.tokens += wording.tokens
            self._answered += 1
            progress(len(batch.worded), len(plans), plans[batch.places[place]].subject)

        sampled = attempt > 0 or self._cmd.seed > 0
        model.word_together(
            asked,
            seeds=[_seed_of(self._cmd.seed + attempt, plans[at].key) for at in batch.places],
            temperature=TEMPERATURE if sampled else 0.0,
            on_answer=answered,
            on_token=batch.hear_token if self._on_token is not None else None,
        )

    def _request(self, model: WordingModel, plan: SentencePlan) -> WordingRequest | None:
        fresh = replace(plan, frame=narrowed(plan.frame, self._edges))
        return model.style.request(fresh, self._draft.labels(plan), self._draft.plan.language)

    def word(self, plan: SentencePlan, plain: Sentence) -> Sentence:
        """The model's sentence when it passes, else the rule sentence with the reason."""
        if self._model is None:
            return plain
        language = self._draft.plan.language
        if language not in self._model.languages:
            return self._keep(plan, plain, f"model not qualified for {language}")
        if len(self._faults) >= FAULTS_IN_A_ROW:
            return self._keep(plan, plain, f"model not available: {self._faults[-1]}")
        request = self._request(self._model, plan)
        if request is None:
            return self._keep(plan, plain, "the sentence leaves the model no choice")
        try:
            template = self._ask(self._model, plan, request)
        except EnvironmentFault as fault:
            self.fault = fault
            self._faults.append(fault.message)
            return self._keep(plan, plain, f"model not available: {fault.message}")
        self._faults.clear()
        return self._judge(plan, plain, template)

    @property
    def worded(self) -> bool:
        """Whether the model answered at all."""
        return self._answered > 0

    def run(self) -> ModelRun | None:
        """What fixes the wording; null when no model answered."""
        if self._model is None or not self.worded:
            return None
        return ModelRun(
            self._model.name,
            self._model.sha256,
            self._model.runtime,
            self._prompts.hexdigest(),
            self._grammars.hexdigest(),
            self._cmd.seed,
            self._model.style.name,
        )

    def _note(self, request: WordingRequest) -> None:
        self._prompts.update(request.prompt.encode() + b"\x1e")
        self._grammars.update(request.grammar.encode() + b"\x1e")

    def _ask(self, model: WordingModel, plan: SentencePlan, request: WordingRequest) -> str:
        self._note(request)
        wording = self._call(model, plan, request)
        self.tokens += wording.tokens
        self._answered += 1
        return model.style.template(wording.text, plan)

    def _call(self, model: WordingModel, plan: SentencePlan, request: WordingRequest) -> Wording:
        seed = self._cmd.seed
        return model.word(
            request.prompt,
            request.grammar,
            seed=_seed_of(seed, plan.key),
            max_tokens=request.max_tokens,
            temperature=TEMPERATURE if seed else 0.0,
            on_token=self._on_token,
            shared=request.shared,
        )

    def _judge(self, plan: SentencePlan, plain: Sentence, template: str) -> Sentence:
        result = check_worded(template, plan, self._draft.setting_for(plan, self._templates))
        if not result.passed:
            kinds = dict.fromkeys(f"{problem.kind}: {problem.span}" for problem in result.problems)
            return self._keep(plan, plain, "; ".join(kinds), template)
        self._templates.append(template)
        self._edges |= edges(template, plan.frame)
        return _sentence(self._draft, plan, template, Author.MODEL, result)

    def _keep(self, plan: SentencePlan, plain: Sentence, why: str, rejected: str | None = None) -> Sentence:
        self._templates.append(plain.template)
        self._edges |= edges(plain.template, plan.frame)
        return replace(plain, state=State.FALLEN_BACK, fallback=why, rejected=rejected)


class _Batch:
    """Sentences that are worded side by side; their words are passed on in reading order."""

    def __init__(self, places: Sequence[int], on_token: Callable[[str], None] | None) -> None:
        self.places = list(places)  # of the report's sentences, in the order in which they are asked for
        self.worded: dict[int, Wording] = {}  # by place in the report
        self._on_token = on_token
        self._head = 0  # of ``places``: the first that has not been heard to its end
        self._waiting: dict[int, list[str]] = {}

    def hear(self, at: int, wording: Wording) -> None:
        self.worded[self.places[at]] = wording
        while self._head < len(self.places) and self.places[self._head] in self.worded:
            self._head += 1
            for piece in self._waiting.pop(self._head, ()):
                self._say(piece)

    def hear_token(self, at: int, piece: str) -> None:
        if at == self._head:
            self._say(piece)
        else:
            self._waiting.setdefault(at, []).append(piece)

    def _say(self, piece: str) -> None:
        if self._on_token is not None:
            self._on_token(piece)


def _seed_of(seed: int, key: str) -> int:
    """A seed of its own for each sentence, so that its wording does not hang on its place in the report."""
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()[:4], "big") if seed else 0


def _store(cmd: DraftReport, workspace: Workspace, report: Report, what: str) -> Report:
    """Store the report with what people have written into the one before it, and say so in the audit chain."""
    with workspace.transaction() as stores:
        merged = merge_edits(report, stores.reports.get(cmd.case_id))
        _put(stores, merged, cmd.person, what)
    return merged


def _put(stores: Stores, report: Report, person: str, what: str) -> None:
    stores.reports.put(report.case_id, report)
    if stores.cases.get(report.case_id).status in {Status.NEW, Status.SCORED}:
        stores.cases.set_status(report.case_id, Status.DRAFTED)
    authors = Counter(sentence.author.value for sentence in report.sentences)
    detail = {
        "language": report.language,
        "kind": report.kind.name if report.kind else FULL.name,
        "sentences": len(report.sentences),
        "by_rule": authors["rule"],
        "by_model": authors["model"],
        "by_person": authors["person"],
        "fallen_back": sum(sentence.fallback is not None for sentence in report.sentences),
        "tokens": report.tokens,
        "model": report.model.to_json() if report.model else None,
    }
    stores.events.append(person, report.case_id, what, detail)


def merge_edits(report: Report, before: Report | None) -> Report:
    """The new report with the sentences people wrote in the one before it, in the same language, kept in place."""
    if before is None or before.language != report.language:
        return report
    written = {s.key: s for s in before.sentences if s.author is Author.PERSON}
    if not written:
        return report
    order = report.sections()

    def rank(sentence: Sentence) -> int:
        return rank_of(sentence.section, order)

    kept = [written.pop(sentence.key, sentence) for sentence in report.sentences]
    for extra in written.values():
        place = max((i for i, s in enumerate(kept) if rank(s) <= rank(extra)), default=-1)
        kept.insert(place + 1, extra)
    return replace(report, sentences=tuple(kept))
