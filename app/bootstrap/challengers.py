"""Challengers: fitted beside a scorecard, loaded from a file or the workspace, run in shadow beside the scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.domain.challenger import ChallengerUse, KeptChallenger
from app.domain.changes import Changes
from app.domain.derivation import by_name
from app.domain.fitting import FitOptions, Fitted
from app.domain.scorecard import Scorecard
from app.errors import Cancelled, EnvironmentFault, InputError, WorkbenchError
from app.ports import Clock, Progress, Stores, Workspace, no_progress
from app.usecases.assess_case import closed
from app.usecases.fit_scorecard import FitRun
from app.usecases.shadow_challenger import ShadowRun, forget_shadows, keep_challenger, shadow_cases
from app.usecases.use_challenger import UseChallenger, challenger_named, in_shadow, key_of, use_challenger, uses_of

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from local_models.challenger.model import Challenger

SECONDS = 60.0


def fit_challenger(
    out: Path,
    run: FitRun,
    options: FitOptions,
    *,
    seconds: float = SECONDS,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Fit a challenger on the rows of a scorecard's fit, write it to ``out``, and compare the two on the hold-out.

    ``options`` are those of the fit, with the directions a person gave. Raises ``InputError`` for a table nothing can
    be fitted on, ``EnvironmentFault`` without the extra ``modelling`` or where the file cannot be written.
    """
    from data.catalogue import load_catalogue
    from local_models.modelling.challenger.beside import fit_beside

    def say(what: str) -> None:
        progress(0, None, f"challenger: {what}")

    try:
        made = fit_beside(
            run.frame,
            replace(options, name=run.scorecard.name),
            run.scorecard,
            run.fitted.guards,
            out,
            catalogue=load_catalogue(),
            seconds=seconds,
            progress=say,
        )
    except OSError as exc:
        message = f"{out} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the folder and its rights.") from exc
    return made.to_json() | {"out": str(out)}


@dataclass(frozen=True, slots=True)
class Beside:
    """What came of a challenger that was fitted beside a scorecard: its file and report, or why there is none."""

    data: bytes = b""
    report: Mapping[str, Any] = field(default_factory=dict)  # as ``fit_challenger`` returns it
    problem: str = ""


def fit_both_in_child(
    table: Path,
    options: FitOptions,
    *,
    trend: str = "auto",
    seconds: float = SECONDS,
    progress: Progress = no_progress,
) -> tuple[Fitted, Beside]:
    """Fit a scorecard, then a challenger on the same rows, in a child process.

    Raises for the scorecard as ``fit_in_child``; that no challenger came of it is told in ``Beside``.
    """
    from app.bootstrap.fit_process import in_child

    with TemporaryDirectory(prefix="caseworth-fit-") as folder:
        out = Path(folder) / "challenger.onnx"
        both: tuple[Fitted, Beside] = in_child(_fit_both, (table, options, trend, seconds, out), progress)
    return both


def _fit_both(
    table: Path, options: FitOptions, trend: str, seconds: float, out: Path, progress: Progress
) -> tuple[Fitted, Beside]:
    """In the child."""
    from app.bootstrap.fitting import FitFiles, fit_scorecard, with_files

    files = FitFiles(monotone=trend)
    run = fit_scorecard(table, options, files, progress=progress)
    try:
        report = fit_challenger(out, run, with_files(options, files), seconds=seconds, progress=progress)
    except WorkbenchError as error:
        return run.fitted, Beside(problem=str(error))
    except MemoryError:
        return run.fitted, Beside(problem="There is not enough memory for it.")
    return run.fitted, Beside(out.read_bytes(), report)


def bring_challenger(path: Path, person: str, workspace: Workspace, *, clock: Clock) -> Changes:
    """Load a challenger's file and keep it in the workspace; raises as ``load_challenger`` and ``keep_challenger``."""
    from local_models.challenger.model import load_challenger

    model = load_challenger(path)
    return keep_challenger(model.content, model, person, workspace, clock=clock)


def kept_challenger(wanted: str, workspace: Workspace) -> Challenger:
    """The workspace's challenger of that name, the newest of several, or of that beginning of a SHA-256.

    Raises ``InputError`` where there is none, ``EnvironmentFault`` without onnxruntime or where it is damaged.
    """
    with workspace.read() as stores:
        kept = challenger_named(wanted, stores.challengers.kept())
        data = stores.challengers.data(kept.sha256)
    return _loaded(kept, data)


def opened(data: bytes) -> Challenger:
    """A challenger from the bytes of its file. Raises ``InputError``, ``EnvironmentFault`` without onnxruntime."""
    from local_models.challenger.model import challenger_from

    try:
        return challenger_from(data)
    except ValueError as exc:
        raise InputError("challenger", f"The file cannot be used: {exc}.", remedy="Fit it again.") from exc


def _loaded(kept: KeptChallenger, data: bytes) -> Challenger:
    from local_models.challenger.model import challenger_from

    remedy = "Add its file again, or withdraw it."
    try:
        model = challenger_from(data)
    except ValueError as exc:
        raise EnvironmentFault(f"The challenger {kept.name} cannot be used: {exc}.", remedy=remedy) from exc
    if model.sha256 != kept.sha256:
        raise EnvironmentFault(f"The challenger {kept.name} is not the file that was added.", remedy=remedy)
    return model


