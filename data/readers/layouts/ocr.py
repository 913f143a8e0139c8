"""Character recognition: rapidocr's three small models, bundled with it, run on this machine alone.

The models are in the wheel, ``rapidocr/models/*.onnx``; their paths are given outright, so that nothing is ever looked
for on a network. Latin scripts and Chinese. Imported only when a page needs it: it takes a second and 0.3 GB.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import EnvironmentFault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[Any]  # (height, width, 3) of bytes: blue, green, red
    Quads = NDArray[Any]  # (n, 4, 2) of float32: top left, top right, bottom right, bottom left, in pixels

MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
DETECT_SIDE = 1440  # pixels of the longer side the detector sees
_SHORT_SIDE = 736  # pixels; smaller pictures are enlarged for the detector
_HEIGHT = 48  # pixels of a line as the recogniser wants it
_MOST_ACROSS = 3200  # pixels of such a line; longer ones are squeezed
_BATCH_PIXELS = 48 * 2400  # of the lines recognised at once
_SQUEEZED = 0.88  # width of a long line as it is recognised: costs no accuracy and an eighth less time
_LONG = 6  # times its height
_STEP = 32  # widths of lines are rounded up to this many pixels, so that few of them need padding
_FAINT = 0.5  # lines less certain than this are no text
MOST_LINES = 3000  # of a page


@dataclass(frozen=True, slots=True)
class Sign:
    """One recognised character: where its middle is, as a fraction of the line's width."""

    text: str
    at: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The characters of one line, blanks among them."""

    signs: tuple[Sign, ...]
    confidence: float  # mean of its characters


class Recogniser:
    """The models, loaded on first use and kept."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._turner: Any = None
        self._reader: Any = None
        self._characters: Sequence[str] = ()

    def detect(self, image: Pixels) -> Quads:
        """Where lines of text stand, from top to bottom; possibly none."""
        import cv2
        import numpy as np

        height, width = image.shape[:2]
        scale = min(1.0, DETECT_SIDE / max(height, width))
        if min(height, width) * scale < _SHORT_SIDE:
            scale = min(_SHORT_SIDE / min(height, width), DETECT_SIDE / max(height, width), 4.0)
        size = (_in_steps(width * scale), _in_steps(height * scale))
        seen = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        found = self._detect()(seen).boxes
        if found is None:
            return np.zeros((0, 4, 2), np.float32)
        factors = (width / size[0], height / size[1])
        return np.asarray(found[:MOST_LINES], np.float32) * np.asarray(factors, np.float32)

    def upside_down(self, crops: Sequence[Pixels]) -> float:
        """Share of the lines, by certainty, that stand on their head."""
        if not crops:
            return 0.0
        votes = self._turn()(list(crops)).cls_res
        total = sum(float(score) for _, score in votes)
        return sum(float(score) for label, score in votes if "180" in label) / total if total else 0.0

    def read(self, crops: Sequence[Pixels]) -> list[ReadLine | None]:
        """Text of each line that was cut out upright; None where there is none."""
        self._load_reader()
        out: list[ReadLine | None] = [None] * len(crops)
        for batch in _batches([_across(crop) for crop in crops]):
            for at, line in zip(batch, self._read_batch([crops[at] for at in batch]), strict=True):
                out[at] = line if line is not None and line.confidence >= _FAINT else None
        return out

    def _read_batch(self, crops: Sequence[Pixels]) -> Iterator[ReadLine | None]:
        import numpy as np

        widest = max(_across(crop) for crop in crops)
        widest = -(-widest // _STEP) * _STEP
        given = np.zeros((len(crops), 3, _HEIGHT, widest), np.float32)
        for at, crop in enumerate(crops):
            plane = _as_seen(crop)
            given[at, :, :, : plane.shape[2]] = plane
        chances = self._reader.session(given)
        best = chances.argmax(axis=2)
        for at, crop in enumerate(crops):
            share = chances.shape[1] * _across(crop) / widest  # columns that the line itself takes
            yield self._line(best[at], chances[at], share)

    def _line(self, best: NDArray[Any], chances: NDArray[Any], share: float) -> ReadLine | None:
        """Drop blanks and repetitions, as connectionist temporal classification wants it."""
        signs: list[Sign] = []
        last = 0
        for column, index in enumerate(best.tolist()):
            if index not in (0, last):
                confidence = float(chances[column, index])
                signs.append(Sign(self._characters[index], min((column + 0.5) / share, 1.0), confidence))
            last = index
        if not any(sign.text.strip() for sign in signs):
            return None
        return ReadLine(tuple(signs), sum(sign.confidence for sign in signs) / len(signs))

    def _detect(self) -> Any:
        if self._detector is None:
            from rapidocr.ch_ppocr_det import TextDetector

            self._detector = TextDetector(_settings().Det)
        return self._detector

    def _turn(self) -> Any:
        if self._turner is None:
            from rapidocr.ch_ppocr_cls import TextClassifier

            self._turner = TextClassifier(_settings().Cls)
        return self._turner

    def _load_reader(self) -> None:
        if self._reader is None:
            from rapidocr.ch_ppocr_rec import TextRecognizer

            self._reader = TextRecognizer(_settings().Rec)
            self._characters = self._reader.postprocess_op.character


@cache
def recogniser() -> Recogniser:
    """The one recogniser of this process."""
    return Recogniser()


def model_paths() -> dict[str, Path]:
    """Where the models are. Raises ``EnvironmentFault`` when the installation lacks one."""
    spec = find_spec("rapidocr")
    folders = [Path(place) / "models" for place in (spec.submodule_search_locations or ())] if spec else []
    paths = {part: folder / name for folder in folders for part, name in MODELS.items()}
    lost = [name for part, name in MODELS.items() if part not in paths or not paths[part].is_file()]
    if lost:
        text = f"Scanned pages cannot be read: {', '.join(lost)} of rapidocr is missing."
        raise EnvironmentFault(text, remedy="Install Caseworth again.")
    return paths


@cache
def _settings() -> Any:
    """rapidocr's own settings, with the models' paths, silent, and with as many threads as there are cores."""
    paths = model_paths()
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    from rapidocr import RapidOCR

    threads = int(os.environ.get("OMP_NUM_THREADS") or 0) or min(os.cpu_count() or 1, 8)
    given: dict[str, Any] = {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_side_len": 32,  # the picture comes in the size it is to be seen
        "Det.max_candidates": MOST_LINES,
    }
    settings = RapidOCR(params=given | {f"{part}.model_path": str(path) for part, path in paths.items()}).cfg
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    for part in MODELS:
        settings[part].engine_cfg = settings.EngineConfig.onnxruntime
        settings[part].font_path = None
    return settings


def _in_steps(side: float) -> int:
    return max(32, int(side / 32 + 0.5) * 32)


def _across(crop: Pixels) -> int:
    """Pixels the line is wide once it has the height the recogniser wants."""
    height, width = int(crop.shape[0]), int(crop.shape[1])
    if width > _LONG * height:
        width = round(_SQUEEZED * width)
    return min(_MOST_ACROSS, max(8, -(-width * _HEIGHT // height)))


def _as_seen(crop: Pixels) -> NDArray[Any]:
    """(3, 48, width) from -1 to 1."""
    import cv2
    import numpy as np

    size = (_across(crop), _HEIGHT)
    smaller = crop.shape[0] > 2 * _HEIGHT
    seen = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return (seen.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Lines of like width together, so many that they fill but do not flood the memory."""
    batch: list[int] = []
    for at in sorted(range(len(widths)), key=lambda each: widths[each]):
        widest = -(-widths[at] // _STEP) * _STEP
        if batch and (len(batch) + 1) * widest * _HEIGHT > _BATCH_PIXELS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
