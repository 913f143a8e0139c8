"""The page reader's process: crashes, hostile documents, time, memory, cancelling, what it holds."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.domain.pages import DrawnPage
from app.errors import Cancelled, EnvironmentFault, InputError
from data.readers import pages as client
from data.readers.client import Readers
from data.readers.pages import Pages
from data.readers.process import ReaderProcess
from data.readers.shelf import MOST_DOCUMENTS
from tests.data.readers.pdfs import hostile_pdfs, long_pdf, mutated, one_page, slow_pdf
from tests.views.case_files import payslip_pdf

FUZZ_SECONDS = 5.0
SAMPLES = Path(__file__).parents[3] / "data" / "samples" / "folders"
PLAIN = one_page(b"0 g 10 10 50 50 re f")


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with Pages() as each:
        yield each


def given(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def test_a_page_comes_as_pixels(pages: Pages) -> None:
    drawn = pages.draw("plain", given(PLAIN), 1, 595)
    assert (drawn.across, drawn.down, drawn.width, drawn.height, drawn.page, drawn.pages) == (595, 842, 595, 842, 1, 1)
    assert len(drawn.pixels) == 4 * 595 * 842
    assert drawn.pixels[:3] == b"\xff\xff\xff"
    inside = 4 * (595 * (842 - 30) + 30)
    assert drawn.pixels[inside : inside + 3] == b"\0\0\0"


def test_the_document_is_sent_once(pages: Pages) -> None:
    asked: list[int] = []

    def content() -> bytes:
        asked.append(1)
        return PLAIN

    for width in (100, 200, 300):
        pages.draw("sent once", content, 1, width)
    assert asked == [1]


def test_the_last_documents_are_held_and_no_more(pages: Pages) -> None:
    asked: list[str] = []

    def content(name: str) -> Callable[[], bytes]:
        return lambda: asked.append(name) or PLAIN  # type: ignore[func-returns-value]

    for number in range(MOST_DOCUMENTS + 1):
        pages.draw(f"held {number}", content(f"held {number}"), 1, 50)
    asked.clear()
    pages.draw("held 0", content("held 0"), 1, 50)
    pages.draw(f"held {MOST_DOCUMENTS}", content("the last one"), 1, 50)
    assert asked == ["held 0"]


def test_page_250_of_300_comes_quickly(pages: Pages) -> None:
    content = long_pdf(300)
    pages.draw("warm", given(PLAIN), 1, 50)
    began = time.monotonic()
    drawn = pages.draw("long", given(content), 250, 400)
    assert time.monotonic() - began < 3  # some 10 ms on a quiet machine
    assert (drawn.page, drawn.pages) == (250, 300)
    assert drawn.pixels[0] == pytest.approx(255 * 0.25, abs=1)
    assert pages.draw("long", given(content), 999, 50).page == 300


def killer(pages: Pages, times: int, sent: list[int]) -> tuple[list[int], Callable[..., None]]:
    """Kills a child that has got its document, and so draws, as often as said."""
    killed: list[int] = []

    def kill(*_: object) -> None:
        if pages.pid and pages.pid not in killed and len(killed) < min(times, len(sent)):
            killed.append(pages.pid)
            os.kill(pages.pid, signal.SIGKILL)

    return killed, kill


def test_a_child_killed_while_it_draws_is_replaced_and_the_page_tried_once_more() -> None:
    with Pages() as pages:
        sent: list[int] = []
        killed, kill = killer(pages, 1, sent)

        def content() -> bytes:
            sent.append(1)
            return slow_pdf() if len(sent) == 1 else PLAIN

        drawn = pages.draw("d", content, 1, 100, progress=kill)
        assert (len(killed), len(sent), drawn.across) == (1, 2, 100)
        assert pages.pid not in killed


def test_a_page_that_kills_every_child_is_told_and_the_reader_stands_again() -> None:
    with Pages() as pages:
        sent: list[int] = []
        killed, kill = killer(pages, 2, sent)

        def content() -> bytes:
            sent.append(1)
            return slow_pdf()

        with pytest.raises(InputError, match="The page reader crashed twice") as caught:
            pages.draw("d", content, 1, 600, progress=kill)
        assert caught.value.field == "page.died"
        assert "started anew" in (caught.value.remedy or "")
        assert len(killed) == 2
        assert pages.pid not in (None, *killed)
        assert pages.draw("plain", given(PLAIN), 1, 100).across == 100


@pytest.mark.parametrize("name", sorted(hostile_pdfs()))
def test_a_hostile_document_costs_an_error_and_no_memory_beyond_the_cap(name: str) -> None:
    cap = 300 * 2**20
    peak: list[int] = [0]
    before = psutil.Process().memory_info().rss
    with Pages(memory=cap, page_seconds=6) as pages:

        def watch(*_: object) -> None:
            try:
                peak.append(psutil.Process(pages.pid).memory_info().rss)
            except psutil.Error:
                return

        error = None
        try:
            drawn = pages.draw(name, given(hostile_pdfs()[name]), 1, 800, progress=watch)
            assert len(drawn.pixels) <= 4 * 16_000_000
        except InputError as caught:
            error = caught
        assert error is None or (error.field.startswith(("pdf.", "page.")) and error.remedy)
        assert pages.draw("plain", given(PLAIN), 1, 100).across == 100
    assert max(peak) < 2 * cap
    assert psutil.Process().memory_info().rss - before < 400 * 2**20


def test_a_page_without_end_is_ended(pages: Pages) -> None:
    with Pages(page_seconds=0.5) as short:
        began = time.monotonic()
        with pytest.raises(InputError, match="took too long") as caught:
            short.draw("slow", given(slow_pdf()), 1, 600)
        assert caught.value.field == "page.slow"
        assert time.monotonic() - began < 10


def test_cancel_ends_a_page_at_once() -> None:
    with Pages() as pages:
        pages.draw("plain", given(PLAIN), 1, 50)
        asked: list[float] = []

        def cancel() -> None:
            asked.append(time.monotonic())
            pages.cancel()

        timer = threading.Timer(0.3, cancel)

        def content() -> bytes:
            timer.start()
            return slow_pdf()

        with pytest.raises(Cancelled):
            pages.draw("slow", content, 1, 600)
        assert time.monotonic() - asked[0] < 2
        assert pages.pid is not None  # another is ready for the next page
        timer.join()
        assert pages.draw("plain", given(PLAIN), 1, 50).across == 50


def test_a_page_nobody_waits_for_ends_by_itself_when_it_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killing the child would cost the documents it holds."""

    def gone(*_: object) -> None:
        raise Cancelled

    with Pages() as pages:
        pages.draw("plain", given(PLAIN), 1, 50)
        child = pages.pid
        monkeypatch.setattr(client, "PATIENCE", 10.0)
        assert pages.draw("long", given(long_pdf(20)), 3, 2000, progress=gone).across == 2000
        assert pages.pid == child
        monkeypatch.setattr(client, "PATIENCE", 0.1)
        began = time.monotonic()
        with pytest.raises(Cancelled):
            pages.draw("slow", given(slow_pdf()), 1, 600, progress=gone)
        assert time.monotonic() - began < 5


