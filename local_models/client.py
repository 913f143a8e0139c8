"""The desk's side of the model: starts the worker, asks it, cancels it, restarts it when it dies."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil

from app.errors import Cancelled, EnvironmentFault
from app.wording_ports import Wording, WordingRequest
from local_models.backends import ended
from local_models.catalogue import TAUGHT, ModelSpec, memory_limit, verify_adapter, verify_model, with_sound_adapter
from local_models.drafting import shared_frame_prompt
from local_models.talks import style_of

CANCEL_GRACE = 0.12  # seconds the worker has to stop by itself before it is killed
CANCEL_POLL = 0.05  # seconds between two looks at the cancel flag while the model loads
LOAD_LIMIT = 180.0  # seconds
SILENCE_LIMIT = 120.0  # seconds without a token after which a request counts as hung
ATTEMPTS = 2
STRAYS = 1000  # messages beyond the tokens asked for, tails of given-up requests among them, before the worker is mad
BACKLOG = 10_000  # messages the worker may be ahead of the desk
LONGEST_LINE = 1 << 20  # characters
_NOT_LOADED = "It may need more memory than its limit, or the file is no working model."
_Read = TypeVar("_Read")


class _ChildDiedError(Exception):
    """The worker ended, fell silent, or spoke nonsense in the middle of a request."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.remedy = remedy


