"""``models list | show | import | remove | hardware | qualify | compare``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.bootstrap.models import ModelShelf
from app.cli.output import emit, table, terminal_progress
from app.cli.session import open_desk
from app.domain.phrases import LANGUAGES
from app.domain.qualification import LOWEST
from app.domain.sentences import Author
from app.errors import InputError

if TYPE_CHECKING:
    from app.bootstrap.models import ShelvedModel, ShownModel
    from app.domain.machine import Fit, Machine
    from app.domain.model_list import KnownModel
    from app.domain.qualification import Qualification
    from app.usecases.compare_models import Comparison

_LONGEST = 200  # characters of a chat template on the screen


def list_(given: Namespace) -> None:
    """Installed models, then those the desk knows of."""
    shelf = ModelShelf()
    listed, known = shelf.listed(), shelf.known()
    data = {
        "folder": str(shelf.folder),
        "models": [each.to_json() for each in listed],
        "known": [each.to_json() for each in known],
    }
    rows = [_row(each) for each in listed]
    lines = [f"installed ({shelf.folder}):", *_indented(table(rows)), "", "known to the desk:"]
    emit(given, data, [*lines, *_indented(table([_known_row(each) for each in known]))])


def _row(each: ShelvedModel) -> tuple[str, ...]:
    spec = each.spec
    if spec.kind != "wording":
        said = each.problem or "tells what texts mean, when a case is asked"
        return (spec.name, f"{each.size / 1e9:.2f} GB", spec.licence, spec.kind, spec.sha256[:12], said)
    words = ", ".join(spec.languages) or "words nothing until it is qualified"
    state = each.problem or f"words {words}" if spec.languages else each.problem or words
    return (spec.name, f"{each.size / 1e9:.2f} GB", spec.licence, spec.style, spec.sha256[:12], state)


def _known_row(each: KnownModel) -> tuple[str, ...]:
    grounded = f"{each.groundedness.pct} % ungrounded ({each.groundedness.source})" if each.groundedness else ""
    size = f"{each.quantisation}, about {each.file_gb} GB, {each.ram_gb} GB of memory"
    use = "for meanings" if each.kind == "embedding" else grounded
    return (each.title, each.licence, size, f"{each.context:,} tokens", ", ".join(each.languages), use)


def show(given: Namespace) -> None:
    """One model or file."""
    shown = ModelShelf().show(given.model, terminal_progress())
    emit(given, shown.to_json(), list(_about(shown)))


def _about(shown: ShownModel) -> Iterator[str]:
    header = shown.header
    facts = {
        "file": f"{shown.file}, {header.size / 1e9:.2f} GB",
        "sha256": shown.sha256,
        "known as": shown.known.title if shown.known else "not a file the desk knows by its digest",
        "says it is": header.title or "nothing",
        "architecture": f"{header.architecture}, {header.layers} layers, {header.vocabulary:,} tokens of vocabulary",
        "parameters": f"{header.parameters / 1e9:.2f} billion, {header.quantisation}",
        "context": f"{header.context:,} tokens",
        "licence": header.licence or "not stated",
        "tells": "what texts mean" if header.embeds else "words",
        "chat template": shown.template_problem or _template(header.chat_template),
    }
    width = max(map(len, facts))
    yield from (f"{name:<{width}}  {said}" for name, said in facts.items())
    if shown.listed and shown.listed.problem:
        yield f"problem: {shown.listed.problem}"


def _template(template: str) -> str:
    if not template:
        return "none; it is asked in ChatML marks"
    line = " ".join(template.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… ({len(template):,} characters)"


def import_(given: Namespace) -> None:
    """Copy a file in."""
    from local_models.installing import InstallModel

    command = InstallModel(given.path, given.name, given.licence, given.style)
    kept = ModelShelf().install(command, terminal_progress())
    use = (
        f"It words nothing until it is qualified here: caseworth models qualify {kept.spec.name}"
        if kept.spec.kind == "wording"
        else "It tells what texts mean: from now on passages are found by their meaning too when a case is asked."
    )
    lines = [f"{kept.spec.name} ({kept.spec.sha256[:12]}) is in {kept.spec.file}.", use]
    emit(given, kept.to_json(), lines)


def remove(given: Namespace) -> None:
    """Take it off the list."""
    gone = ModelShelf().remove(given.model)
    emit(given, {"removed": gone.spec.name, "file": str(gone.spec.file)}, [f"{gone.spec.name} is removed."])


def hardware(given: Namespace) -> None:
    """The machine, and a model on it."""
    if given.measure and given.model is None:
        raise InputError("model", "--measure needs a model.", remedy="Name one that caseworth models list names.")
    shelf = ModelShelf()
    found = shelf.fit(given.model, measure=given.measure) if given.model else None
    data = {"machine": shelf.machine.to_json(), "model": given.model, "fit": found and found.to_json()}
    lines = list(_machine(shelf.machine))
    emit(given, data, [*lines, *(_fit(given.model, found) if found else ())])


def _machine(machine: Machine) -> Iterator[str]:
    yield f"processor   {machine.processor}, {machine.cores} cores used, {', '.join(machine.instruction_sets)}"
    yield f"memory      {machine.memory / 1e9:.1f} GB, {machine.free / 1e9:.1f} GB of it free"
    for gpu in machine.gpus:
        yield f"graphics    {gpu.name} ({gpu.backend}), {gpu.memory / 1e9:.1f} GB, {gpu.free / 1e9:.1f} GB of it free"
    if not machine.gpus:
        yield "graphics    no graphics processor that the runtime can use: models run on the processor"
    variant = f", its variant {machine.variant} for this processor" if machine.variant else ""
    yield f"runtime     {machine.runtime or machine.problem}{variant}, {', '.join(machine.backends)}"
    if machine.slow:
        yield "            this processor has no AVX2: models run, but several times slower than on newer ones"
    for package in machine.packages:
        said = f"is not used: {package.problem}" if package.reason else "is used"
        yield f"package     {package.name} {said} ({package.folder})"


def _fit(name: str, found: Fit) -> Iterator[str]:
    where = f"{found.gpu_layers} layers on {found.gpu}" if found.gpu_layers else "on the processor"
    memory = found.measured_memory or found.memory
    rate = f", {found.tokens_a_second:.0f} tokens a second" if found.tokens_a_second else ", not measured yet"
    yield f"{name} runs {where}, {found.threads} threads, {found.context:,} tokens of context{rate}"
    yield f"{'measured' if found.measured_memory else 'expected'} memory: {memory / 1e9:.1f} GB"


def qualify(given: Namespace) -> None:
    """Try it, grade it, keep the record."""
    from app.bootstrap.qualifying import qualify as run

    with open_desk(given) as desk:
        record = run(desk, given.model, given.language or LANGUAGES, terminal_progress())
    emit(given, record.to_json(), list(_found(record)))


def _found(record: Qualification) -> Iterator[str]:
    for each in record.measured:
        may = "may word" if each.grade != LOWEST else "may not word"
        yield (
            f"{each.language}  grade {each.grade}, {may}: {each.accepted} of {each.plans} sentences taken, "
            f"{each.wrong} of them of a wrong sense, {each.caught} of {each.planted} planted errors caught"
        )
        yield (
            f"    variety {100 * each.variety:.0f} % against {100 * each.rule_variety:.0f} % of the rule sentences, "
            f"{each.tokens_a_second:.0f} tokens a second, {each.seconds:.1f} s a report"
        )
    yield f"memory {record.memory / 1e9:.1f} GB; suite {record.suite} ({record.suite_sha256[:12]}), by {record.person}"


def compare(given: Namespace) -> None:
    """Two models on a case."""
    from app.bootstrap.qualifying import compare as run

    with open_desk(given) as desk:
        names = (given.one, given.other)
        found = run(desk, names, desk.case_id(given.case), language=given.language, progress=terminal_progress())
    emit(given, found.to_json(), list(_beside(found)))


def _beside(found: Comparison) -> Iterator[str]:
    for row in found.rows():
        yield f"{row[0].section}: {row[0].key}"
        for side, sentence in zip(found.sides, row, strict=True):
            mark = "" if sentence.author is Author.MODEL else f"  [by rule: {sentence.fallback}]"
            yield f"  {side.model}: {sentence.text}{mark}"
    for side in found.sides:
        told = side.to_json()
        yield (
            f"{side.model}: {side.accepted} of {told['sentences']} sentences taken, {told['tokens']} tokens, "
            f"{told['seconds']:.1f} s"
        )


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
