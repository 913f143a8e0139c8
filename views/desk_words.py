"""What the window says of the desk itself: its model, its person and authority, its workspace. For the read lane."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import WorkbenchError
from views import format as fmt
from views.strings import has_text, tr

if TYPE_CHECKING:
    from app.domain.policy import Signatory


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Texts of the pills and of their tool tips."""

    model: str
    model_why: str
    person: str
    person_why: str


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """State of the workspace, as the settings show it."""

    path: str
    key_kept_by: str  # "keyring" | "passphrase"
    schema: str
    cases: int
    broken_link: int | None  # sequence number of the first broken audit event; None if the chain holds


@dataclass(frozen=True, slots=True)
class ModelState:
    """One listed model and what was found of its file."""

    name: str
    file: Path
    size: int | None  # bytes; None when the file is missing
    licence: str
    languages: tuple[str, ...]
    style: str
    context: int
    sha256: str
    problem: str = ""  # empty when the file is there and its digest is right
    remedy: str = ""


def role_name(role: str) -> str:
    """A role in words: its text, else its name in the policy made readable."""
    key = f"role.{role}"
    return tr(key) if has_text(key) else role.replace("_", " ").replace("-", " ").capitalize()


def read_desk_words(desk: Any, wanted_model: str, currency: str) -> DeskWords:
    """Names of the model and the person, and how far the person may sign in ``currency``."""
    from app.domain.authority import role_key

    role = role_name(desk.role)
    model, model_why = _model_words(wanted_model)
    held = next((one for one in signing_roles(desk, currency) if role_key(one.role) == role_key(desk.role)), None)
    person = tr("top.person_alone", name=desk.person, role=role)
    why = tr("top.person_why", name=desk.person, role=role)
    if held is not None:
        limit = fmt.number(held.limit)
        person = tr("top.person", role=role, limit=limit)
        why = f"{why}\n{tr('top.authority', clause=held.clause, limit=limit, currency=currency)}"
    return DeskWords(model, model_why, person, why)


def signing_roles(desk: Any, currency: str) -> tuple[Signatory, ...]:
    """The roles of the policy's authority table with their limits; none where the policy has nothing to say."""
    from app.domain.policy_tables import signatories

    policy = getattr(desk, "policy", None)
    if policy is None:
        return ()
    try:
        return signatories(desk.engine.evaluate(policy.document, {"case": {"currency": currency}}))
    except WorkbenchError:
        return ()


def _model_words(wanted: str) -> tuple[str, str]:
    name = wanted or next(iter(model_names()), "none")
    state = None if name == "none" else next((one for one in model_states(digests=False) if one.name == name), None)
    if state is None or state.problem:
        return tr("top.no_model"), state.problem if state and state.problem else tr("top.no_model_why")
    return state.name, tr("top.model_why")


def model_names() -> list[str]:
    """Names of the listed models, the bundled one first; none when the list is broken."""
    return [state.name for state in model_states(digests=False)]


def model_states(*, digests: bool = True) -> list[ModelState]:
    """The listed models; with ``digests`` each file is read whole, which takes a second a gigabyte.

    Raises ``InputError`` when the list itself cannot be read and ``digests`` is asked for.
    """
    from app.bootstrap import models_folder
    from local_models.catalogue import list_models

    try:
        specs = list_models(models_folder())
    except WorkbenchError:
        if digests:
            raise
        return []
    return [_state(spec, digests) for spec in specs]


def _state(spec: Any, digests: bool) -> ModelState:
    from local_models.catalogue import verify_model

    size = spec.file.stat().st_size if spec.file.is_file() else None
    problem, remedy = ("", "") if size is not None else (tr("models.missing"), tr("models.missing_remedy"))
    if digests:
        try:
            verify_model(spec)
        except WorkbenchError as error:
            problem, remedy = error.message, error.remedy
    return ModelState(
        spec.name, spec.file, size, spec.licence, spec.languages, spec.style, spec.context, spec.sha256, problem, remedy
    )


def products(chosen: str) -> list[str]:
    """Products a case may be of: those that ship, and the one in use."""
    from data.policy_files import list_products

    return list(dict.fromkeys([*list_products(), chosen]))


def read_workspace_facts(desk: Any) -> WorkspaceFacts:
    """Walk the audit chain and count; takes a moment on a large workspace."""
    from data.migrations import migrations

    with desk.workspace.read() as stores:
        cases, broken = stores.cases.count(), stores.events.verify()
    newest = max((migration.version for migration in migrations()), default=0)
    return WorkspaceFacts(str(desk.workspace.path), desk.key_kept_by, str(newest), cases, broken)
