"""Repeat a past draft from its package: the same facts, findings, model and seed through the same use case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

from app import __version__
from app.domain.case import Case, Status
from app.domain.checks.lexicon import Lexicon
from app.domain.facts import Catalogue, Fact, fact_from_json
from app.domain.findings import Finding
from app.domain.phrases import PhraseBook
from app.domain.policy import PolicyResult
from app.domain.replay import Replay, Sameness, Setting, compare
from app.domain.report import Basis, ModelRun, Report
from app.domain.report_kinds import FULL, ReportKind
from app.domain.sentences import Sentence
from app.errors import InputError
from app.ports import Clock, Progress, Workspace, no_progress
from app.usecases.draft_report import DraftReport, draft_report
from app.wording_ports import WordingModel


@dataclass(frozen=True, slots=True)
class PastDraft:
    """What a package tells of the draft in it."""

    case: Case
    facts: tuple[Fact, ...]  # the current ones
    findings: tuple[Finding, ...]
    policy: PolicyResult
    report: Report
    removed: tuple[str, ...]  # keys of sentences a person took out


def read_draft(parts: Mapping[str, Any], events: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> PastDraft:
    """The draft in a package's JSON parts; raises ``InputError`` where they have not the shape they should have."""
    try:
        case = Case.from_json(parts["decision.json"]["case"])
        model, draft = parts["model.json"]["model"], parts["model.json"].get("draft")
        facts = [fact_from_json(case.id, entry, catalogue) for entry in parts["facts.json"]["facts"]]
        # A package that does not say which facts had been replaced tells those of which it holds the successor.
        old = set(draft["not_current"]) if draft else {fact.supersedes for fact in facts}
        report = parts["report.json"]
        return PastDraft(
            case=replace(case, status=Status.SCORED),
            facts=tuple(fact for fact in facts if fact.id not in old),
            findings=tuple(Finding.from_json(entry) for entry in parts["findings.json"]["findings"]),
            policy=PolicyResult.from_json(parts["policy.json"]["result"]),
            report=Report(
                case.id,
                report["language"],
                tuple(Sentence.from_json(entry) for entry in report["sentences"]),
                model and ModelRun.from_json(model),
                basis=Basis.from_json(draft) if draft else None,
                kind=ReportKind.from_json(report["kind"]) if report.get("kind") else None,
            ),
            removed=tuple(e["detail"]["before"]["key"] for e in events if e["what"] == "sentence.removed"),
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as exc:
        raise InputError(
            "package",
            f"Its parts have not the shape this version knows ({type(exc).__name__}: {exc}).",
            remedy="Replay it with the version of Caseworth that wrote it.",
        ) from exc


def replay_draft(
    past: PastDraft,
    model: WordingModel | None,
    *,
    catalogue: Catalogue,
    phrases: PhraseBook,
    lexicon: Lexicon,
    clock: Clock,
    missing: str = "",
    progress: Progress = no_progress,
) -> Replay:
    """Draft the case anew and compare it with the report of then, sentence by sentence.

    ``model`` is the one that worded it, null where it is not here (``missing`` says why) or none worded it. Raises
    what ``draft_report`` raises; nothing is stored.
    """
    run = past.report.model
    kept = _Kept(past, catalogue)
    command = DraftReport(
        past.case.id,
        run.seed if run else 0,
        past.report.language,
        person="replay",
        model_required=model is not None,
        kind=past.report.kind or FULL,
    )
    now = draft_report(
        command, kept.as_workspace(), model, phrases=phrases, lexicon=lexicon, clock=clock, progress=progress
    )
    differences, same, unworded = compare(past.report, now, past.removed, worded=model is not None or run is None)
    by_person = len(past.report.sentences) - same - unworded - sum(d.then is not None for d in differences)
    return Replay(
        case_id=past.case.id,
        language=past.report.language,
        settings=tuple(_settings(past.report, now, model, missing)),
        differences=tuple(differences),
        same=same,
        by_person=by_person + len(past.removed),
        unworded=unworded,
    )


def _settings(then: Report, now: Report, model: WordingModel | None, missing: str) -> Iterator[Setting]:
    assert now.basis is not None
    before = then.basis
    yield _held("program", before.program if before else "", __version__)
    yield _held("phrases", before.phrases_sha256 if before else "", now.basis.phrases_sha256)
    yield _held("plan", before.plan_sha256 if before else "", now.basis.plan_sha256)
    run = then.model
    if run is None:
        return
    if model is None:
        yield Setting("model", Sameness.MISSING, f"{run.name} {run.sha256}", note=missing)
        yield Setting("runtime", Sameness.MISSING, run.runtime)
        return
    yield _held("model", f"{run.name} {run.sha256}", f"{run.name} {model.sha256}")
    yield _held("runtime", run.runtime, model.runtime)
    yield from _adapter(run, model)
    yield _held("style", run.style, model.style.name)
    yield _held("prompts", run.prompt_sha256, now.model.prompt_sha256 if now.model else "")
    yield _held("grammars", run.grammar_sha256, now.model.grammar_sha256 if now.model else "")
    yield _held("seed", str(run.seed), str(now.model.seed) if now.model else "")


def _adapter(run: ModelRun, model: WordingModel) -> Iterator[Setting]:
    """The adapter of then against the one here; nothing where neither has one."""
    then, now = run.adapter_sha256, model.adapter_sha256
    if then and not now:
        yield Setting("adapter", Sameness.MISSING, then, note="its file is not here, or not as it was")
    elif then or now:
        yield Setting("adapter", Sameness.SAME if then == now else Sameness.DIFFERS, then, now)


def _held(what: str, then: str, now: str) -> Setting:
    state = Sameness.UNRECORDED if not then else Sameness.SAME if then == now else Sameness.DIFFERS
    return Setting(what, state, then, now)


class _Kept:
    """A package seen as a workspace of one case, which drafting reads as it reads any other; writes go nowhere."""

    def __init__(self, past: PastDraft, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._stores = SimpleNamespace(
            cases=SimpleNamespace(get=lambda _: past.case, set_status=_nothing),
            facts=SimpleNamespace(current=lambda _: list(past.facts)),
            findings=SimpleNamespace(of_case=lambda _: list(past.findings)),
            policies=SimpleNamespace(get=lambda _: past.policy),
            reports=SimpleNamespace(get=_nothing, put=_nothing),
            events=SimpleNamespace(append=_nothing),
        )

    def as_workspace(self) -> Workspace:
        """Of the stores only those that drafting asks for are there."""
        return cast("Workspace", self)

    @contextmanager
    def read(self) -> Iterator[Any]:
        yield self._stores

    transaction = read


def _nothing(*given: object) -> None:
    """Takes anything, keeps nothing, gives nothing."""
