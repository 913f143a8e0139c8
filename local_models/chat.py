"""Chat templates of model files, rendered where they can do no harm.

A template is a program that came with a file. It runs in jinja2's ``ImmutableSandboxedEnvironment``, in a child process
of its own with limits of time, memory and output, and reads nothing but the fixed words of our own prompts: what is
asked of the model is set into the rendered text afterwards, and the template never sees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import InputError

SECONDS = 5.0  # a template may take; usual ones take milliseconds
MEMORY = 768 << 20  # bytes of address space of the child
LONGEST = 64_000  # characters of what it renders
_PLACE = "QUESTIONPLACE"
Turn = tuple[str, str]  # role, words


@dataclass(frozen=True, slots=True)
class ChatFrame:
    """What stands before and after the question in a talk."""

    before: str
    after: str

    def around(self, question: str) -> str:
        return f"{self.before}{question}{self.after}"


def chat_frame(
    template: str, system: str, examples: Sequence[tuple[str, str]], marks: Mapping[str, str] | None = None
) -> ChatFrame:
    """A talk of a system's word and examples, open for a question and its answer, as the template writes it.

    A template that takes no system's word gets it before the first question. Raises ``InputError`` where the template
    cannot be used.
    """
    turns: list[Turn] = [turn for asked, said in examples for turn in (("user", asked), ("assistant", said))]
    turns.append(("user", _PLACE))
    try:
        text = render_chat(template, [("system", system), *turns], marks)
    except InputError:
        text = ""
    if system not in text:
        (role, first), *rest = turns
        text = render_chat(template, [(role, f"{system}\n\n{first}"), *rest], marks)
    if text.count(_PLACE) != 1 or any(said not in text for _, said in examples) or system not in text:
        raise _unusable("it leaves out or repeats what it is given")
    before, after = text.split(_PLACE)
    return ChatFrame(before, after)


def render_chat(template: str, turns: Sequence[Turn], marks: Mapping[str, str] | None = None) -> str:
    """The talk as the template writes it; raises ``InputError`` for one that fails, hangs or writes too much."""
    task = {"template": template, "turns": list(turns), "marks": dict(marks or {})}
    command = [sys.executable, "--child" if getattr(sys, "frozen", False) else "-m", "local_models.chat"]
    root = str(Path(__file__).resolve().parent.parent)
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            command, input=json.dumps(task).encode(), capture_output=True, timeout=SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise _unusable(f"it was not done after {SECONDS:.0f} seconds") from exc
    try:
        answer = json.loads(done.stdout)
    except ValueError as exc:
        raise _unusable("it took more memory than it may") from exc
    if "text" not in answer:
        raise _unusable(answer.get("why", "it failed"))
    return str(answer["text"])


def _unusable(why: str) -> InputError:
    message = f"The chat template of the model cannot be used: {why.rstrip('.')}."
    return InputError("template", message, remedy="The model is asked in ChatML marks, or choose another file.")


class _TooLongError(Exception):
    """The template writes more than it may."""


def _render(task: Mapping[str, object]) -> str:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(why: object = "") -> None:
        raise ValueError(str(why)[:200] or "it refuses the talk")

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.globals |= {"raise_exception": refuse, "strftime_now": lambda form: ""}
    turns: list[Turn] = task["turns"]  # type: ignore[assignment]  # JSON that the parent wrote
    marks: Mapping[str, str] = task["marks"]  # type: ignore[assignment]
    messages = [{"role": role, "content": words} for role, words in turns]
    given = {"messages": messages, "add_generation_prompt": True, "tools": None, **marks, "enable_thinking": False}
    text, pieces = 0, []
    for piece in environment.from_string(str(task["template"])).generate(**given):
        text += len(piece)
        if text > LONGEST:
            raise _TooLongError
        pieces.append(piece)
    return "".join(pieces)


def main() -> None:
    """Child: one task on stdin, one answer on stdout."""
    _bound()
    task = json.loads(sys.stdin.buffer.read())
    try:
        answer = {"text": _render(task)}
    except _TooLongError:
        answer = {"why": f"it writes more than {LONGEST:,} characters"}
    except MemoryError:
        answer = {"why": "it took more memory than it may"}
    except Exception as exc:  # noqa: BLE001 (the template is a stranger's program: it may raise anything)
        answer = {"why": f"{type(exc).__name__}: {str(exc)[:200]}"}
    sys.stdout.write(json.dumps(answer))


def _bound() -> None:
    """Limits of memory and processor time, where the system has them; the parent watches the clock as well."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS) + 1, int(SECONDS) + 1))


if __name__ == "__main__":
    main()
