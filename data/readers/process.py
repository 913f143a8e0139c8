"""The child process that reads files: started when needed, killed on cancel, replaced after a crash."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.errors import Cancelled, EnvironmentFault, InputError, WorkbenchError
from app.ports import Progress
from data.readers.worker import TABLE_PARTS, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

MEMORY = 1536 * 2**20  # resident bytes of the child; its address space is capped at twice that
LARGEST_ANSWER = 512 * 2**20  # bytes of one message of the child
_POLL = 0.03  # seconds between looks at the cancel flag


class ChildDied(Exception):
    """The child ended or ran out of memory in the middle of a task."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Child:
    process: SpawnProcess
    pipe: Connection


@dataclass(frozen=True, slots=True)
class _Call:
    """What one attempt needs to know."""

    message: bytes
    seconds: float
    progress: Progress
    supply: Mapping[str, Callable[[], bytes]]
    longest: float | None
    told: Callable[[Any], object]


class ReaderProcess:
    """Runs one task at a time in a child without network, with a memory cap; callable from any thread.

    ``ahead`` names what the child loads while nobody waits: modules, and functions of modules to be called
    (``module:function``); ``largest_answer`` bounds what it may send, in
    bytes a message: a child that sends more counts as died. ``background``: it gives way to what somebody waits for.
    """

    def __init__(
        self,
        *,
        memory: int = MEMORY,
        name: str = "caseworth-reader",
        ahead: tuple[str, ...] = TABLE_PARTS,
        largest_answer: int = LARGEST_ANSWER,
        background: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``environment``: variables that the child has beside those of this process."""
        self._memory = memory
        self._environment = dict(environment or {})
        self._background = background
        self._name = name
        self._ahead = ahead
        self._largest_answer = largest_answer
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._cancelled = threading.Event()

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        child = self._child
        return child.process.pid if child else None

    def call(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float,
        progress: Progress,
        supply: Mapping[str, Callable[[], bytes]] | None = None,
        longest: float | None = None,
        told: Callable[[Any], object] = lambda _: None,
    ) -> Any:
        """Run a task of ``data.readers.worker`` and return its JSON value, or a pair of it and the bytes beside it.

        ``supply`` gives what the task wants: the document's bytes as ``"content"``, pages known of it as ``"pages"``;
        ``told`` gets each page that was recognised. All are called on this thread. A child that dies or runs out
        of memory is replaced and the task tried once more. Raises ``ChildDied`` after the second time or when
        ``seconds`` are over (with ``longest``: over without a step forward, or ``longest`` in all), ``Cancelled``
        when ``progress`` or ``cancel`` says so (the child is killed), the
        ``InputError`` the task ended with, and what ``supply`` raises.
        """
        message = json.dumps({"task": task, "arguments": arguments}).encode()
        call = _Call(message, seconds, progress, supply or {}, longest, told)
        with self._turn:
            self._cancelled.clear()
            try:
                return self._attempt(call)
            except ChildDied as exc:
                if not exc.reason.startswith("it "):
                    raise
                return self._attempt(call)

    def start(self) -> None:
        """Start the child before the first task, so that the task need not wait for it."""
        with self._turn:
            self._started()

    def cancel(self) -> None:
        """Kill the child in the middle of its task; the caller of ``call`` gets ``Cancelled``."""
        self._cancelled.set()
        child = self._child
        if child is not None:
            child.process.kill()

    def close(self) -> None:
        """End the child; the next call starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.process.kill()
            child.process.join()
            child.pipe.close()
            child.process.close()

    def _attempt(self, call: _Call) -> Any:
        try:
            child = self._started()
            child.pipe.send_bytes(call.message)
            return self._answer(child, call)
        except (EOFError, OSError) as exc:
            self.close()
            if self._cancelled.is_set():
                raise Cancelled from exc
            raise ChildDied("it ended without an answer") from exc
        except InputError:
            raise
        except BaseException:
            self.close()
            raise

    def _started(self) -> _Child:
        if self._child is not None and self._child.process.is_alive():
            return self._child
        self.close()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        given = (theirs, self._memory, self._ahead, self._environment)
        process = context.Process(target=serve, args=given, name=self._name, daemon=True)
        process.start()
        theirs.close()
        if self._background:
            _give_way(process.pid)
        self._child = _Child(process, ours)
        return self._child

    def _answer(self, child: _Child, call: _Call) -> Any:
        done: tuple[int, int | None, str] = (0, None, "")
        deadline = time.monotonic() + call.seconds
        latest = time.monotonic() + (call.longest or call.seconds)
        while True:
            if child.pipe.poll(_POLL):
                message = json.loads(child.pipe.recv_bytes(self._largest_answer))
                if "wants" in message or "page" in message:
                    deadline += self._served(child, call, message)
                elif "progress" in message:
                    if call.longest is not None and message["progress"][0] > done[0]:
                        deadline = min(latest, time.monotonic() + call.seconds)
                    done = (message["progress"][0], message["progress"][1], message["progress"][2])
                elif "attached" in message:
                    return _result(message), child.pipe.recv_bytes(self._largest_answer)
                else:
                    return _result(message)
            if self._cancelled.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise ChildDied("reading took too long")
            if _resident(child.process.pid) > self._memory:
                raise ChildDied("it ran out of memory")
            call.progress(*done)

    def _served(self, child: _Child, call: _Call, message: Mapping[str, Any]) -> float:
        """Take a page, or send what the child asked for; returns the seconds that took, which are not the child's."""
        began = time.monotonic()
        try:
            if "page" in message:
                call.told(message["page"])
            else:
                child.pipe.send_bytes(call.supply[message["wants"]]())
        except InputError:
            self.close()  # it still waits
            raise
        return time.monotonic() - began


def _give_way(pid: int | None) -> None:
    """Let the child work while the processors have nothing better to do."""
    import psutil

    with suppress(psutil.Error, OSError):
        lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else 10
        psutil.Process(pid).nice(lower)


def _resident(pid: int | None) -> int:
    """Resident bytes of a process; 0 when it has just ended."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _result(message: Mapping[str, Any]) -> Any:
    if "result" in message:
        return message["result"]
    if "input_error" in message:
        error = message["input_error"]
        raise InputError(error.pop("field"), error.pop("message"), **error)
    if "fault" in message:
        raise EnvironmentFault(message["fault"], remedy=message["remedy"])
    if "memory" in message:
        raise ChildDied("it ran out of memory")
    raise ReaderBug(message["bug"], message["kind"])


class ReaderBug(Exception):
    """An error of ours in the child, with its traceback (no contents of the file) and its kind."""

    def __init__(self, trace: str, kind: str) -> None:
        super().__init__(trace)
        self.kind = kind


def rejected(name: str, died: ChildDied) -> WorkbenchError:
    """The error for the person when a file cannot be read at all."""
    return InputError(
        "file",
        f"The file could not be read: {died.reason}.",
        remedy="It may be damaged or made to do harm. Ask for it in another form, or split it.",
        file=name,
    )
