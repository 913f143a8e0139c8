"""Writes a challenger as an ONNX file: one ``TreeEnsemble`` with doubles throughout, and its description.

``TreeEnsemble`` (ai.onnx.ml, operator set 5) is the first operator with double leaves; converters that go through
``TreeEnsembleRegressor`` round thresholds to single precision and send rows that lie on one the wrong way.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.scorecard import canonical_json
from local_models.challenger.onnx_reader import DOCUMENT_KEY, FORMAT, INPUT, OPSET, OUTPUT
from local_models.challenger.trees import LEAF, TreeBuilder, Trees, joined
from local_models.modelling.challenger.fit import FittedChallenger
from local_models.modelling.extra import need

_IR_VERSION = 10


def write_challenger(fitted: FittedChallenger, path: Path) -> str:
    """Write the file and, beside it, ``<name>.sha256`` as ``sha256sum`` writes it; returns the SHA-256.

    Same model, same bytes. Raises ``OSError`` where it cannot be written, ``EnvironmentFault`` without onnx.
    """
    data = challenger_bytes(fitted)
    digest = hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return digest


def challenger_bytes(fitted: FittedChallenger) -> bytes:
    """The ONNX file. Input ``features``, double, ``(n, columns)``; output ``log_odds``, ln(good:bad), ``(n, 1)``."""
    helper = need("onnx.helper")
    proto = need("onnx").TensorProto
    order = _Order(_splitting(fitted.trees))
    columns = sum(feature.columns for feature in fitted.features)
    graph = helper.make_graph(
        [helper.make_node("TreeEnsemble", [INPUT], [OUTPUT], domain="ai.onnx.ml", **order.attributes())],
        "challenger",
        [helper.make_tensor_value_info(INPUT, proto.DOUBLE, [None, columns])],
        [helper.make_tensor_value_info(OUTPUT, proto.DOUBLE, [None, 1])],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("ai.onnx.ml", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="caseworth",
    )
    document = _document(fitted) | {"covers": order.covers()}
    helper.set_model_props(model, {DOCUMENT_KEY: canonical_json(document)})
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _document(fitted: FittedChallenger) -> dict[str, Any]:
    report = fitted.report
    return {
        "format": FORMAT,
        "name": fitted.options.name,
        "features": [feature.to_json() for feature in fitted.features],
        "calibration": {name: repr(weight) for name, weight in fitted.mixture.items()},
        "training": {
            "rows": report["rows"],
            "good": report["good"],
            "bad": report["bad"],
            "sha256": report["fingerprint"],
            "seed": fitted.options.seed,
            "tuning_rows": report["tuning_rows"],
            "out_of_time": list(report["out_of_time"]),
            "left_out": dict(report["left_out"]),
            "parts": [_texts(part) for part in report["parts"]],
        },
    }


def _texts(part: Mapping[str, Any]) -> dict[str, str]:
    """Everything as text: no binary fraction stands in the document."""
    return {name: value if isinstance(value, str) else repr(value) for name, value in part.items()}


def _splitting(trees: Trees) -> Trees:
    """The trees that split, the constant of the others in their leaves; at least one tree."""
    lone = trees.column[trees.roots] == LEAF
    if not lone.any():
        return trees
    constant = float(trees.value[trees.roots[lone]].sum())
    if lone.all():
        return _constant(constant, float(trees.cover[trees.roots[0]]))
    ends = np.append(trees.roots[1:], len(trees.column))
    parts = [
        _tree(trees, int(start), int(end))
        for start, end, alone in zip(trees.roots, ends, lone, strict=True)
        if not alone
    ]
    return joined(parts).raised(constant)


def _constant(value: float, cover: float) -> Trees:
    builder = TreeBuilder()
    builder.start()
    root = builder.split(0, 0.0, missing_left=True, cover=2 * cover)
    builder.join(root, builder.leaf(value, cover), builder.leaf(value, cover))
    return builder.trees()


def _tree(trees: Trees, start: int, end: int) -> Trees:
    own = slice(start, end)
    inner = trees.column[own] != LEAF
    return Trees(
        trees.column[own],
        trees.threshold[own],
        trees.missing_left[own],
        np.where(inner, trees.left[own] - start, 0),
        np.where(inner, trees.right[own] - start, 0),
        trees.value[own],
        trees.cover[own],
        np.zeros(1, dtype=np.int64),
    )


class _Order:
    """Inner nodes and leaves numbered apart, as the operator wants them."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        is_leaf = trees.column == LEAF
        self.nodes = np.flatnonzero(~is_leaf)
        self.leaves = np.flatnonzero(is_leaf)
        self.place = np.empty(len(trees.column), dtype=np.int64)
        self.place[self.nodes] = np.arange(len(self.nodes))
        self.place[self.leaves] = np.arange(len(self.leaves))

    def attributes(self) -> dict[str, Any]:
        tensor = need("onnx.numpy_helper").from_array
        trees, nodes, place = self.trees, self.nodes, self.place
        left, right = trees.left[nodes], trees.right[nodes]
        return {
            "aggregate_function": 1,
            "n_targets": 1,
            "post_transform": 0,
            "tree_roots": place[trees.roots].tolist(),
            "nodes_featureids": trees.column[nodes].tolist(),
            "nodes_modes": tensor(np.zeros(len(nodes), dtype=np.uint8), "modes"),
            "nodes_splits": tensor(trees.threshold[nodes], "splits"),
            "nodes_truenodeids": place[left].tolist(),
            "nodes_trueleafs": (trees.column[left] == LEAF).astype(int).tolist(),
            "nodes_falsenodeids": place[right].tolist(),
            "nodes_falseleafs": (trees.column[right] == LEAF).astype(int).tolist(),
            "nodes_missing_value_tracks_true": trees.missing_left[nodes].astype(int).tolist(),
            "leaf_targetids": [0] * len(self.leaves),
            "leaf_weights": tensor(trees.value[self.leaves], "weights"),
        }

    def covers(self) -> dict[str, str]:
        """Rows of the development sample that came by each node and leaf: little-endian doubles, base64."""
        return {"nodes": _base64(self.trees.cover[self.nodes]), "leaves": _base64(self.trees.cover[self.leaves])}


def _base64(values: NDArray[np.float64]) -> str:
    return base64.b64encode(values.astype("<f8").tobytes()).decode("ascii")
