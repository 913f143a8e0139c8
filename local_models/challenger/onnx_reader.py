"""Reads a challenger out of the bytes of an ONNX file, and refuses whatever is not one.

Allowed is one graph of one node, ``TreeEnsemble`` of ``ai.onnx.ml``, with double thresholds and leaves, sum, no
transformation, branches ``<=`` only. No other operator, function, initializer, subgraph or external data.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.protobuf import packed, read_message, signed
from local_models.challenger.trees import LEAF, Trees

FORMAT = "caseworth-challenger/1"
DOCUMENT_KEY = "caseworth"
INPUT, OUTPUT = "features", "log_odds"
OPSET = 5  # of ai.onnx.ml; the first with double leaves
MAX_NODES = 2_000_000
MAX_DEPTH = 128

_UINT8, _DOUBLE = 2, 11  # TensorProto.DataType
_INTS = (
    "tree_roots",
    "nodes_featureids",
    "nodes_truenodeids",
    "nodes_trueleafs",
    "nodes_falsenodeids",
    "nodes_falseleafs",
    "nodes_missing_value_tracks_true",
    "leaf_targetids",
)
_TENSORS: Mapping[str, tuple[int, str]] = {
    "nodes_modes": (_UINT8, "|u1"),
    "nodes_splits": (_DOUBLE, "<f8"),
    "leaf_weights": (_DOUBLE, "<f8"),
}
_SCALARS = {"n_targets": 1, "aggregate_function": 1, "post_transform": 0}

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ReadModel:
    """What the file holds: the document of its metadata, and its trees."""

    document: Mapping[str, Any]
    trees: Trees


def read_model(data: bytes) -> ReadModel:
    """Read and check the whole file; raises ``ValueError`` that says what is not allowed."""
    graph: bytes | None = None
    document: Mapping[str, Any] | None = None
    opsets: list[tuple[str, int]] = []
    for number, value in read_message(data):
        if number == 7 and graph is None:
            graph = _raw(value)
        elif number == 8:
            opsets.append(_opset(_raw(value)))
        elif number == 14 and document is None:
            document = _document(_raw(value))
        elif number not in (1, 2, 3, 4, 5, 6):
            _refuse(f"part {number} of the model")
    if [name for name, _ in opsets] != ["ai.onnx.ml"] or opsets[0][1] != OPSET:
        _refuse(f"operator set {opsets}")
    if graph is None or document is None:
        _refuse("no graph, or no description by Caseworth")
    ints, tensors = _node(_only_node(graph))
    return ReadModel(document, _trees(ints, tensors, document))


def _refuse(what: str) -> NoReturn:
    raise ValueError(f"it is not a challenger: {what}")


def _raw(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        _refuse("a number where a message belongs")
    return value


def _text(value: int | bytes) -> str:
    return _raw(value).decode("utf-8")


def _whole(value: int | bytes) -> int:
    if not isinstance(value, int):
        _refuse("a message where a number belongs")
    return signed(value)


def _opset(data: bytes) -> tuple[str, int]:
    fields = dict(read_message(data))
    return _text(fields.get(1, b"")), _whole(fields.get(2, 0))


def _document(data: bytes) -> Mapping[str, Any]:
    fields = dict(read_message(data))
    if _text(fields.get(1, b"")) != DOCUMENT_KEY:
        _refuse("metadata of another program")
    try:
        document = json.loads(_text(fields.get(2, b"")))
    except (json.JSONDecodeError, RecursionError) as exc:
        raise ValueError("it is not a challenger: its description is no JSON") from exc
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        _refuse(f"its description is not of the format {FORMAT}")
    return document


def _only_node(graph: bytes) -> bytes:
    nodes = []
    for number, value in read_message(graph):
        if number == 1:
            nodes.append(_raw(value))
        elif number not in (2, 11, 12):  # name, inputs, outputs
            _refuse(f"part {number} of the graph")
    if len(nodes) != 1:
        _refuse(f"{len(nodes)} operators")
    return nodes[0]


def _node(data: bytes) -> tuple[dict[str, Ints], dict[str, NDArray[Any]]]:
    ints: dict[str, Ints] = {}
    tensors: dict[str, NDArray[Any]] = {}
    words = {1: INPUT, 2: OUTPUT, 4: "TreeEnsemble", 7: "ai.onnx.ml"}
    seen: list[int] = []
    for number, value in read_message(data):
        if number in words:
            seen.append(number)
            if _text(value) != words[number]:
                _refuse(f"operator, input or output {_text(value)!r}")
        elif number == 5:
            _attribute(_raw(value), ints, tensors)
        elif number != 3:
            _refuse(f"part {number} of the operator")
    absent = [name for name in (*_INTS, *_TENSORS) if name not in ints and name not in tensors]
    if sorted(seen) != sorted(words) or absent:
        _refuse(f"the operator is incomplete ({', '.join(absent)})")
    return ints, tensors


def _attribute(data: bytes, ints: dict[str, Ints], tensors: dict[str, NDArray[Any]]) -> None:
    """Read one attribute into its place; one that is unknown, comes twice or has another value is refused."""
    parts: dict[int, int | bytes] = {}
    numbers: list[int] = []
    for number, value in read_message(data):
        if number == 8:
            numbers += packed(value) if isinstance(value, bytes) else [signed(value)]
        elif number in (1, 3, 5, 20):  # name, whole number, tensor, type
            parts[number] = value
        else:
            _refuse(f"part {number} of an attribute")
    name = _text(parts.get(1, b""))
    if name in ints or name in tensors:
        _refuse(f"the attribute {name} twice")
    if name in _INTS:
        ints[name] = np.array(numbers, dtype=np.int64)
    elif name in _TENSORS:
        tensors[name] = _tensor(_raw(parts.get(5, b"")), name)
    elif name not in _SCALARS or parts.get(3, 0) != _SCALARS[name]:
        _refuse(f"the attribute {name}")


def _tensor(data: bytes, name: str) -> NDArray[Any]:
    dims: list[int] = []
    kind, raw = 0, b""
    for number, value in read_message(data):
        if number == 1:
            dims += packed(value) if isinstance(value, bytes) else [signed(value)]
        elif number == 2:
            kind = _whole(value)
        elif number == 9:
            raw = _raw(value)
        elif number != 8:
            _refuse(f"part {number} of the numbers {name}")
    if name not in _TENSORS or kind != _TENSORS[name][0]:
        _refuse(f"the numbers {name} are of type {kind}")
    numbers: NDArray[Any] = np.frombuffer(raw, dtype=_TENSORS[name][1])
    if dims != [len(numbers)]:
        _refuse(f"the numbers {name} are not as many as they say")
    return numbers


def _trees(ints: Mapping[str, Ints], tensors: Mapping[str, NDArray[Any]], document: Mapping[str, Any]) -> Trees:
    """Inner nodes first, leaves after them; every node belongs to one tree, children stand after their parent."""
    column, split, weight = ints["nodes_featureids"], tensors["nodes_splits"], tensors["leaf_weights"]
    n_nodes, n_leaves = len(column), len(weight)
    _check_lengths(ints, tensors, n_nodes, n_leaves)
    sides = []
    for side in ("true", "false"):
        is_leaf, child = ints[f"nodes_{side}leafs"], ints[f"nodes_{side}nodeids"]
        _within(is_leaf, 0, 1, "leaf marks")
        _within(child[is_leaf == 1], 0, n_leaves - 1, "leaves")
        inner = is_leaf == 0
        _within(child[inner], 0, n_nodes - 1, "nodes")
        if (child[inner] <= np.flatnonzero(inner)).any():
            _refuse("a branch leads back")
        sides.append(np.where(inner, child, child + n_nodes))
    _check_owned(np.concatenate([*sides, ints["tree_roots"]]), n_nodes + n_leaves)
    covers = document.get("covers")
    cover = np.concatenate([_covers(covers, "nodes", n_nodes), _covers(covers, "leaves", n_leaves)])
    none = np.zeros(n_leaves)
    trees = Trees(
        np.concatenate([column, np.full(n_leaves, LEAF)]),
        np.concatenate([split, none]),
        np.concatenate([ints["nodes_missing_value_tracks_true"] == 1, none > 0]),
        np.concatenate([sides[0], none.astype(np.int64)]),
        np.concatenate([sides[1], none.astype(np.int64)]),
        np.concatenate([np.zeros(n_nodes), weight]),
        cover,
        ints["tree_roots"],
    )
    _check_depth(trees)
    return trees


def _check_lengths(ints: Mapping[str, Ints], tensors: Mapping[str, NDArray[Any]], n_nodes: int, n_leaves: int) -> None:
    if not 0 < n_nodes <= MAX_NODES or not 0 < n_leaves <= MAX_NODES:
        _refuse(f"{n_nodes} nodes and {n_leaves} leaves")
    lengths = {name: len(ints[name]) for name in _INTS if name.startswith("nodes_")}
    lengths |= {name: len(tensors[name]) for name in ("nodes_modes", "nodes_splits")}
    wrong = [name for name, length in lengths.items() if length != n_nodes]
    if wrong or len(ints["leaf_targetids"]) != n_leaves or ints["leaf_targetids"].any():
        _refuse(f"lists of unequal length ({', '.join(wrong)})")
    if tensors["nodes_modes"].any():
        _refuse("branches other than <=")
    if np.isnan(tensors["nodes_splits"]).any() or not np.isfinite(tensors["leaf_weights"]).all():
        _refuse("numbers that are none")
    _within(ints["tree_roots"], 0, n_nodes - 1, "roots")
    _within(ints["nodes_featureids"], 0, MAX_NODES, "columns")
    _within(ints["nodes_missing_value_tracks_true"], 0, 1, "marks of missing values")


def _within(values: Ints, low: int, high: int, what: str) -> None:
    if len(values) and (values.min() < low or values.max() > high):
        _refuse(f"{what} out of range")


def _check_owned(children: Ints, count: int) -> None:
    """Every node and leaf is a root or the child of exactly one node."""
    if (np.bincount(children, minlength=count) != 1).any():
        _refuse("nodes that belong to no tree or to several")


def _covers(covers: Any, name: str, count: int) -> NDArray[np.float64]:
    try:
        values = np.frombuffer(base64.b64decode(covers[name], validate=True), dtype="<f8")
    except (KeyError, TypeError, ValueError) as exc:
        raise ValueError("it is not a challenger: the covers of its nodes cannot be read") from exc
    if len(values) != count or not np.isfinite(values).all() or (values <= 0).any():
        _refuse("the covers of its nodes")
    return values


def _check_depth(trees: Trees) -> None:
    level = trees.roots
    for _ in range(MAX_DEPTH):
        level = level[trees.column[level] != LEAF]
        if not len(level):
            return
        level = np.concatenate([trees.left[level], trees.right[level]])
    _refuse(f"trees deeper than {MAX_DEPTH}")