@dataclass(frozen=True, slots=True)
class ListedChallenger:
    """A challenger of the workspace with what its file says of its fit, and beside which scorecards it runs."""

    kept: KeptChallenger
    document: Mapping[str, Any] | None  # of the model file; None: it is damaged
    uses: Mapping[str, ChallengerUse]  # by ``key_of`` the scorecard

    def beside(self, card: Scorecard) -> ChallengerUse | None:
        """Its use beside a scorecard."""
        return self.uses.get(key_of(card))

    @property
    def features(self) -> tuple[str, ...]:
        """What it looks at."""
        return () if self.document is None else tuple(each["name"] for each in self.document["features"])

    @property
    def training(self) -> Mapping[str, Any]:
        """``rows``, ``good``, ``bad``, ``parts`` and more, as the file says."""
        return {} if self.document is None else self.document["training"]

    def to_json(self) -> dict[str, Any]:
        training = self.training
        return {
            "name": self.kept.name,
            "sha256": self.kept.sha256,
            "added_by": self.kept.person,
            "added_at": self.kept.kept_at,
            "damaged": self.document is None,
            "features": list(self.features),
            **{name: training.get(name) for name in ("rows", "good", "bad")},
            "parts": [{name: part[name] for name in ("name", "weight", "loss")} for part in training.get("parts", ())],
            "in_shadow": [
                {"scorecard": use.scorecard, "person": use.person, "since": use.since} for use in self.uses.values()
            ],
        }


