"""A challenger at the desk: loaded from its ONNX file, run by onnxruntime, explained exactly."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.domain.challenger import ChallengerScore, Contribution
from app.errors import EnvironmentFault, InputError
from local_models.challenger.features import Feature, Matrix, encode_frame, encode_values, owners
from local_models.challenger.onnx_reader import INPUT, OUTPUT, ReadModel, read_model
from local_models.challenger.shapley import Explainer

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

MAX_BYTES = 256 << 20
MILLIONTH = Decimal("0.000001")
TOLERANCE = 1e-9
_REMEDY = "Take the file from where it was fitted again, together with its .sha256."


def load_challenger(path: Path, sha256: str | None = None) -> Challenger:
    """Load a challenger after judging its file byte by byte; the runtime sees it only then.

    ``sha256`` is the digest the file must have; without it, that of ``<file>.sha256``. Raises ``InputError`` for a file
    that is missing, altered or no challenger, ``EnvironmentFault`` without onnxruntime.
    """
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    expected = sha256 if sha256 is not None else _sidecar(path)
    if digest != expected:
        raise InputError(
            "challenger",
            f"Its SHA-256 is {digest}, not {expected}: the file was altered.",
            file=str(path),
            remedy=_REMEDY,
        )
    try:
        return challenger_from(data)
    except ValueError as exc:
        raise InputError("challenger", f"The file cannot be used: {exc}.", file=str(path), remedy=_REMEDY) from exc


def challenger_from(data: bytes) -> Challenger:
    """A challenger from the bytes of its file. Raises ``ValueError`` that says what is not allowed."""
    read = read_model(data)
    try:
        features = tuple(Feature.from_json(each) for each in read.document["features"])
        name = str(read.document["name"])
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError("its description is incomplete") from exc
    columns = sum(feature.columns for feature in features)
    if not columns or read.trees.column.max() >= columns or len({each.name for each in features}) != len(features):
        raise ValueError("its trees look at columns it does not describe")
    return Challenger(name, hashlib.sha256(data).hexdigest(), features, read, data)


class Challenger:
    """Scores cases and tables; holds nothing of any case."""

    def __init__(self, name: str, sha256: str, features: tuple[Feature, ...], read: ReadModel, data: bytes) -> None:
        self.name = name
        self.sha256 = sha256
        self.features = features
        self.document = read.document
        self.content = data  # the file itself
        self._trees = read.trees
        self._session = _session(data)

    @property
    def names(self) -> tuple[str, ...]:
        """The features it looks at, in order."""
        return tuple(feature.name for feature in self.features)

    def score(self, values: Mapping[str, Any]) -> ChallengerScore:
        """Score one case from values by name; a name that is absent is missing.

        Raises ``InputError`` for a value of the wrong type, ``EnvironmentFault`` should the runtime and the trees as
        read here differ.
        """
        rows = encode_values(self.features, values)
        log_odds = float(self._run(rows)[0])
        by_feature = self._by_feature(self._explainer.contributions(rows[0]))
        average = self._explainer.average
        if abs(average + float(by_feature.sum()) - log_odds) > TOLERANCE * max(1.0, abs(log_odds)):
            raise EnvironmentFault(
                "onnxruntime does not run the challenger as it stands in its file.", remedy="Install onnxruntime again."
            )
        return ChallengerScore(
            challenger=self.name,
            sha256=self.sha256,
            pd=probability(log_odds),
            log_odds=log_odds,
            average=average,
            contributions=tuple(
                Contribution(name, float(part)) for name, part in zip(self.names, by_feature, strict=True)
            ),
            unseen=tuple(each.name for each in self.features if each.is_unseen(values.get(each.name))),
        )

    def log_odds(self, frame: pd.DataFrame) -> Floats:
        """Calibrated ln(good:bad) of every row, ``(n_rows,)``; raises ``InputError`` where a column is missing."""
        return self._run(encode_frame(self.features, frame))

    def contributions(self, frame: pd.DataFrame) -> Floats:
        """Contributions of the features to every row's log-odds, shape ``(n_rows, n_features)``."""
        rows = self._explainer.table(encode_frame(self.features, frame))
        return np.array([self._by_feature(row) for row in rows]).reshape(len(rows), len(self.features))

    @property
    def average(self) -> float:
        """Average ln(good:bad) over the development sample, to which the contributions are added."""
        return self._explainer.average

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._trees, sum(feature.columns for feature in self.features))

    def _by_feature(self, by_column: Floats) -> Floats:
        """The columns' contributions added up by feature."""
        return np.bincount(owners(self.features), by_column, len(self.features)).astype(np.float64)

    def _run(self, rows: Matrix) -> Floats:
        if not len(rows):
            return np.empty(0)
        try:
            answer = self._session.run([OUTPUT], {INPUT: rows})[0]
        except Exception as exc:  # the runtime's errors have no common type of their own
            message = f"onnxruntime stopped at the challenger {self.name}: {exc}"
            raise EnvironmentFault(message, remedy="Install onnxruntime again.") from exc
        return np.asarray(answer, dtype=np.float64).reshape(-1)


def probability(log_odds: float) -> Decimal:
    """Probability of bad at six decimals, half up."""
    chance = 1 / (1 + math.exp(log_odds)) if log_odds < 0 else math.exp(-log_odds) / (1 + math.exp(-log_odds))
    return Decimal(chance).quantize(MILLIONTH, rounding=ROUND_HALF_UP)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                "challenger", f"The file has {size} bytes; a challenger has at most {MAX_BYTES}.", file=str(path)
            )
        return path.read_bytes()
    except OSError as exc:
        raise InputError(
            "challenger", f"The file cannot be read: {exc.strerror}.", file=str(path), remedy="Check the path."
        ) from exc


def _sidecar(path: Path) -> str:
    beside = path.with_name(f"{path.name}.sha256")
    try:
        with beside.open("rb") as handle:
            word = handle.read(200).decode("ascii").split()[0].lower()
    except (OSError, UnicodeDecodeError, IndexError) as exc:
        raise InputError(
            "challenger",
            f"The file's SHA-256 is not known: {beside.name} is missing or empty.",
            file=str(path),
            remedy=_REMEDY,
        ) from exc
    if not re.fullmatch("[0-9a-f]{64}", word):
        raise InputError("challenger", f"{beside.name} holds no SHA-256.", file=str(path), remedy=_REMEDY)
    return word


def _session(data: bytes) -> Any:
    """One thread: a case takes microseconds, and sums come out the same every time."""
    try:
        runtime = import_module("onnxruntime")
    except (ImportError, OSError) as exc:
        raise EnvironmentFault(
            "Running a challenger needs onnxruntime, which is not installed.", remedy="pip install onnxruntime"
        ) from exc
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # the runtime's errors have no common type of their own
        raise ValueError(f"onnxruntime refuses it: {exc}") from exc
