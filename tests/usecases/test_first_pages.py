"""The first page of a large document is drawn ahead, so that it opens at once."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.adapters.cipher import AesGcmCipher
from app.bootstrap import Desk
from app.domain.pages import HEAVY
from data.readers.pages import Pages
from data.workspace import open_workspace
from tests.doubles import FixedClock


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    opened = open_workspace(folder, lambda _: bytes(32), AesGcmCipher, clock=FixedClock(), memory_limit_mb=512)
    with Desk(opened, bytes(32), person="A. Lind", role="underwriter") as made:
        yield made


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of noise, blank at its left half, larger than what opens at once."""
    noise = random.Random(7).randbytes(1200 * 1800 * 3 // 2 + 1)
    picture = Image.new("RGB", (1200, 1800), "white")
    picture.paste(Image.frombytes("RGB", (600, 1800), noise[: 600 * 1800 * 3]), (600, 0))
    folder = tmp_path / "lind"
    folder.mkdir()
    picture.save(folder / "scan.bmp")
    return folder / "scan.bmp"


def test_a_large_document_has_its_first_page_drawn_once(desk: Desk, large: Path) -> None:
    sha256 = hashlib.sha256(large.read_bytes()).hexdigest()
    assert large.stat().st_size >= HEAVY
    desk.import_files([large.parent], None, put_off=True)
    with desk.workspace.read() as stores:
        (waiting,) = stores.waiting.of_case(stores.documents.cases_with(sha256)[0])
        assert stores.first_pages.missing(HEAVY) == [sha256]
    desk.reading.stop(waiting.case_id, sha256)
    assert desk.reading.read_all() == 0
    with desk.workspace.read() as stores:
        assert stores.first_pages.missing(HEAVY) == []
        kept = stores.first_pages.get(sha256, None)
    assert kept is not None
    assert len(kept.picture) < HEAVY / 3
    with Pages() as pages:
        drawn = pages.draw_first(sha256, kept, 400)
    assert (drawn.page, drawn.pages, drawn.width, drawn.height) == (1, 1, 1200.0, 1800.0)
    assert (drawn.across, drawn.down) == (400, 600)
    left, right = bytes(drawn.pixels)[:100], bytes(drawn.pixels)[1500:1600]
    assert min(left[:3]) > 240
    assert len(set(right)) > 20


def test_a_small_document_needs_none(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    Image.new("RGB", (300, 400), "white").save(folder / "card.png")
    desk.import_files([folder], None, put_off=True)
    with desk.workspace.read() as stores:
        assert stores.first_pages.missing(HEAVY) == []
