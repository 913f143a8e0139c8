"""The desk's inventory: what can shape a decision, found in the workspace, the models folder and what ships."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import __version__
from app.bootstrap.places import models_folder, shipped_folder
from app.domain.changes import Changes
from app.domain.inventory import Approval, Entry, Part, PartKind, Use, entry_of, warning
from app.errors import InputError

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.policy import PolicyResult
    from app.domain.report import Report
    from app.domain.score import Score

AUTHOR = "Caseworth"
SENTENCES = "report-sentences"
_FILES = (  # kind, pattern under the data that ships
    (PartKind.RULEPACK, "rulepacks/*.toml"),
    (PartKind.PRODUCT, "products/*.toml"),
    (PartKind.CATALOGUE, "catalogue/*.toml"),
    (PartKind.PHRASES, "phrases/letters_*.toml"),
    (PartKind.PHRASES, "reports/*.toml"),  # the kinds of report
)
_FOLDERS = ((PartKind.CATALOGUE, "kinds", "catalogue/kinds"), (PartKind.CHECKS, "checking-words", "checking"))
_PREFIX = 6  # least signs of a SHA-256 that name a part


class InventoryDesk:
    """Reads and changes the inventory of one desk; what is done goes by the desk's person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def today(self) -> date:
        return self._desk.clock.now().date()

    def parts(self) -> list[Part]:
        """Everything found, each SHA-256 once. Raises ``InputError`` for a damaged list of models."""
        found = [*_models(self._desk), *_words(self._desk), *self._registers(), *_files(self._desk)]
        return list({part.sha256: part for part in reversed(found)}.values())[::-1]

    def entries(self) -> list[Entry]:
        """Every part with its state and where it is used; those retired whose file is gone are no parts any more."""
        with self._desk.workspace.read() as stores:
            records, uses = stores.inventory.records(), stores.inventory.uses()
        return [entry_of(part, records, _use(part, uses)) for part in self.parts()]

    def find(self, wanted: str) -> Entry:
        """By name, ``kind:name``, ``name@version`` or the beginning of a SHA-256. Raises ``InputError``."""
        entries = self.entries()
        found = [entry for entry in entries if wanted in _names(entry.part)] or [
            entry for entry in entries if len(wanted) >= _PREFIX and entry.part.sha256.startswith(wanted.lower())
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            raise InputError(
                "part", f"The inventory has no {wanted!r}.", remedy="'caseworth inventory list' shows what there is."
            )
        several = ", ".join(f"{entry.part.title} ({entry.part.sha256[:12]})" for entry in found)
        raise InputError("part", f"{wanted!r} may be {several}.", remedy="Name it by its SHA-256.")

    def register(self, part: Part, owner: str, purpose: str, *, person: str | None = None) -> Changes:
        from app.usecases.govern import RegisterPart, register_part

        command = RegisterPart(part, self._person(person), owner, purpose)
        return register_part(command, self._desk.workspace, clock=self._desk.clock)

    def approve(
        self,
        part: Part,
        valid_from: date | None = None,
        valid_to: date | None = None,
        note: str = "",
        *,
        person: str | None = None,
    ) -> Changes:
        from app.usecases.govern import ApprovePart, approve_part

        command = ApprovePart(part, self._person(person), valid_from, valid_to, note)
        return approve_part(command, self._desk.workspace, clock=self._desk.clock)

    def retire(self, part: Part, reason: str, *, person: str | None = None) -> Changes:
        from app.usecases.govern import RetirePart, retire_part

        command = RetirePart(part, self._person(person), reason)
        return retire_part(command, self._desk.workspace, clock=self._desk.clock)

    def _person(self, named: str | None) -> str:
        return self._desk.person if named is None else named

    def of_case(self, case_id: str, until: datetime | None = None) -> list[Entry]:
        """The parts that shaped the case as it stands: scorecard, policy, language model, phrase book.

        One that is not found any more is told by what the case kept of it. ``until`` leaves out what was said later.
        """
        with self._desk.workspace.read() as stores:
            records = stores.inventory.records()
            score, policy, report = (
                stores.scores.get(case_id),
                stores.policies.get(case_id),
                stores.reports.get(case_id),
            )
        found = {part.sha256: part for part in self.parts()}
        return [
            entry_of(found.get(part.sha256, part), records, until=until) for part in _at_work(score, policy, report)
        ]

    def warnings(self, case_id: str) -> list[str]:
        """What should not be at work in the case today, in sentences."""
        return [text for entry in self.of_case(case_id) if (text := warning(entry, self.today))]

    def _registers(self) -> Iterator[Part]:
        """Scorecards, challengers and policies, with what their own rooms know of approvals."""
        for card in self._desk.register.entries():
            given = card.approval
            yield Part(
                PartKind.SCORECARD,
                card.name,
                card.sha256,
                card.version,
                card.author,
                "shipped" if card.shipped else "workspace",
                card.in_use,
                card.person,
                Approval(given.person, given.approved_at, given.valid_from, None, given.note) if given else None,
            )
        for each in self._desk.challengers.listed():
            kept = each.kept
            yield Part(
                PartKind.CHALLENGER,
                kept.name,
                kept.sha256,
                origin="workspace",
                in_use=bool(each.uses),
                registered_by=kept.person,
            )
        for listed in self._desk.policies.listed():
            added, active = listed.version, listed.activations[-1] if listed.activations else None
            at = datetime.fromisoformat(active.activated_at) if active else None
            yield Part(
                PartKind.POLICY,
                listed.policy,
                listed.sha256,
                listed.label,
                added.person if added else AUTHOR,
                "workspace" if added else "shipped",
                listed.in_force,
                added.person if added else "",
                Approval(active.person, at, at.date(), None, active.note) if active and at else None,
            )


def _names(part: Part) -> set[str]:
    return {part.name, f"{part.kind}:{part.name}", f"{part.name}@{part.version}", part.sha256}


def _use(part: Part, uses: Mapping[str, Use]) -> Use | None:
    """None for kinds that cases do not name."""
    if part.kind in (PartKind.PROMPTS, PartKind.CATALOGUE, PartKind.CHECKS, PartKind.RULEPACK):
        return None
    if part.kind is PartKind.PHRASES and not part.name.startswith(SENTENCES):
        return None
    return uses.get(f"product:{part.name}" if part.kind is PartKind.PRODUCT else part.sha256, Use())


def _at_work(score: Score | None, policy: PolicyResult | None, report: Report | None) -> Iterator[Part]:
    if score is not None:
        yield Part(PartKind.SCORECARD, score.scorecard, score.sha256, score.version)
    if policy is not None:
        yield Part(PartKind.POLICY, policy.policy, policy.sha256, policy.version)
    if report is not None and report.model is not None:
        yield Part(PartKind.MODEL, report.model.name, report.model.sha256)
        if report.model.adapter_sha256:
            yield Part(PartKind.ADAPTER, f"{report.model.name}-adapter", report.model.adapter_sha256)
    if report is not None and report.basis is not None:
        yield Part(PartKind.PHRASES, SENTENCES, report.basis.phrases_sha256, report.basis.program)


def _models(desk: Desk) -> Iterator[Part]:
    from local_models.catalogue import BUNDLED_NAME, list_models, meaning_model

    meaning = meaning_model(models_folder())
    used = {desk.setting("model.default") or BUNDLED_NAME, meaning.name if meaning else ""}
    for spec in list_models(models_folder()):
        origin = "shipped" if spec.name == BUNDLED_NAME else "installed"
        yield Part(PartKind.MODEL, spec.name, spec.sha256, origin=origin, in_use=spec.name in used)
        if spec.adapter is not None and spec.adapter_sha256:
            name = f"{spec.name}-adapter"
            yield Part(PartKind.ADAPTER, name, spec.adapter_sha256, "", AUTHOR, origin, spec.name in used)


def _words(desk: Desk) -> Iterator[Part]:
    """The rule sentences in each tone that a kind of report has, and what a model is told before each sentence."""
    from app.domain.phrases import LANGUAGES
    from app.domain.report_kinds import PLAIN
    from data.phrases import load_phrases
    from data.report_kinds import load_kinds, phrases_in_tone
    from local_models.catalogue import TAUGHT
    from local_models.drafting import TAUGHT_LANGUAGES, prompts_digest

    own = desk.workspace.path / "reports"
    origin = "workspace" if own.is_dir() else "shipped"
    tones = dict.fromkeys([PLAIN, *(kind.tone for kind in load_kinds(own).values())])
    for tone in tones:
        book = phrases_in_tone(load_phrases(), tone, desk.catalogue, own)
        name = SENTENCES if tone == PLAIN else f"{SENTENCES}-{tone}"
        yield Part(PartKind.PHRASES, name, book.sha256, __version__, AUTHOR, origin, in_use=True)
    for style in ("frames", TAUGHT, "free"):
        for language in TAUGHT_LANGUAGES if style == TAUGHT else LANGUAGES:
            digest = prompts_digest(style, language)
            yield Part(PartKind.PROMPTS, f"{style}-{language}", digest, __version__, AUTHOR, in_use=True)


def _files(desk: Desk) -> Iterator[Part]:
    from data.workspace import OWN_RULES

    shipped = shipped_folder()
    pack = desk.letters.lender()[1]
    for kind, pattern in _FILES:
        for path in sorted(shipped.glob(pattern)):
            used = kind is not PartKind.RULEPACK or path.stem == pack
            yield _file(kind, path, in_use=used)
    for kind, name, folder in _FOLDERS:
        files = sorted(path for path in (shipped / folder).rglob("*") if path.suffix in (".toml", ".txt"))
        if files:
            yield Part(kind, name, _digest(files), __version__, AUTHOR, in_use=True)
    own = desk.workspace.path / OWN_RULES
    if own.is_file():
        yield Part(PartKind.CATALOGUE, "own-transaction-rules", _digest([own]), origin="workspace", in_use=True)


def _file(kind: PartKind, path: Path, *, in_use: bool) -> Part:
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    version = content.get("version")
    version = str(version) if isinstance(version, str | int) else __version__
    return Part(kind, path.stem, _digest([path]), version, AUTHOR, in_use=in_use)


def _digest(files: Iterable[Path]) -> str:
    """SHA-256 of one file, or over the names and contents of several."""
    several = list(files)
    if len(several) == 1:
        return hashlib.sha256(several[0].read_bytes()).hexdigest()
    whole = hashlib.sha256()
    for path in several:
        whole.update(f"{path.name}\x1f{hashlib.sha256(path.read_bytes()).hexdigest()}\x1e".encode())
    return whole.hexdigest()