def test_a_missing_original_is_told_and_the_child_answers_the_next(pages: Pages) -> None:
    def missing() -> bytes:
        raise EnvironmentFault("The original is missing.", remedy="Restore it.")

    with pytest.raises(EnvironmentFault, match="missing"):
        pages.draw("missing", missing, 1, 100)
    assert pages.draw("plain", given(PLAIN), 1, 100).across == 100


def test_a_document_too_large_is_not_sent(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 10)
    with pytest.raises(InputError) as caught:
        pages.draw("large", given(PLAIN), 1, 100)
    assert caught.value.field == "document.large"
    monkeypatch.undo()
    assert pages.draw("large", given(PLAIN), 1, 100).across == 100


def test_an_answer_larger_than_agreed_counts_as_a_crash() -> None:
    process = ReaderProcess(largest_answer=1000)
    try:
        with pytest.raises(client.ChildDied):
            process.call(
                "draw", {"sha256": "d", "page": 1, "width": 400}, seconds=20, progress=lambda *_: None,
                supply={"content": given(PLAIN)},
            )  # fmt: skip
    finally:
        process.close()


@pytest.mark.parametrize(
    "answer",
    [
        ({"page": 1, "pages": 1, "width": 9.0, "height": 9.0, "across": 50, "down": 50}, b"short"),
        ({"page": 1, "pages": 1, "width": 0.0, "height": 9.0, "across": 1, "down": 1}, b"four"),
    ],
)
def test_pixels_that_do_not_fit_their_page_are_refused(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages()
    monkeypatch.setattr(pages._process, "call", lambda *_, **__: answer)
    with pytest.raises(InputError, match="drew something else"):
        pages.draw("d", given(PLAIN), 1, 50)


def test_it_is_a_process_apart_that_ends_with_close(pages: Pages) -> None:
    with Pages() as other:
        other.start()
        child = psutil.Process(other.pid)
        assert child.pid not in (os.getpid(), pages.pid)
    child.wait(timeout=5)
    assert not child.is_running()


def test_damaged_documents_never_reach_the_desk(pages: Pages) -> None:
    """Real PDFs with bytes changed by a seeded chance: each ends in a page or in words."""
    chance = random.Random(20261122)
    originals = [path.read_bytes() for path in sorted(SAMPLES.glob("*/*.pdf"))]
    assert originals
    outcomes: dict[str, int] = {}
    ends = time.monotonic() + FUZZ_SECONDS
    number = 0
    while time.monotonic() < ends:
        content = mutated(chance.choice(originals), chance)
        try:
            drawn = pages.draw(f"damaged {number}", given(content), chance.randrange(1, 4), 400)
            outcome = type(drawn).__name__
        except InputError as error:
            outcome = error.field
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        number += 1
    assert set(outcomes) <= {DrawnPage.__name__, "pdf.broken", "pdf.locked", "pdf.page", "picture.broken", "page.died"}
    assert outcomes[DrawnPage.__name__] > 0
    assert pages.draw("plain", given(PLAIN), 1, 100).across == 100


def test_words_of_a_page_come_with_their_boxes_and_are_kept(pages: Pages) -> None:
    asked: list[str] = []

    def content() -> bytes:
        asked.append("content")
        return payslip_pdf()

    page = pages.words("d" * 64, content, 1)
    (word,) = [each for each in page.words if each.text == "Nettolön"]
    assert page.method == "text"
    assert word.box[0] == pytest.approx(34, abs=2)
    assert 210 < word.box[1] < word.box[3] < 228
    assert pages.words("d" * 64, content, 1) is page
    assert asked == ["content"]
    with pytest.raises(InputError) as refused:
        pages.words("d" * 64, content, 9)
    assert refused.value.field == "pdf.page"


def test_a_kept_document_is_read_anew_under_a_kind_that_a_person_gave() -> None:
    with Readers() as readers:
        first = readers.read_content("slip.pdf", payslip_pdf(), "payslip")
        other = readers.read_content("slip.pdf", payslip_pdf(), "invoice")
    assert (first.kind, first.kind_confidence) == ("payslip", 1.0)
    assert first.details
    assert (other.kind, other.alternatives) == ("invoice", ())
    assert first.sha256 == other.sha256 == hashlib.sha256(payslip_pdf()).hexdigest()
