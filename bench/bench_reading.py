"""Reading a scanned page end to end, against bare recognition of the same picture.

    python bench/bench_reading.py [--rounds 3]

The page is A4 at 200 dots to the inch with 30 lines of some ten words, grainy and askew by half a degree. End to end is
``Readers.read_file``: the child process, the picture, its way up, recognition, kind and fields; bare is rapidocr as it
comes, words with boxes, in this process. Both are timed warm, turn by turn, best of the rounds; the first reading, with
the start of the child and the loading of the models, stands beside it. A page with a text layer and a PDF of 500 pages
follow.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 (the path is set above)
import psutil  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

from data.readers.client import Readers  # noqa: E402
from data.readers.layouts.pdf import pdf_layout  # noqa: E402

LINES = (
    "Statement of account for the period from 1 October 2026 to",
    "31 October 2026 · opening balance 1,204.55 · closing balance",
    "salary of Nordlys Energi AB 3,450.00 · rent to Bostad -980.00",
    "groceries -54.20 · insurance premium -38.90 · card fee -2.50",
)


def scanned_page() -> Image.Image:
    """A4 at 200 to the inch."""
    page = Image.new("RGB", (1654, 2339), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(ROOT / "data/fonts/Inter-Regular.otf"), 28)
    for line in range(30):
        draw.text((130, 130 + 68 * line), LINES[line % len(LINES)], "black", font)
    page = page.rotate(0.5, fillcolor="white", resample=Image.Resampling.BICUBIC)
    grain = np.random.default_rng(7).normal(0, 9, (2339, 1654, 1))
    return Image.fromarray(np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8))


class Peak:
    """Largest resident size of a process while the block runs."""

    def __init__(self, pid: int | None) -> None:
        self._process, self._done = psutil.Process(pid), threading.Event()
        self.bytes = 0

    def __enter__(self) -> Peak:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.bytes = max(self.bytes, self._process.memory_info().rss)


def busy(process: psutil.Process) -> float:
    """Processor seconds a process has used; other work on the machine does not change them."""
    times = process.cpu_times()
    return float(times.user + times.system)


def timed(call: object) -> float:
    began = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - began


def scan(folder: Path, rounds: int) -> None:
    from rapidocr import RapidOCR

    path = folder / "scan.png"
    scanned_page().save(path)
    bare = RapidOCR(params={"Global.log_level": "critical"})
    bare(str(path), return_word_box=True)
    with Readers() as readers:
        readers.start()
        first = timed(lambda: readers.read_file(path))
        ours, theirs, ours_busy, theirs_busy = [], [], [], []
        child, parent = psutil.Process(readers.pid), psutil.Process()
        with Peak(readers.pid) as peak:
            for _ in range(rounds):
                began = busy(parent)
                theirs.append(timed(lambda: bare(str(path), return_word_box=True)))
                theirs_busy.append(busy(parent) - began)
                began = busy(child)
                ours.append(timed(lambda: readers.read_file(path)))
                ours_busy.append(busy(child) - began)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"scanned page, {cores} cores: end to end {min(ours):.2f} s, bare {min(theirs):.2f} s")
    print(f"processor seconds: {min(ours_busy):.2f}, bare {min(theirs_busy):.2f}")
    print(
        f"ratio {min(ours_busy) / min(theirs_busy):.2f} of processor time, {min(ours) / min(theirs):.2f} of the clock"
    )
    print(f"the first page {first:.2f} s; child {peak.bytes / 2**20:.0f} MB")


def text_layers(folder: Path) -> None:
    from tests.data.readers.pdfs import texts_pdf

    dense, long = folder / "dense.pdf", folder / "long.pdf"
    dense.write_bytes(texts_pdf(1, lines=200, words=50))
    long.write_bytes(texts_pdf(500, lines=45, words=9))
    for name, path in (("10,000 words on a page", dense), ("500 pages", long)):
        layouts = []
        seconds = timed(lambda path=path, out=layouts: out.append(pdf_layout(path, lambda *_: None)))
        words = sum(len(page.words) for page in layouts[0].pages)
        print(f"text layer, {name}: {seconds:.2f} s, {words} words")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        text_layers(Path(folder))
        scan(Path(folder), rounds)


if __name__ == "__main__":
    main()