class ChallengerDesk:
    """The challengers of one desk; what is done goes by the desk's person.

    A challenger that cannot run never stops a score: ``follow`` tells the desk once what is wrong, and returns.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._model: Challenger | None = None  # the one that ran last
        self._documents: dict[str, Mapping[str, Any] | None] = {}
        self._failed: dict[str, WorkbenchError] = {}  # by SHA-256: why it cannot be loaded
        self._told: set[str] = set()

    def listed(self) -> list[ListedChallenger]:
        """Every challenger of the workspace, in order of arrival."""
        with self._desk.workspace.read() as stores:
            uses = uses_of(stores).items()
            return [
                ListedChallenger(
                    kept,
                    self._document(kept.sha256, stores),
                    {key: use for key, use in uses if use.challenger == kept.sha256},
                )
                for kept in stores.challengers.kept()
            ]

    def _document(self, sha256: str, stores: Stores) -> Mapping[str, Any] | None:
        """What the model file says of itself; read once, without its runtime."""
        if sha256 not in self._documents:
            from local_models.challenger.onnx_reader import read_model

            try:
                self._documents[sha256] = read_model(stores.challengers.data(sha256)).document
            except ValueError:
                self._documents[sha256] = None
        return self._documents[sha256]

    def find(self, wanted: str) -> ListedChallenger:
        """The one of that name, the newest of several, or of that beginning of a SHA-256. Raises ``InputError``."""
        listed = self.listed()
        kept = challenger_named(wanted, [each.kept for each in listed])
        return next(each for each in listed if each.kept.sha256 == kept.sha256)

    def add(self, path: Path) -> ListedChallenger:
        """Keep the challenger of a file; one that is kept already stays as it is. Raises as ``bring_challenger``."""
        from local_models.challenger.model import load_challenger

        return self.keep(load_challenger(path))

    def keep(self, model: Challenger) -> ListedChallenger:
        """Keep a challenger that is loaded."""
        keep_challenger(model.content, model, self._desk.person, self._desk.workspace, clock=self._desk.clock)
        self._documents.pop(model.sha256, None)
        self._failed.pop(model.sha256, None)
        return self.find(model.sha256)

    def keep_file(self, data: bytes) -> ListedChallenger:
        """Keep the challenger of a file's bytes, as one that was fitted here. Raises as ``keep_challenger``."""
        return self.keep(opened(data))

    def load(self, sha256: str) -> Challenger:
        """A challenger that is kept, ready to score. Raises as ``kept_challenger``."""
        return kept_challenger(sha256, self._desk.workspace)

    def names(self) -> list[KeptChallenger]:
        """Every challenger of the workspace, in order of arrival; their files are not read."""
        with self._desk.workspace.read() as stores:
            return stores.challengers.kept()

    # -- which one runs

    def use(self, wanted: str | None, scorecard: Scorecard | None = None) -> Changes:
        """Run that one, or None, in shadow beside a scorecard; beside the one in use when none is given.

        Raises ``InputError`` for one that is not kept or damaged, and where there is none to take out.
        """
        chosen = None if wanted is None else self.find(wanted)
        if chosen is not None and chosen.document is None:
            raise InputError("challenger", f"{chosen.kept.name} is damaged.", remedy="Add its file again.")
        kept = None if chosen is None else chosen.kept
        self._failed.clear()
        command = UseChallenger(kept, scorecard or self._desk.scorecard(), self._desk.person)
        return use_challenger(command, self._desk.workspace, clock=self._desk.clock)

    def in_shadow(self, scorecard: Scorecard | None = None) -> tuple[KeptChallenger, ChallengerUse] | None:
        """The one that runs beside a scorecard, the one in use when none is given."""
        card = scorecard or self._desk.scorecard()
        with self._desk.workspace.read() as stores:
            use = in_shadow(card, stores)
            kept = stores.challengers.kept() if use is not None else []
        return next(((each, use) for each in kept if use is not None and each.sha256 == use.challenger), None)

    # -- running it

    def shadow(
        self, case_ids: Iterable[str], scorecard: Scorecard | None = None, progress: Progress = no_progress
    ) -> ShadowRun:
        """Run the challenger on cases that the scorecard has scored. Raises ``InputError`` where none is in shadow."""
        card = scorecard or self._desk.scorecard()
        return self._run(case_ids, card, self._running(card), progress)

    def shadow_one(self, case_id: str) -> ShadowRun:
        """Run the challenger of the case's own scorecard on it; one decided for good is left alone.

        Raises ``InputError`` for a case without a score, where no challenger is in shadow, or for a value that it
        cannot read.
        """
        with self._desk.workspace.read() as stores:
            sha256 = stores.scores.scored_by(case_id)
            document = None if sha256 is None else stores.scores.scorecard(sha256)
        if document is None:
            raise InputError("case", f"{case_id} has no score.", remedy="Score it first.")
        card = self._card(document)
        run = self._run([case_id], card, self._running(card), no_progress)
        if run.problem is not None:
            raise run.problem
        return run

    def _running(self, card: Scorecard) -> KeptChallenger:
        running = self.in_shadow(card)
        if running is None:
            raise InputError(
                "challenger",
                f"No challenger runs beside {card.name} {card.version}.",
                remedy="Choose one: caseworth challenger use NAME.",
            )
        return running[0]

    def _run(self, case_ids: Iterable[str], card: Scorecard, kept: KeptChallenger, progress: Progress) -> ShadowRun:
        return shadow_cases(case_ids, self._desk.workspace, self._loaded(kept), scorecard=card, progress=progress)

    def _loaded(self, kept: KeptChallenger) -> Challenger:
        """The model, loaded once; one that cannot be loaded is not tried again until it is put in use anew."""
        if kept.sha256 in self._failed:
            raise self._failed[kept.sha256]
        if self._model is None or self._model.sha256 != kept.sha256:
            with self._desk.workspace.read() as stores:
                data = stores.challengers.data(kept.sha256)
            try:
                self._model = _loaded(kept, data)
            except WorkbenchError as error:
                self._failed[kept.sha256] = error
                raise
        return self._model

    def follow(
        self, case_ids: Sequence[str], scorecard: Scorecard, progress: Progress = no_progress, *, spoken: bool = False
    ) -> Changes:
        """Let what the challenger says follow cases that were scored; nothing that is wrong with it stops the caller.

        ``spoken``: only where one has spoken before. Where none runs any more, what was said is taken back.
        """
        with self._desk.workspace.read() as stores:
            said = [case_id for case_id in case_ids if stores.challengers.get(case_id) is not None]
        running = self.in_shadow(scorecard)
        wanted = said if spoken else case_ids
        if running is None:
            return forget_shadows(said, self._desk.workspace) if said else Changes.NOTHING
        return self._attempt(running[0], wanted, scorecard, progress) if wanted else Changes.NOTHING

    def _attempt(
        self, kept: KeptChallenger, case_ids: Sequence[str], scorecard: Scorecard, progress: Progress
    ) -> Changes:
        try:
            run = self._run(case_ids, scorecard, kept, progress)
        except Cancelled:
            raise
        except WorkbenchError as error:
            self._tell(kept, error)
            return Changes.NOTHING
        if run.problem is not None:
            self._tell(kept, run.problem)
        return run.changes

    def _tell(self, kept: KeptChallenger, error: WorkbenchError) -> None:
        """Tell once what keeps the challenger from running."""
        if error.message in self._told:
            return
        self._told.add(error.message)
        message = f"The score stands; the challenger {kept.name} did not run beside it. {error.message}"
        self._desk.warn(EnvironmentFault(message, remedy=error.remedy))

    def refresh(self, case_id: str) -> Changes:
        """Let the challenger speak of an open case where it has not, or of other facts than those of today."""
        with self._desk.workspace.read() as stores:
            case = stores.cases.get(case_id)
            score, said = stores.scores.get(case.id), stores.challengers.get(case.id)
            document = None if score is None else stores.scores.scorecard(score.sha256)
            if score is None or document is None or closed(case, stores):
                return Changes.NOTHING
            card = self._card(document)
            use = in_shadow(card, stores)
            facts = by_name(stores.facts.current(case.id), self._desk.catalogue)
            same = (
                said is None
                if use is None
                else said is not None and said.score.sha256 == use.challenger and said.stands(facts, score)
            )
        return Changes.NOTHING if same else self.follow([case.id], card)

    def _card(self, document: Mapping[str, Any]) -> Scorecard:
        from data.scorecard_files import scorecard_from_json

        return scorecard_from_json(document, self._desk.catalogue)
