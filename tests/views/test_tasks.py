"""Work off the UI thread: lanes, results, errors, cancelling, and results nobody waits for any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from app.errors import Cancelled, InputError
from app.ports import Progress
from views.tasks import Tasks


@pytest.fixture
def owner(qapp: object) -> QObject:
    return QObject()


def test_the_result_comes_back_on_the_ui_thread(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    worked: list[QThread] = []
    delivered: list[tuple[int, QThread]] = []
    tasks.run(
        lambda _: worked.append(QThread.currentThread()) or 42,
        lambda value: delivered.append((value, QThread.currentThread())),
        owner,
        "read",
    )
    qtbot.waitUntil(tasks.idle)
    assert delivered == [(42, owner.thread())]
    assert worked[0] is not owner.thread()


def test_a_lane_of_one_runs_one_at_a_time_and_in_order(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    running, most, order = [0], [0], []
    lock = threading.Lock()

    def work(number: int) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1
            order.append(number)

    for number in range(5):
        tasks.run(lambda _, number=number: work(number), None, owner, "write")
    qtbot.waitUntil(tasks.idle)
    assert most == [1]
    assert order == [0, 1, 2, 3, 4]


def test_a_late_answer_never_replaces_a_newer_one(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    first_may_end = threading.Event()
    shown: list[str] = []
    tasks.run(lambda _: first_may_end.wait(5) and "old", shown.append, owner, "read", key="list")
    tasks.run(lambda _: "new", shown.append, owner, "read", key="list")
    qtbot.waitUntil(lambda: shown == ["new"])
    first_may_end.set()
    qtbot.waitUntil(tasks.idle)
    assert shown == ["new"]


def test_the_same_key_of_another_owner_is_another_matter(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    other = QObject()
    shown: list[str] = []
    tasks.run(lambda _: "one", shown.append, owner, "read", key="list")
    tasks.run(lambda _: "two", shown.append, other, "read", key="list")
    qtbot.waitUntil(tasks.idle)
    assert sorted(shown) == ["one", "two"]


def test_nothing_is_delivered_to_an_owner_that_is_gone(qtbot: QtBot, tasks: Tasks) -> None:
    owner = QObject()
    may_end = threading.Event()
    shown: list[object] = []
    tasks.run(lambda _: may_end.wait(5), shown.append, owner, "read")
    shiboken6.delete(owner)
    may_end.set()
    qtbot.waitUntil(tasks.idle)
    assert shown == []


def test_an_error_goes_to_its_handler_and_otherwise_to_the_window(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    def fail(progress: Progress) -> None:
        raise InputError("file", "It is empty.")

    handled: list[object] = []
    shown: list[object] = []
    tasks.errored.connect(shown.append)
    tasks.run(fail, None, owner, "read", failed=handled.append)
    qtbot.waitUntil(tasks.idle)
    assert [str(error) for error in handled] == ["It is empty."]
    assert shown == []
    tasks.run(fail, None, owner, "read")
    qtbot.waitUntil(tasks.idle)
    assert [str(error) for error in shown] == ["It is empty."]


def test_a_fault_of_ours_goes_to_the_crash_dialog_alone(qtbot: QtBot, owner: QObject) -> None:
    tasks = Tasks()
    crashed: list[BaseException] = []
    handled: list[object] = []
    tasks.crashed.connect(crashed.append)
    tasks.run(lambda _: {}["missing"], None, owner, "read", failed=handled.append)
    qtbot.waitUntil(tasks.idle)
    assert [type(error) for error in crashed] == [KeyError]
    assert handled == []
    assert tasks.close()


def test_cancelling_stops_at_the_next_progress(qtbot: QtBot, owner: QObject) -> None:
    interrupted: list[int] = []
    worker: list[int] = []
    tasks = Tasks(interrupted.append)
    started = threading.Event()

    def count(progress: Progress) -> None:
        worker.append(threading.get_ident())
        started.set()
        for number in range(100_000):
            progress(number, 100_000, "rows")
            time.sleep(0.001)

    ended: list[float] = []
    task = tasks.run(count, None, owner, "write", failed=lambda error: ended.append(time.monotonic()))
    assert started.wait(5)
    asked = time.monotonic()
    task.cancel()
    qtbot.waitUntil(tasks.idle)
    assert ended[0] - asked < 2  # far less than the work would take; bench/ measures it
    assert interrupted == worker
    assert tasks.close()


def test_a_replaced_read_is_stopped_and_a_replaced_write_is_not(qtbot: QtBot, owner: QObject) -> None:
    stopped: list[int] = []
    stop = threading.Event()
    tasks = Tasks(lambda thread: (stopped.append(thread), stop.set()))
    started = threading.Event()
    threads: list[int] = []

    def wait(progress: Progress) -> None:
        threads.append(threading.get_ident())
        started.set()
        stop.wait(5)

    tasks.run(wait, None, owner, "read", key="a")
    assert started.wait(5)
    tasks.run(lambda _: None, None, owner, "read", key="a")
    qtbot.waitUntil(tasks.idle)
    assert stopped == threads[:1]
    started.clear()
    stop.clear()
    tasks.run(wait, None, owner, "write", key="b")
    assert started.wait(5)
    tasks.run(lambda _: None, None, owner, "write", key="b")
    assert len(stopped) == 1
    stop.set()
    qtbot.waitUntil(tasks.idle)
    assert tasks.close()


def test_work_that_has_ended_is_not_stopped_any_more(qtbot: QtBot, owner: QObject) -> None:
    stopped: list[int] = []
    tasks = Tasks(stopped.append)
    ended = threading.Event()
    task = tasks.run(lambda _: None, lambda _: None, owner, "write")
    tasks.run(lambda _: ended.set(), None, owner, "write")
    assert ended.wait(5)
    task.cancel()
    qtbot.waitUntil(tasks.idle)
    assert stopped == []
    assert tasks.close()


def test_work_cancelled_before_it_began_never_runs(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    may_end = threading.Event()
    ran: list[str] = []
    errors: list[object] = []
    tasks.run(lambda _: may_end.wait(5), None, owner, "write")
    waiting = tasks.run(lambda _: ran.append("second"), None, owner, "write", failed=errors.append)
    waiting.cancel()
    may_end.set()
    qtbot.waitUntil(tasks.idle)
    assert ran == []
    assert [type(error) for error in errors] == [Cancelled]


def test_a_cancel_of_the_model_goes_to_the_model(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    asked: list[str] = []
    stop = threading.Event()
    started = threading.Event()

    def word(progress: Progress) -> None:
        started.set()
        stop.wait(5)
        progress(1, None, "tokens")

    task = tasks.run(
        word, None, owner, "model", on_cancel=lambda: (asked.append("model"), stop.set()), failed=lambda error: None
    )
    assert started.wait(5)
    task.cancel()
    qtbot.waitUntil(tasks.idle)
    assert asked == ["model"]


def test_a_read_that_another_ones_cancel_interrupted_is_asked_again(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    tries: list[int] = []

    def read(progress: Progress) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise Cancelled
        return "rows"

    shown: list[str] = []
    tasks.run(read, shown.append, owner, "read")
    qtbot.waitUntil(tasks.idle)
    assert shown == ["rows"]


def test_progress_reaches_the_ui_thread_thinned_out_but_with_its_end(
    qtbot: QtBot, tasks: Tasks, owner: QObject
) -> None:
    seen: list[tuple[int, int | None, str]] = []

    def count(progress: Progress) -> None:
        for number in range(1, 5001):
            progress(number, 5000, "rows")

    tasks.run(count, None, owner, "read", progress=lambda *step: seen.append(step))
    qtbot.waitUntil(tasks.idle)
    assert seen[-1] == (5000, 5000, "rows")
    assert len(seen) < 500


def test_busy_tells_of_the_first_and_the_last(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    said: list[bool] = []
    tasks.busy.connect(said.append)
    tasks.run(lambda _: None, None, owner, "read")
    tasks.run(lambda _: None, None, owner, "read")
    qtbot.waitUntil(tasks.idle)
    assert said == [True, False]


def test_many_results_do_not_wear_out_none(qtbot: QtBot, tasks: Tasks, owner: QObject) -> None:
    """PySide6 6.12 drops a reference to None or True with many a call on Python 3.11."""
    got: list[object] = []
    give: Callable[[Progress], object] = lambda _: None  # noqa: E731
    for _ in range(3000):
        tasks.run(give, got.append, owner, "read")
    qtbot.waitUntil(tasks.idle, timeout=20_000)
    assert got == [None] * 3000


def test_a_superseded_run_that_fails_is_silent(qtbot: QtBot, tasks: Tasks) -> None:
    told: list[object] = []
    tasks.errored.connect(told.append)
    owner, gate = QObject(), threading.Event()

    def fails(_: Progress) -> None:
        gate.wait(5)
        raise InputError("case", "There is no such case.")

    tasks.run(fails, None, owner, "write", key="one")
    answers: list[int] = []
    tasks.run(lambda _: 2, answers.append, owner, "write", key="one")
    gate.set()
    qtbot.waitUntil(tasks.idle, timeout=5000)
    assert told == []
    assert answers == [2]
