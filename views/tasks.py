"""Work off the UI thread: the only threads of the window.

``tasks.run(op, done, owner, lane)`` runs ``op(progress)`` on a worker and hands its value to ``done`` on the UI
thread. Lanes: ``"write"`` (one worker: what a person changes), ``"read"`` (two), ``"model"`` (one),
``"documents"`` (two, so that a page is shown while files are looked through), ``"reading"`` (one: reads the documents
that wait, while people work), ``"modelling"`` (one: waits for the fit in its child process).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

from app.errors import Cancelled, WorkbenchError
from app.ports import Progress

LANES = {"write": 1, "read": 2, "model": 1, "documents": 2, "reading": 1, "modelling": 1}
PROGRESS_SECONDS = 0.05  # between two progress signals of one task

T = TypeVar("T")


class Task:
    """Handle of one run: ``cancel()`` from the UI thread, ``running`` until its result was delivered."""

    def __init__(self, owner: QObject, lane: str, key: str | None, stop_work: Callable[[int], None]) -> None:
        self.owner = owner
        self.lane = lane
        self.key = key
        self.running = True
        self.done: Callable[[Any], None] | None = None
        self.failed: Callable[[WorkbenchError], None] | None = None
        self.progress: Callable[[int, int | None, str], None] | None = None
        self._stop_work = stop_work
        self._cancelled = threading.Event()
        self._working = threading.Lock()  # held while the worker is told to stop, and while it says that it has ended
        self._thread: int | None = None  # of the worker, while it is at this task

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the work to stop: its next ``progress`` call raises ``Cancelled``, running statements are stopped."""
        if self.running and not self.cancelled:
            self._cancelled.set()
            self.stop()

    def supersede(self) -> None:
        """Drop the result, and the work where it has not begun; a read that has is stopped, a write runs to its end."""
        self._cancelled.set()
        self.done = self.failed = self.progress = None
        if self.lane == "read":
            self.stop()

    def stop(self) -> None:
        """Stop what the worker does for this task, and nothing it may do for the next."""
        with self._working:
            if self._thread is not None:
                self._stop_work(self._thread)

    def begin(self) -> None:
        """Called on the worker as the work starts; raises ``Cancelled`` when that came first."""
        with self._working:
            self._thread = threading.get_ident()
        self.check()

    def end(self) -> None:
        """Called on the worker when the work is over, however it went."""
        with self._working:
            self._thread = None

    def check(self) -> None:
        """Raise ``Cancelled`` when the person has cancelled."""
        if self.cancelled:
            raise Cancelled


