"""Draft the report of a case: complete from rule sentences at once, then worded by the model a sentence at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from app import __version__
from app.domain.case import Case, Status
from app.domain.checking import Setting, TextCheck, check_worded, vocabulary_of
from app.domain.checks.catalogued import checked_case
from app.domain.checks.engine import Engine
from app.domain.checks.lexicon import Lexicon
from app.domain.facts import Catalogue, Fact, Kind
from app.domain.findings import Finding
from app.domain.phrases import LANGUAGES, PhraseBook
from app.domain.plan import Plan, SentencePlan, Slot
from app.domain.planning import CaseFile, build_plan
from app.domain.policy import PolicyResult
from app.domain.questions import Question, questions_from
from app.domain.rendering import Prose
from app.domain.report import Basis, Report
from app.domain.report_kinds import FULL, ReportKind, rank_of
from app.domain.sentences import Author, Problem, Sentence, State
from app.domain.summary import ranked
from app.errors import InputError
from app.ports import Clock, Progress, Stores, Workspace, no_progress
from app.usecases.word_report import OnSentence, Writer
from app.wording_ports import WordingModel

BATCH = 200  # cases a transaction when drafting by rule
_PRINTED = {Kind.CATEGORY: "text", Kind.NUMBER: "count"} | {
    kind: kind.value for kind in Kind if kind not in (Kind.CATEGORY, Kind.NUMBER, Kind.BOOLEAN)
}


@dataclass(frozen=True, slots=True)
class DraftReport:
    """Draft the report of one case; another ``seed`` than 0 asks for another wording."""

    case_id: str
    seed: int = 0
    language: str | None = None  # null: the case's
    person: str = "desk"
    model_required: bool = False  # whether a model that cannot be used at all is an error, and not only said
    kind: ReportKind = FULL


@dataclass(frozen=True)
class _Draft:
    """What one draft works with; read in one go, so that it is of one moment."""

    case: Case
    facts: Mapping[str, Fact]  # by id
    findings: Sequence[Finding]
    policy: PolicyResult | None
    plan: Plan
    prose: Prose
    kind: ReportKind
    questions: tuple[Question, ...]
    lexicon: Lexicon | None = None  # null: no model words it

    @property
    def language(self) -> str:
        return self.plan.language

    @cached_property
    def by_rule(self) -> list[Sentence]:
        """The plain sentence of each plan."""
        return [rule_sentence(self, sentence) for sentence in self.plan.sentences]

    @cached_property
    def _engine(self) -> Engine:
        """Holds sentences against what the findings and the plan rest on: a package has these facts, so that a replay
        judges as the draft did."""
        assert self.lexicon is not None
        ids = {fact for finding in self.findings for fact in finding.facts}
        ids |= {fact for plan in self.plan.sentences for fact in (*plan.evidence, *(slot.fact for slot in plan.slots))}
        facts = sorted((fact for fact in self.facts.values() if fact.id in ids), key=lambda fact: (fact.name, fact.id))
        checked = checked_case(self.case, facts, self.findings, self.by_rule, self.prose.catalogue, self.language)
        return Engine(checked, self.lexicon, names=[each.clause for each in self.policy.clauses] if self.policy else ())

    def objections(self, sentence: Sentence) -> tuple[Problem, ...]:
        return self._engine.check(sentence.text).problems

    def sentence(self, plan: SentencePlan, template: str, author: Author, result: TextCheck) -> Sentence:
        return _sentence(self, plan, template, author, result)

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

    def kinds(self, sentence: SentencePlan) -> dict[str, str]:
        return {slot.name: self._kind_of(self.facts[slot.fact]) for slot in sentence.slots}

    def _kind_of(self, fact: Fact) -> str:
        """How the value is printed, in the words of the lessons; empty for one that none of them has."""
        nouns = self.prose.phrases.noun(fact.name, "en")
        if nouns:
            return nouns[-1] if nouns[-1] in ("points", "times") else "things"
        return _PRINTED.get(self.prose.kind(fact), "")

    def facts_of(self, sentence: SentencePlan) -> dict[str, Fact]:
        return {slot.name: self.facts[slot.fact] for slot in sentence.slots}


def draft_report(
    cmd: DraftReport,
    workspace: Workspace,
    model: WordingModel | None,
    *,
    phrases: PhraseBook,
    lexicon: Lexicon,
    clock: Clock,
    on_sentence: OnSentence | None = None,
    on_token: Callable[[str], None] | None = None,
    progress: Progress = no_progress,
) -> Report:
    """Draft, store and return the report; the case becomes drafted unless it is further on.

    The rule sentences are stored first, in a transaction of their own: the report stands complete before the model is
    asked. A wording that fails a check of its plan, or to which the facts and findings of the case object, leaves the
    rule sentence with the reason in ``fallback``, and so does a model that fails. Sentences a person wrote or edited
    stay. ``on_sentence`` hears each sentence as it is settled, ``on_token`` the model's words as they come. Raises
    ``InputError`` when the case is not assessed or is signed, ``Cancelled`` when stopped, and the model's
    ``EnvironmentFault`` when it is required and worded nothing; the rule sentences stand then too.
    """
    start = clock.now()
    draft = _read(cmd, workspace, phrases, lexicon)
    _store(cmd, workspace, draft.report(draft.by_rule), "report.planned")
    writer = Writer(draft, model, cmd.seed, on_token)
    sentences = writer.word_all(draft.plan.sentences, draft.by_rule, on_sentence or _nobody, progress)
    progress(len(sentences), len(sentences), "")
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
    lexicon: Lexicon,
    clock: Clock,
    progress: Progress = no_progress,
) -> Report:
    """What ``draft_report`` would make of the case with this model; nothing is stored, nothing of people's goes in.

    Raises ``InputError`` when the case is not assessed or is signed, ``Cancelled`` when stopped, and the model's
    ``EnvironmentFault`` when it worded nothing.
    """
    start = clock.now()
    draft = _read(cmd, workspace, phrases, lexicon)
    writer = Writer(draft, model, cmd.seed)
    sentences = writer.word_all(draft.plan.sentences, draft.by_rule, _nobody, progress)
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
    report = draft.report(draft.by_rule)
    _put(stores, report, person, "report.drafted")
    return True


def _read(cmd: DraftReport, workspace: Workspace, phrases: PhraseBook, lexicon: Lexicon) -> _Draft:
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
    return replace(draft, lexicon=lexicon)


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
    return _Draft(case, {fact.id: fact for fact in facts}, findings, policy, plan, prose, kind, questions)


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