class LocalModel:
    """A ``WordingModel`` in a child process. One request at a time; ``cancel`` and ``close`` from any thread."""

    def __init__(self, spec: ModelSpec, *, threads: int | None = None, command: list[str] | None = None) -> None:
        """Nothing is started yet: the worker comes with ``prepare``, or with the first request.

        An adapter that is missing or altered is left out; ``adapter_fault`` says why.
        """
        spec, self.adapter_fault = with_sound_adapter(spec)
        self.name = spec.name
        self.sha256 = spec.sha256
        self.adapter_sha256 = spec.adapter_sha256
        self.languages = spec.languages
        self.style = style_of(spec)
        self._spec = spec
        self._threads = threads or spec.threads or usable_cores()
        self._command = command or worker_command()
        self._lock = threading.Lock()  # one request at a time
        self._child: _Child | None = None
        self._counting = threading.Lock()  # of the two numbers below
        self._asking = 0  # requests under way or waiting
        self._number = 0
        self._cancelled = 0  # number of the newest cancelled request
        self._runtime = ""
        self._closed = False

    @property
    def runtime(self) -> str:
        """Name and version of the runtime that decodes, ``llama-cpp-python 0.3.36``."""
        if not self._runtime:
            from importlib.metadata import version

            self._runtime = f"llama-cpp-python {version('llama-cpp-python')}"
        return self._runtime

    def word(
        self,
        prompt: str,
        grammar: str,
        *,
        seed: int,
        max_tokens: int,
        temperature: float,
        on_token: Callable[[str], None] | None = None,
        shared: int = 0,
    ) -> Wording:
        """Word one request; a worker that dies is started again and asked once more.

        After a restart the tokens stream from the start again. Raises ``Cancelled``, or ``EnvironmentFault`` when the
        model cannot be loaded, when it refuses the request, or when the worker died twice on it.
        """
        request = {
            "prompt": prompt,
            "grammar": grammar,
            "seed": seed,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "shared": shared,
            "adapted": False,  # what is asked for alone is a choice among given words
        }
        return self._answered({"word": request}, max_tokens, lambda message: _wording(message["answer"]), on_token)

    def word_together(
        self,
        requests: Sequence[WordingRequest],
        *,
        seeds: Sequence[int],
        temperature: float,
        on_answer: Callable[[int, Wording], None],
        on_token: Callable[[int, str], None] | None = None,
    ) -> None:
        """Word several side by side; each answer is handed over once, with its place. Raises as ``word`` does."""
        asked = [
            {**asdict(request), "seed": seed, "temperature": temperature}
            for request, seed in zip(requests, seeds, strict=True)
        ]
        answered: set[int] = set()

        def heard(message: Mapping[str, Any]) -> None:
            place = message["place"]
            if not 0 <= place < len(asked):
                raise _ChildDiedError("it answered what was not asked")
            if "part" in message:
                wording = _wording(message["part"])
                if place not in answered:
                    answered.add(place)
                    on_answer(place, wording)
            elif on_token is not None and place not in answered:
                on_token(place, message["token"])

        def all_heard(_: Mapping[str, Any]) -> None:
            if len(answered) < len(asked):
                raise _ChildDiedError("it left out sentences")

        tokens = sum(request.max_tokens + 1 for request in requests)
        self._answered({"together": asked}, tokens, all_heard, on_part=heard)

    def weigh(self, prompt: str, choices: Sequence[str], *, shared: int = 0) -> tuple[float, ...]:
        """How likely each choice is as what follows the prompt; they add up to one. Raises as ``word`` does."""
        request = {"prompt": prompt, "shared": shared, "choices": list(choices)}

        def read(message: Mapping[str, Any]) -> tuple[float, ...]:
            weights = message["weights"]
            if len(weights) != len(choices):
                raise _ChildDiedError("it weighed other choices")
            return tuple(weights)

        return self._answered({"weigh": request}, 0, read)

    def _answered(
        self,
        request: Mapping[str, Any],
        tokens: int,
        read: Callable[[Mapping[str, Any]], _Read],
        on_token: Callable[[str], None] | None = None,
        on_part: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> _Read:
        """What ``read`` makes of the answer; a worker that says more than ``tokens`` and some is taken for mad."""
        with self._turn() as number:
            why = ""
            for _ in range(ATTEMPTS):
                try:
                    return read(self._ask(number, request, tokens + STRAYS, on_token, on_part))
                except _ChildDiedError as exc:
                    why = str(exc)
                    self._drop()
                    if self._cancelled >= number:
                        raise Cancelled from exc
            raise EnvironmentFault(
                f"The model {self.name} stopped twice on the same sentence ({why}).",
                remedy="The rule sentence stands; check the free memory, or draft with --model none.",
            )

    @contextlib.contextmanager
    def _turn(self) -> Iterator[int]:
        """Number of a request that has the worker to itself; it can be cancelled while it waits for the load."""
        with self._counting:
            self._number += 1
            number, self._asking = self._number, self._asking + 1
        try:
            while not self._lock.acquire(timeout=CANCEL_POLL):
                if self._cancelled >= number:
                    raise Cancelled
            try:
                yield number
            finally:
                self._lock.release()
        finally:
            with self._counting:
                self._asking -= 1

    def prepare(self) -> None:
        """Start the worker and load the model meanwhile; returns at once. What fails, the first request says."""
        threading.Thread(target=self._prepare, name="model-prepare", daemon=True).start()

    def _prepare(self) -> None:
        with self._lock, contextlib.suppress(EnvironmentFault, Cancelled):
            if not self._closed:
                self._started(self._number)

    def cancel(self) -> None:
        """Stop the running request: asked first, killed when it has not stopped in time. Without one, do nothing."""
        number, child = self._number, self._child
        if not self._asking or self._cancelled >= number:
            return
        self._cancelled = number
        if child is None:
            return
        child.tell({"cancel": number})
        timer = threading.Timer(CANCEL_GRACE, self._kill_if_still, args=(number, child))
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the worker, whatever it is doing."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._drop()

    def __enter__(self) -> Self:
        self.prepare()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _ask(
        self,
        number: int,
        request: Mapping[str, Any],
        most: int,
        on_token: Callable[[str], None] | None,
        on_part: Callable[[Mapping[str, Any]], None] | None,
    ) -> Mapping[str, Any]:
        child = self._started(number)
        child.tell({"id": number, **request})
        for _ in range(most):
            message = child.hear(SILENCE_LIMIT)
            if message.get("id") != number:
                continue  # the tail of a request that was given up
            if "place" in message:
                if on_part is not None:
                    self._pass_on(child, number, partial(on_part, message))
            elif "token" in message:
                if on_token is not None:
                    self._pass_on(child, number, partial(on_token, message["token"]))
            elif "error" in message:
                raise EnvironmentFault(message["error"], remedy="The rule sentence stands.")
            elif ("weights" if "weigh" in request else "answer") not in message:
                raise _ChildDiedError("it answered what was not asked")
            else:
                child.answered = number
                return self._unless_cancelled(number, message)
        raise _ChildDiedError("it talked on without end")

    def _unless_cancelled(self, number: int, message: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._cancelled >= number:
            raise Cancelled
        if message.get("answer", {}).get("stopped") == "cancelled" or not message.get("weights", True):
            raise _ChildDiedError("it stopped unasked")
        return message

    def _pass_on(self, child: _Child, number: int, tell: Callable[[], None]) -> None:
        if self._cancelled >= number:
            return
        try:
            tell()
        except BaseException:  # the listener wants no more: stop the worker and let its error through
            child.tell({"cancel": number})
            raise

    def _started(self, number: int) -> _Child:
        """The running worker, or a new one with the model verified and loaded."""
        if self._child is not None and self._child.alive():
            return self._child
        self._drop()
        child = self._child = _Child(self._command)  # it imports llama.cpp while the file is verified
        try:
            verify_model(self._spec)
            verify_adapter(self._spec)
        except EnvironmentFault:
            self._drop()
            raise
        child.tell({"load": self._load_message()})
        try:
            message = child.hear(LOAD_LIMIT)
        except _ChildDiedError as exc:
            self._drop()
            if self._cancelled >= number:
                raise Cancelled from exc
            if self._spec.gpu_layers:  # a driver that takes the worker with it: the processor alone does as well
                self._spec = replace(self._spec, gpu_layers=0)
                return self._started(number)
            raise EnvironmentFault(
                f"The model {self.name} could not be loaded ({exc}).",
                remedy=exc.remedy or _NOT_LOADED,
            ) from exc
        if "fault" in message:
            self._drop()
            raise EnvironmentFault(message["fault"], remedy="Choose another model, or draft with --model none.")
        if "ready" not in message:
            self._drop()
            raise EnvironmentFault(
                f"The model {self.name} could not be loaded: its worker speaks out of turn.", remedy=_NOT_LOADED
            )
        self._runtime = message["ready"]["runtime"]
        return child

    def _load_message(self) -> dict[str, Any]:
        return load_message(self._spec, self._threads)

    def memory_used(self) -> int:
        """Bytes the worker holds at the moment; 0 where there is none."""
        child = self._child
        try:
            return int(psutil.Process(child.pid).memory_info().rss) if child is not None else 0
        except psutil.Error:
            return 0

    def _kill_if_still(self, number: int, child: _Child) -> None:
        if child.answered < number and self._number == number:
            child.kill()

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _Child:
    """The worker process, its pipes, and the thread that reads what it says."""

    def __init__(self, command: list[str]) -> None:
        self.answered = 0
        self._said: queue.Queue[Mapping[str, Any] | None] = queue.Queue(BACKLOG)
        self._nonsense = ""  # what it said that is no message
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, name="model-worker-reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send one line; to a dead worker it is lost, which ``hear`` then reports."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def hear(self, limit: float) -> Mapping[str, Any]:
        """The next line; raises ``_ChildDiedError`` at the end of the pipe and after ``limit`` silent seconds."""
        try:
            message = self._said.get(timeout=limit)
        except queue.Empty as exc:
            raise _ChildDiedError(f"no answer for {limit:.0f} seconds") from exc
        if message is None:
            self._said.put(None)  # for whoever listens next
            why, remedy = ended(self._wait())
            raise _ChildDiedError(self._nonsense or why, remedy)
        return message

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Kill and clear away: process, pipes, thread."""
        self.kill()
        self._wait()
        while self._reader.is_alive():  # it may wait for a place in the queue
            with contextlib.suppress(queue.Empty):
                self._said.get(timeout=CANCEL_POLL)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _wait(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=5)
        return None

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := self._process.stdout.readline(LONGEST_LINE):
                if len(line) < LONGEST_LINE and not line.endswith("\n"):
                    break  # cut off by its end
                self._said.put(_message(line))
        except (OSError, ValueError, RecursionError):
            self._nonsense = "it said what is no answer"
            self.kill()
        self._said.put(None)


def _message(line: str) -> Mapping[str, Any]:
    """What a line of the worker says; raises ``ValueError`` for one that is none of its messages."""
    match said := json.loads(line):
        case {"ready": {"runtime": str()}} | {"fault": str()} | {"id": int(), "error": str()}:
            pass
        case {"id": int(), "token": str()} if isinstance(said.get("place", 0), int):
            pass
        case {"id": int(), "place": int(), "part": {"text": str(), "tokens": int(), "stopped": str()}}:
            pass
        case {"id": int(), "answer": {"stopped": str(), **rest}} if isinstance(rest.get("text", ""), str):
            pass
        case {"id": int(), "weights": [*weights]} if all(isinstance(weight, float | int) for weight in weights):
            pass
        case _:
            raise ValueError("no message of the worker's")
    return said  # type: ignore[no-any-return]  # an object, by its form


def _wording(said: Mapping[str, Any]) -> Wording:
    try:
        return Wording(said["text"], int(said["tokens"]), float(said["seconds"]), said["stopped"])
    except (KeyError, TypeError, ValueError) as exc:
        raise _ChildDiedError("it said what is no answer") from exc


def worker_command() -> list[str]:
    """How the worker is started: as a module, or by the frozen program itself (see ``app.__main__``)."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--child", "local_models.worker"]
    return [sys.executable, "-m", "local_models.worker"]


def _environment() -> dict[str, str]:
    """The environment with the project's folder importable; nothing of the case goes in.

    Idle threads of llama.cpp sleep instead of spinning: on a busy machine spinning made decoding ten times slower.
    """
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "OMP_WAIT_POLICY": "PASSIVE"}
    return os.environ | own


def load_message(spec: ModelSpec, threads: int) -> dict[str, Any]:
    return {
        "path": str(spec.file),
        "context": spec.context,
        "threads": threads,
        "memory": 0 if spec.gpu_layers else memory_limit(spec),  # drivers reserve more addresses than they use
        "gpu_layers": spec.gpu_layers,
        "backends": [str(folder) for folder in spec.backends],
        "adapter": str(spec.adapter) if spec.adapter else "",
        "warm": shared_frame_prompt(spec.languages[0]) if spec.style in ("frames", TAUGHT) and spec.languages else "",
    }


def usable_cores() -> int:
    """Cores this process may run on, eight at most: more bring nothing for small models."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        cores = os.cpu_count() or 1
    return min(cores, 8)