class Tasks(QObject):
    """Runs work in lanes and brings the results back to the UI thread.

    Errors: a ``WorkbenchError`` goes to ``failed`` of the run, else to the signal ``errored`` (the window's banner);
    ``Cancelled`` goes to ``failed`` only. Anything else goes to ``crashed`` (the crash dialog), and to nobody else.
    Nothing is delivered to an owner Qt has destroyed, nor from a run that a newer one of the same ``key`` replaced.
    """

    errored = Signal(object)  # WorkbenchError nobody took
    crashed = Signal(object)  # BaseException
    busy = Signal(bool)  # something runs, or nothing does any more
    _delivered = Signal(object, object, object)  # Task, value, error
    _advanced = Signal(object, object, object, object)  # Task, done, total, what

    def __init__(self, interrupt: Callable[[int], None] | None = None, parent: QObject | None = None) -> None:
        """``interrupt(thread)`` stops the statements of one thread (``workspace.interrupt``); called on cancel."""
        super().__init__(parent)
        self._interrupt = interrupt
        self._pools = {lane: _pool(workers) for lane, workers in LANES.items()}
        self._open: list[Task] = []
        self._delivered.connect(self._on_delivered, Qt.ConnectionType.QueuedConnection)
        self._advanced.connect(self._on_advanced, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        op: Callable[[Progress], T],
        done: Callable[[T], None] | None,
        owner: QObject,
        lane: str,
        *,
        key: str | None = None,
        failed: Callable[[WorkbenchError], None] | None = None,
        progress: Callable[[int, int | None, str], None] | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> Task:
        """Start ``op(progress)`` in ``lane``; all three callbacks run on the UI thread while ``owner`` lives.

        A run of the same ``owner`` and ``key`` replaces the one before it: that one's answer is dropped. ``on_cancel``
        is called, on the UI thread, when a started task is cancelled (``model.cancel``); without one the workspace's
        statements are interrupted.
        """
        stop_work = self._interrupt_statements if on_cancel is None else lambda _: on_cancel()
        task = Task(owner, lane, key, stop_work)
        task.done, task.failed, task.progress = done, failed, progress
        if key is not None:
            self._replace(owner, key)
        self._open.append(task)
        if len(self._open) == 1:
            self.busy.emit(True)
        self._pools[lane].start(lambda: self._work(task, op))
        return task

    def idle(self) -> bool:
        """Whether every result has been delivered."""
        return not self._open

    def cancel_of(self, owner: QObject) -> None:
        """Cancel everything an owner started."""
        for task in [each for each in self._open if each.owner is owner]:
            task.cancel()

    def close(self, milliseconds: int = 5000) -> bool:
        """Cancel everything and wait for the workers; False when one did not stop in time."""
        for task in list(self._open):
            task.supersede()
            task.stop()
        for pool in self._pools.values():
            pool.clear()
        stopped = [pool.waitForDone(milliseconds) for pool in self._pools.values()]
        return all(stopped)

    def _replace(self, owner: QObject, key: str) -> None:
        for task in self._open:
            if task.owner is owner and task.key == key:
                task.supersede()

    def _interrupt_statements(self, thread: int) -> None:
        if self._interrupt is not None:
            self._interrupt(thread)

    def _work(self, task: Task, op: Callable[[Progress], Any]) -> None:
        """On the worker: run, and send value or error home."""
        value, error = None, None
        try:
            value = self._attempt(task, op)
        except BaseException as exc:  # noqa: BLE001  the thread edge: whatever it is, it is told on the UI thread
            error = exc
        finally:
            task.end()
        if shiboken6.isValid(self):
            self._delivered.emit(task, value, error)

    def _attempt(self, task: Task, op: Callable[[Progress], Any]) -> Any:
        progress = self._progress_of(task)
        task.begin()
        try:
            return op(progress)
        except Cancelled:
            # Whoever stopped all statements did not mean this read: it is simply asked again.
            if task.cancelled or task.lane != "read":
                raise
            return op(progress)

    def _progress_of(self, task: Task) -> Progress:
        last = 0.0

        def progress(done: int, total: int | None, what: str) -> None:
            nonlocal last
            task.check()
            now = time.monotonic()
            if now - last >= PROGRESS_SECONDS or done == total:
                last = now
                self._advanced.emit(task, done, total, what)

        return progress

    def _on_advanced(self, task: Task, done: int, total: int | None, what: str) -> None:
        if task.running and task.progress is not None and not task.cancelled and shiboken6.isValid(task.owner):
            task.progress(done, total, what)

    def _on_delivered(self, task: Task, value: Any, error: BaseException | None) -> None:
        task.running = False
        self._open = [each for each in self._open if each is not task]
        if not self._open:
            self.busy.emit(False)
        if error is not None and not isinstance(error, WorkbenchError):
            self.crashed.emit(error)
        elif shiboken6.isValid(task.owner):
            self._hand_over(task, value, error)

    def _hand_over(self, task: Task, value: Any, error: WorkbenchError | None) -> None:
        if error is None:
            if task.done is not None:
                task.done(value)
        elif task.failed is not None:
            task.failed(error)
        elif not isinstance(error, Cancelled) and not task.cancelled:
            self.errored.emit(error)


def _pool(workers: int) -> QThreadPool:
    pool = QThreadPool()
    pool.setMaxThreadCount(workers)
    pool.setExpiryTimeout(-1)  # a lane keeps its thread, and with it the thread's cursor
    return pool
