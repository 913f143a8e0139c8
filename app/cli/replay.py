"""``replay``: repeat the draft of a package and say whether it comes out the same."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from app.bootstrap.replaying import replay_file
from app.cli.output import emit, terminal_progress
from app.domain.replay import Replay, Sameness
from app.errors import EnvironmentFault

_WORDS = {True: "IDENTICAL", False: "DIFFERENT", None: "NOT REPEATED"}


def replay(given: Namespace) -> int:
    """Exit status 0 where it is identical, 1 where it differs, 3 where the model is not here to tell."""
    result = replay_file(given.path, given.model_folder, given.phrases, progress=terminal_progress())
    emit(given, result.to_json(), [f"{_WORDS[result.identical]}  {given.path}", *_lines(result)])
    if result.identical is None:
        note = next(setting.note for setting in result.settings if setting.what == "model")
        raise EnvironmentFault(
            f"{result.unworded} sentences were worded by a model that is not here: {note}.",
            remedy="Install that very file and name its folder with --model-folder.",
        )
    return 0 if result.identical else 1


def _lines(result: Replay) -> Iterator[str]:
    yield f"  {result.same} sentences the same, {len(result.differences)} different, {result.by_person} by people"
    for setting in result.settings:
        both = f": {setting.then or 'nothing'} then, {setting.now or 'nothing'} now"
        yield f"  {setting.what:9} {setting.state}{'' if setting.state is Sameness.SAME else both}"
    for difference in result.differences:
        yield f"  {difference.key}: {difference.why}"
        yield f"    then: {difference.then}"
        yield f"    now:  {difference.now}"
