"""The child process: crash, memory, time, cancel, network."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from app.domain.mapping import ColumnMapping, TableMapping
from app.errors import Cancelled, InputError
from data.readers import process, worker
from data.readers.client import Readers
from data.readers.process import ChildDied, ReaderBug, ReaderProcess

Write = Callable[..., Path]
MAPPING = TableMapping((ColumnMapping("request.amount", "Amount"), ColumnMapping("request.purpose", "Text")))


@pytest.fixture
def slow_table(tmp_path: Path) -> Path:
    """A table that takes seconds: its last row is broken, so it is read row by row."""
    path = tmp_path / "slow.csv"
    rows = "".join(f'{i % 900 + 1},"text {i}"\n' for i in range(300_000))
    path.write_text(f'Amount,Text\n{rows}1,"open\n', encoding="utf-8")
    return path


def read_slowly(readers: Readers, path: Path, progress: Callable[..., None]) -> None:
    readers.read_table(path, "csv", MAPPING, path.with_name("out.duckdb"), "k", 2026, progress=progress)


def test_a_crash_costs_one_child_and_the_task_is_tried_again(slow_table: Path) -> None:
    with Readers() as readers:
        killed: list[int] = []

        def kill_first(*_: object) -> None:
            if not killed and readers.pid:
                killed.append(readers.pid)
                os.kill(readers.pid, signal.SIGKILL)

        out = slow_table.with_name("small.csv")
        out.write_text("Amount,Text\n1,a\n", encoding="utf-8")
        readers.start()
        kill_first()
        assert readers.profile_table(out, "csv").header == ("Amount", "Text")
        assert readers.pid not in (None, killed[0])


def test_a_file_that_kills_every_child_is_rejected_and_the_next_is_read(slow_table: Path) -> None:
    with Readers() as readers:
        pids: set[int] = set()

        def kill(*_: object) -> None:
            if readers.pid and readers.pid not in pids:
                pids.add(readers.pid)
                os.kill(readers.pid, signal.SIGKILL)

        with pytest.raises(InputError, match=r"slow\.csv: The file could not be read: it ended without an answer\."):
            read_slowly(readers, slow_table, kill)
        assert len(pids) == 2
        other = slow_table.with_name("note.txt")
        other.write_text("Caller: good morning\n", encoding="utf-8")
        assert readers.read_file(other).kind == "call_transcript"


def test_cancel_kills_the_child(slow_table: Path) -> None:
    with Readers() as readers:
        readers.start()
        pid = readers.pid
        asked: list[float] = []

        def cancel(*_: object) -> None:
            asked.append(time.monotonic())
            raise Cancelled

        with pytest.raises(Cancelled):
            read_slowly(readers, slow_table, cancel)
        assert time.monotonic() - asked[0] < 2  # bench/ measures it
        assert pid is not None
        assert not psutil.pid_exists(pid)


def test_cancel_from_another_thread(slow_table: Path) -> None:
    import threading

    with Readers() as readers:
        readers.start()
        timer = threading.Timer(0.4, readers.cancel)
        timer.start()
        with pytest.raises(Cancelled):
            read_slowly(readers, slow_table, lambda *_: None)
        timer.join()


def test_too_much_memory_costs_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text(json.dumps([{"Amount": i, "Text": "x" * 50} for i in range(200_000)]), encoding="utf-8")
    with (
        Readers(memory=120 * 2**20) as readers,
        pytest.raises(InputError, match=r"it ran out of memory|without an answer"),
    ):
        readers.read_file(path)


def test_a_task_without_end_is_stopped(slow_table: Path) -> None:
    process = ReaderProcess()
    given = {"path": str(slow_table), "form": "csv", "mapping": MAPPING.to_json(), "year": 2026, "key": "k"}
    given["out"] = str(slow_table.with_name("out.duckdb"))
    with pytest.raises(ChildDied, match="took too long"):
        process.call("table", given, seconds=0.2, progress=lambda *_: None)
    assert process.pid is None


def test_progress_counts_rows(slow_table: Path) -> None:
    seen: list[tuple[int, int | None, str]] = []
    with Readers() as readers:
        read_slowly(readers, slow_table, lambda *at: seen.append(at))
    done = [each[0] for each in seen if each[2] == "rows"]
    assert done == sorted(done)
    assert done[-1] > 0
    assert {each[1] for each in seen if each[2] == "rows"} == {300_002}


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "from data.readers.client import Readers\n"
        "import time\n"
        "if __name__ == '__main__':\n"
        "    readers = Readers(); readers.start(); print(readers.pid, flush=True); time.sleep(60)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    root = Path(worker.__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    child.wait(timeout=20)
    assert not child.is_running()


def test_no_network_in_the_child() -> None:
    """The audit hook cannot be taken back, so it is tried in a process of its own."""
    import subprocess
    import sys

    code = (
        "from data.readers.worker import _refuse_network; _refuse_network()\n"
        "import socket\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except PermissionError as exc: print(exc)\n"
    )
    root = Path(worker.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False)
    assert done.stdout.strip() == "a reader has no network"


def test_duckdb_of_the_child_reads_nothing_remote() -> None:
    import duckdb

    from data.readers.handover import connected

    db = connected()
    with pytest.raises(duckdb.Error, match="disabled"):
        db.execute("SELECT * FROM read_csv('https://localhost/x.csv')")
    db.close()


def test_no_right_to_read(write: Write, monkeypatch: pytest.MonkeyPatch, readers: Readers) -> None:
    path = write("secret.csv", "a,b\n1,2\n")
    given = Path.open

    def refuse(self: Path, *args: object, **named: object) -> object:
        if self.name == "secret.csv":
            raise PermissionError(13, "Permission denied")
        return given(self, *args, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="no right to read") as caught:
        readers.read_file(path)
    assert caught.value.remedy


def test_the_worker_turns_system_errors_into_words() -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    worker.TASKS["refused"] = refused
    try:
        answer = worker._answer("refused", {"path": "/x/y.csv"}, lambda *_: None)
    finally:
        del worker.TASKS["refused"]
    assert answer["input_error"]["file"] == "y.csv"
    assert "no right" in answer["input_error"]["message"]


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_an_empty_file(write: Write, readers: Readers, content: bytes) -> None:
    with pytest.raises(InputError, match=r"The file is empty\."):
        readers.read_file(write("empty.csv", content))


def test_a_folder_is_no_file(tmp_path: Path, readers: Readers) -> None:
    with pytest.raises(InputError, match="is a folder"):
        readers.read_file(tmp_path)


def test_a_fault_of_the_reader_costs_the_file_and_names_its_kind(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = " ".join(("personal", "contents"))

    def stumble(*_: object) -> None:
        raise KeyError(contents)

    monkeypatch.setitem(worker.TASKS, "stumble", stumble)
    answer = worker._answer("stumble", {}, lambda *_: None)
    assert answer["kind"] == "KeyError"
    assert contents not in json.dumps(answer)
    readers = Readers()

    def answered(*_: object, **__: object) -> None:
        raise ReaderBug(answer["bug"], answer["kind"])

    monkeypatch.setattr(readers._process, "call", answered)
    with pytest.raises(InputError, match=r"the reader stumbled over it \(KeyError\)"):
        readers.read_file(write("a.txt", "x"))


def test_a_full_disk_is_told() -> None:
    def full(*_: object) -> None:
        raise RuntimeError("IO Error: Could not write file: No space left on device")

    worker.TASKS["full"] = full
    try:
        answer = worker._answer("full", {}, lambda *_: None)
    finally:
        del worker.TASKS["full"]
    assert "disk is full" in answer["fault"]


class _Told:
    """A pipe whose child tells of a page every second of a clock of its own, and then answers."""

    def __init__(self, pages: int, *, stuck: bool) -> None:
        self.now = 0.0
        self._messages: list[dict[str, Any]] = [{"progress": [0 if stuck else at, pages, ""]} for at in range(1, pages)]
        self._messages.append({"result": "read"})

    def poll(self, _: float) -> bool:
        self.now += 1
        return True

    def recv_bytes(self, _: int) -> bytes:
        return json.dumps(self._messages.pop(0)).encode()


@pytest.mark.parametrize(("stuck", "longest"), [(False, 60), (True, 60), (False, 4), (False, None)])
def test_a_page_done_gives_time_for_the_next(
    stuck: bool, longest: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = _Told(8, stuck=stuck)
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: pipe.now))
    child: Any = SimpleNamespace(pipe=pipe, process=SimpleNamespace(pid=os.getpid()))
    call = process._Call(b"", 2.5, lambda *_: None, {}, longest, lambda _: None)
    reader = ReaderProcess(memory=2**40)
    if (stuck, longest) == (False, 60):
        assert reader._answer(child, call) == "read"
    else:
        with pytest.raises(ChildDied, match="took too long"):
            reader._answer(child, call)
