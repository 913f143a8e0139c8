"""Documents as the window sees them (``ports.Pages``): drawn and read in a child process, never in the desk's own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.domain.layout import Page, Sheet
from app.domain.pages import DrawnPage, Excerpt, FirstPage, TextLines
from app.errors import Cancelled, InputError
from app.ports import Progress, no_progress
from data.readers.layouts.store import page_from_json
from data.readers.process import ChildDied, ReaderBug, ReaderProcess

MEMORY = 1024 * 2**20  # resident bytes of the child
LARGEST = 256 * 2**20  # bytes of a document that is shown
LARGEST_ANSWER = 80 * 2**20  # bytes: the pixels of the largest page, or the texts of the longest excerpt
PAGE_SECONDS = 20
TABLE_SECONDS = 90
PATIENCE = 0.15  # seconds a page nobody waits for any more may take to its end, so that its child need not be killed
PARTS = ("pypdfium2", "data.readers.drawing", "data.readers.layouts.picture_formats")
WORD_PARTS = ("pypdfium2", "data.readers.page_words")
WORDS_SECONDS = 90  # of a page that is recognised on a busy machine
FIRST_WIDE = 1_100  # pixels of a first page that is kept
MOST_KEPT = 200  # pages whose words are kept

Content = Callable[[], bytes]


class Pages:
    """``ports.Pages``. A child apart from the one that imports; it holds the last few documents until ``close``."""

    def __init__(self, *, memory: int = MEMORY, page_seconds: float = PAGE_SECONDS, background: bool = False) -> None:
        """``background``: the children give way to what somebody waits for."""
        self._page_seconds = page_seconds
        self._process = ReaderProcess(
            memory=memory, name="caseworth-pages", ahead=PARTS, largest_answer=LARGEST_ANSWER, background=background
        )
        self._words = ReaderProcess(name="caseworth-words", ahead=WORD_PARTS, largest_answer=LARGEST_ANSWER)
        self._kept: OrderedDict[tuple[str, int], Page] = OrderedDict()

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._process.pid

    def start(self) -> None:
        """Start the child ahead of the first page."""
        self._process.start()

    def draw(
        self,
        sha256: str,
        content: Content,
        page: int,
        width: int,
        *,
        sheet: Sheet | None = None,
        progress: Progress = no_progress,
    ) -> DrawnPage:
        """Draw a page of a PDF or picture about ``width`` pixels wide; one past the end gives the last.

        ``sheet`` draws it upright, as reading made it.
        """
        given = {"sha256": sha256, "page": page, "width": width, "sheet": sheet.to_json() if sheet else None}
        fields, pixels = self._call("draw", given, content, self._page_seconds, progress)
        drawn = DrawnPage(**fields, pixels=pixels)
        if (
            len(pixels) != 4 * drawn.across * drawn.down
            or min(drawn.across, drawn.down, drawn.width, drawn.height) <= 0
        ):
            self._process.close()
            raise _refused(ChildDied("it drew something else"))
        return drawn

    def first_page(self, content: Content, sheet: Sheet | None, *, progress: Progress = no_progress) -> FirstPage:
        """Draw the first page as it is kept for documents that take long to open."""
        given = {"width": FIRST_WIDE, "sheet": sheet.to_json() if sheet else None}
        told, picture = self._call("first", given, content, self._page_seconds, progress)
        return FirstPage(told["width"], told["height"], told["pages"], bytes(picture))

    def draw_first(self, sha256: str, page: FirstPage, width: int, *, progress: Progress = no_progress) -> DrawnPage:
        """Draw a first page that was kept."""
        sheet = Sheet(1, page.width, page.height)
        drawn = self.draw(f"first {sha256}", lambda: page.picture, 1, width, sheet=sheet, progress=progress)
        return replace(drawn, pages=page.pages)

    def excerpt(self, sha256: str, content: Content, row: int, *, progress: Progress = no_progress) -> Excerpt:
        """Rows of a table (CSV, XLSX, Parquet) around one of them."""
        found = self._call("excerpt", {"sha256": sha256, "row": row}, content, TABLE_SECONDS, progress)
        return Excerpt(tuple(found["header"]), tuple(map(tuple, found["rows"])), tuple(found["numbers"]))

    def lines(
        self,
        sha256: str,
        content: Content,
        shape: str,
        *,
        rows: tuple[int, ...] = (),
        path: str | None = None,
        row: int | None = None,
        raw: str | None = None,
        progress: Progress = no_progress,
    ) -> TextLines:
        """Lines of a text of a shape ("json", "xml", "ofx", "text") around the place that counts."""
        given = {"sha256": sha256, "shape": shape, "rows": rows, "path": path, "row": row, "raw": raw}
        found = self._call("lines", given, content, self._page_seconds, progress)
        return TextLines(**found | {"lines": tuple(found["lines"]), "marks": tuple(found["marks"])})

    def words(self, sha256: str, content: Content, page: int, *, progress: Progress = no_progress) -> Page:
        """Words of a page of a PDF or picture with their boxes; a page that must be recognised takes seconds.

        A child of its own reads them, so that no page waits to be drawn. The last pages are kept.
        """
        key = (sha256, page)
        if key not in self._kept:
            given = {"sha256": sha256, "page": page}
            self._kept[key] = page_from_json(self._call("words", given, content, WORDS_SECONDS, progress, self._words))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def cancel(self) -> None:
        """Kill the child in the middle of its task; the caller gets ``Cancelled``. Callable from any thread."""
        self._process.cancel()

    def cancel_words(self) -> None:
        """The same for ``words``."""
        self._words.cancel()

    def close(self) -> None:
        """End the children, and with them what they hold."""
        self._process.close()
        self._words.close()
        self._kept.clear()

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(
        self,
        task: str,
        given: Mapping[str, Any],
        content: Content,
        seconds: float,
        progress: Progress,
        process: ReaderProcess | None = None,
    ) -> Any:
        child = process or self._process
        supply = {"content": lambda: _bounded(content())}
        try:
            return child.call(task, given, seconds=seconds, progress=_patient(progress), supply=supply)
        except Cancelled:
            child.start()  # the next page need not wait for it
            raise
        except ChildDied as died:
            child.start()
            raise _refused(died) from died
        except ReaderBug as bug:
            raise _refused(ChildDied(f"it stumbled ({bug.kind})")) from bug


def _bounded(content: bytes) -> bytes:
    if len(content) > LARGEST:
        text = f"The document has more than {LARGEST // 2**20} MB."
        raise InputError("document.large", text, remedy="Open the original in another program.")
    return content


def _patient(progress: Progress) -> Progress:
    """Let a page nobody waits for come to its end, if that is near."""
    asked: list[float] = []

    def patient(done: int, total: int | None, what: str) -> None:
        try:
            progress(done, total, what)
        except Cancelled:
            asked.append(time.monotonic())
            if asked[-1] - asked[0] > PATIENCE:
                raise

    return patient


_REASONS = {
    "reading took too long": ("page.slow", "The page reader took too long and was ended."),
    "it ran out of memory": ("page.memory", "The page reader ran out of memory twice and was ended."),
    "it ended without an answer": ("page.died", "The page reader crashed twice."),
}


def _refused(died: ChildDied) -> InputError:
    """Its field is ``page.slow``, ``page.memory``, ``page.died`` or ``page.failed``."""
    field, text = _REASONS.get(died.reason, ("page.failed", f"The page reader failed: {died.reason}."))
    remedy = "It was started anew. The document may be damaged or made to do harm; ask for it in another form."
    return InputError(field, text, remedy=remedy)
