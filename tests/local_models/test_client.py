"""The desk's side of the worker, against a worker that crashes, hangs, refuses and dawdles."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.errors import Cancelled, EnvironmentFault
from app.wording_ports import Wording
from local_models.catalogue import ModelSpec
from local_models.client import LocalModel

WORKER = Path(__file__).with_name("scripted_worker.py")


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    content = b"GGUF" + b"\0" * 60
    (tmp_path / "m.gguf").write_bytes(content)
    return ModelSpec("m", tmp_path / "m.gguf", hashlib.sha256(content).hexdigest(), "MIT")


@pytest.fixture
def opened(spec: ModelSpec) -> Iterator[list[LocalModel]]:
    models: list[LocalModel] = []
    yield models
    for model in models:
        model.close()


def a_model(opened: list[LocalModel], spec: ModelSpec, *behaviour: str) -> LocalModel:
    opened.append(LocalModel(spec, command=[sys.executable, str(WORKER), *behaviour]))
    return opened[-1]


def ask(model: LocalModel, **options: object) -> Wording:
    return model.word("p", "g", seed=0, max_tokens=9, temperature=0.0, **options)  # type: ignore[arg-type]


def test_tokens_stream_and_the_answer_follows(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    heard: list[str] = []
    assert ask(model, on_token=heard.append).text == "Hello there."
    assert heard == ["Hello ", "there."]
    assert model.runtime == "scripted 1"


def test_a_worker_that_crashed_is_started_again_and_asked_once_more(
    opened: list[LocalModel], spec: ModelSpec, tmp_path: Path
) -> None:
    model = a_model(opened, spec, "crash-once", str(tmp_path / "mark"))
    assert ask(model).text == "Hello there."


def test_a_worker_killed_between_requests_is_replaced(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    ask(model)
    first = model._child
    assert first is not None
    os.kill(first.pid, 9)
    assert ask(model).text == "Hello there."
    assert model._child is not first


def test_a_worker_that_dies_twice_is_a_fault_and_the_next_request_starts_afresh(
    opened: list[LocalModel], spec: ModelSpec
) -> None:
    model = a_model(opened, spec, "crash")
    for _ in range(2):
        with pytest.raises(EnvironmentFault, match=r"stopped twice .*code 7"):
            ask(model)


@pytest.mark.parametrize(("behaviour", "why"), [("refuse", "cannot load it"), ("mute", "could not be loaded .*code 3")])
def test_a_model_that_cannot_be_loaded_is_a_clear_fault(
    opened: list[LocalModel], spec: ModelSpec, behaviour: str, why: str
) -> None:
    with pytest.raises(EnvironmentFault, match=why) as caught:
        ask(a_model(opened, spec, behaviour))
    assert caught.value.remedy


def test_a_request_the_worker_refuses_is_a_fault_but_the_worker_stays(
    opened: list[LocalModel], spec: ModelSpec
) -> None:
    model = a_model(opened, spec, "error")
    with pytest.raises(EnvironmentFault, match="longer than"):
        ask(model)
    child = model._child
    with pytest.raises(EnvironmentFault):
        ask(model)
    assert model._child is child


@pytest.mark.parametrize("behaviour", ["slow", "deaf"])
def test_cancel_stops_a_request(opened: list[LocalModel], spec: ModelSpec, behaviour: str) -> None:
    model = a_model(opened, spec, behaviour)
    outcome: list[object] = []

    def work() -> None:
        try:
            outcome.append(ask(model))
        except Cancelled as stopped:
            outcome.append(stopped)
        outcome.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    _until(lambda: model._child is not None and model._number == 1 and model._runtime != "")
    time.sleep(0.2)
    asked = time.perf_counter()
    model.cancel()
    thread.join(timeout=10)
    assert isinstance(outcome[0], Cancelled)
    assert float(str(outcome[1])) - asked < 2  # bench/ measures it


def test_after_a_cancel_the_next_request_is_answered(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "slow")
    threading.Timer(0.5, model.cancel).start()
    with pytest.raises(Cancelled):
        ask(model)
    model._command = [sys.executable, str(WORKER), "good"]
    model._drop()
    assert ask(model).text == "Hello there."


def test_prepare_starts_the_worker_before_the_first_request(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    model.prepare()
    _until(lambda: model._child is not None and model._runtime)
    child = model._child
    assert ask(model).text == "Hello there."
    assert model._child is child


def test_a_model_that_cannot_be_prepared_says_so_at_the_first_request(
    opened: list[LocalModel], spec: ModelSpec
) -> None:
    model = a_model(opened, spec, "refuse")
    model.prepare()
    with pytest.raises(EnvironmentFault, match="cannot load"):
        ask(model)


def test_a_request_is_cancelled_while_the_model_loads(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "loading")
    model.prepare()
    _until(lambda: model._child)
    ended: list[float] = []

    def work() -> None:
        with pytest.raises(Cancelled):
            ask(model)
        ended.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    _until(lambda: model._asking)
    asked = time.perf_counter()
    model.cancel()
    thread.join(timeout=20)
    assert ended
    assert ended[0] - asked < 2


def test_cancel_without_a_request_does_nothing(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    model.cancel()
    assert ask(model).text == "Hello there."
    model.cancel()
    assert ask(model).text == "Hello there."


def test_an_error_of_the_listener_comes_through_and_the_model_goes_on(
    opened: list[LocalModel], spec: ModelSpec
) -> None:
    model = a_model(opened, spec, "good")

    def burst(token: str) -> None:
        raise RuntimeError(token)

    with pytest.raises(RuntimeError, match="Hello"):
        ask(model, on_token=burst)
    assert ask(model).text == "Hello there."


def test_a_model_with_a_wrong_digest_is_never_given_to_a_worker(opened: list[LocalModel], spec: ModelSpec) -> None:
    spec.file.write_bytes(b"GGUF" + b"\1" * 99)
    model = a_model(opened, spec, "good")
    with pytest.raises(EnvironmentFault, match="SHA-256"):
        ask(model)
    assert model._child is None


def test_close_ends_the_worker_and_its_thread(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    ask(model)
    assert model._child is not None
    pid = model._child.pid
    model.close()
    assert not psutil.pid_exists(pid)
    assert not [t for t in threading.enumerate() if t.name == "model-worker-reader"]


def test_the_worker_dies_with_its_parent(spec: ModelSpec) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from local_models.catalogue import ModelSpec\n"
        "from local_models.client import LocalModel\n"
        f"spec = ModelSpec('m', Path({str(spec.file)!r}), {spec.sha256!r}, 'MIT')\n"
        f"model = LocalModel(spec, command=[sys.executable, {str(WORKER)!r}, 'good'])\n"
        "model.word('p', 'g', seed=0, max_tokens=1, temperature=0.0)\n"
        "print(model._child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _until(lambda: not psutil.pid_exists(child))


def _until(true: object, limit: float = 10.0) -> None:
    assert callable(true)
    end = time.monotonic() + limit
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_choices_are_weighed(opened: list[LocalModel], spec: ModelSpec) -> None:
    model = a_model(opened, spec, "good")
    assert model.weigh("Which?", ["A", "B", "N", "D"]) == (0.25, 0.25, 0.25, 0.25)
    assert ask(model).text == "Hello there."


@pytest.mark.parametrize(
    ("behaviour", "why"), [("error", "tell the choices apart"), ("crash", r"stopped twice .*code 7")]
)
def test_weighing_fails_as_wording_does(opened: list[LocalModel], spec: ModelSpec, behaviour: str, why: str) -> None:
    with pytest.raises(EnvironmentFault, match=why):
        a_model(opened, spec, behaviour).weigh("Which?", ["A", "B"])
