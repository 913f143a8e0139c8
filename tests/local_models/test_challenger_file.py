"""The file of a challenger: what it must be to be loaded, and what is refused before any runtime sees it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnx
from onnx import helper, numpy_helper

from app.errors import InputError
from local_models.challenger import model as desk
from local_models.challenger.features import Feature, FeatureKind
from local_models.challenger.model import challenger_from, load_challenger, probability
from local_models.challenger.onnx_reader import read_model
from local_models.challenger.trees import LEAF, TreeBuilder
from local_models.modelling.challenger.fit import ChallengerOptions, FittedChallenger
from local_models.modelling.challenger.onnx_writer import challenger_bytes, write_challenger
from tests.challengers import random_trees

REPORT: dict[str, Any] = {
    "rows": 10,
    "good": 6,
    "bad": 4,
    "fingerprint": "f" * 64,
    "tuning_rows": 10,
    "out_of_time": [],
    "left_out": {},
    "parts": [],
}
FEATURES = (
    Feature("income", FeatureKind.NUMERIC, 1),
    Feature("months", FeatureKind.NUMERIC, special=(-9.0,)),
    Feature("job", FeatureKind.CATEGORY, categories={"fixed": 2, "part": 0}, unseen=1, missing=1),
)


def a_model(seed: int = 1, trees: int = 5) -> FittedChallenger:
    grown = random_trees(np.random.default_rng(seed), trees, 4)
    return FittedChallenger(FEATURES, grown, REPORT, {}, {"intercept": 0.5}, ChallengerOptions(name="small"))


DATA = challenger_bytes(a_model())


def changed(change: Any) -> bytes:
    """The bytes after a change to onnx's own form of the model."""
    model = onnx.load_from_string(DATA)
    change(model)
    return model.SerializeToString()


def attribute(model: Any, name: str) -> Any:
    return next(each for each in model.graph.node[0].attribute if each.name == name)


def test_what_is_written_is_what_is_read() -> None:
    for seed in range(20):
        written = a_model(seed)
        challenger = challenger_from(challenger_bytes(written))
        rows = np.random.default_rng(seed).normal(size=(50, 4))
        rows[::7] = np.nan
        assert np.abs(challenger._run(rows) - written.trees.raw(rows)).max() < 1e-12
        assert np.abs(challenger._trees.raw(rows) - written.trees.raw(rows)).max() < 1e-12
        assert challenger.features == FEATURES
        assert challenger.name == "small"


def test_onnx_itself_finds_the_file_in_order() -> None:
    onnx.checker.check_model(onnx.load_from_string(DATA), full_check=True)


def test_covers_come_back_exactly() -> None:
    written = a_model().trees
    read = read_model(DATA).trees
    inner = written.column != LEAF
    assert sorted(read.cover.tolist()) == sorted(written.cover[inner].tolist() + written.cover[~inner].tolist())
    assert read.threshold[read.column != LEAF].tolist() == written.threshold[inner].tolist()


def test_lone_leaves_go_into_the_sum() -> None:
    builder = TreeBuilder()
    for value in (0.25, 0.5):
        builder.start()
        builder.leaf(value, 10)
    model = FittedChallenger(FEATURES, builder.trees(), REPORT, {}, {}, ChallengerOptions())
    assert challenger_from(challenger_bytes(model)).score({}).log_odds == 0.75


def test_a_case_is_told_with_its_digest_and_reasons() -> None:
    score = challenger_from(DATA).score({"income": 1, "months": -9, "job": "pilot"})
    assert score.sha256 == hashlib.sha256(DATA).hexdigest()
    assert score.unseen == ("job",)
    assert [each.log_odds for each in score.against] == sorted(each.log_odds for each in score.against)
    assert all(each.log_odds < 0 for each in score.against)
    assert type(score).from_json(json.loads(json.dumps(score.to_json()))) == score


@pytest.mark.parametrize(("log_odds", "expected"), [(0.0, "0.500000"), (800.0, "0.000000"), (-800.0, "1.000000")])
def test_probabilities_at_the_ends(log_odds: float, expected: str) -> None:
    assert format(probability(log_odds), "f") == expected


def test_the_sidecar_names_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "second.onnx"
    digest = write_challenger(a_model(), path)
    assert load_challenger(path).sha256 == load_challenger(path, digest).sha256 == digest
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(InputError, match="the file was altered"):
        load_challenger(path)
    with pytest.raises(InputError, match="the file was altered"):
        load_challenger(path, digest)


@pytest.mark.parametrize("text", [None, "", "no digest here", "ab" * 31, "\xff"])
def test_without_a_digest_nothing_is_loaded(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "second.onnx"
    path.write_bytes(DATA)
    if text is not None:
        (tmp_path / "second.onnx.sha256").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="SHA-256"):
        load_challenger(path)


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_challenger(tmp_path / "none.onnx")
    path = tmp_path / "second.onnx"
    write_challenger(a_model(), path)
    monkeypatch.setattr(desk, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="at most 100"):
        load_challenger(path)


def _op(model: Any) -> None:
    model.graph.node[0].op_type = "TreeEnsembleRegressor"


def _domain(model: Any) -> None:
    model.graph.node[0].domain = "com.example"


def _second_node(model: Any) -> None:
    model.graph.node.append(helper.make_node("Identity", ["log_odds"], ["more"]))


def _initializer(model: Any) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(3), "more"))


def _function(model: Any) -> None:
    opsets = [helper.make_opsetid("", 20)]
    model.functions.append(helper.make_function("com.example", "f", ["x"], ["y"], [], opsets))


def _opset(model: Any) -> None:
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def _external(model: Any) -> None:
    tensor = attribute(model, "leaf_weights").t
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    tensor.data_location = onnx.TensorProto.EXTERNAL


def _other_document(model: Any) -> None:
    model.metadata_props[0].value = '{"format": "other/1"}'


def _no_document(model: Any) -> None:
    del model.metadata_props[:]


def _broken_document(model: Any) -> None:
    model.metadata_props[0].value = "[" * 50_000


def _loop(model: Any) -> None:
    ids = attribute(model, "nodes_truenodeids").ints
    ids[list(attribute(model, "nodes_trueleafs").ints).index(0)] = 0


def _far_child(model: Any) -> None:
    attribute(model, "nodes_falsenodeids").ints[0] = 10**12


def _shared_leaf(model: Any) -> None:
    ids, marks = attribute(model, "nodes_truenodeids").ints, attribute(model, "nodes_trueleafs").ints
    leaves = [at for at, mark in enumerate(marks) if mark]
    ids[leaves[0]] = ids[leaves[1]]


def _far_column(model: Any) -> None:
    attribute(model, "nodes_featureids").ints[0] = 4


def _column_before(model: Any) -> None:
    attribute(model, "nodes_featureids").ints[0] = -1


def _mode(model: Any) -> None:
    attribute(model, "nodes_modes").t.CopyFrom(
        numpy_helper.from_array(np.full(len(attribute(model, "nodes_featureids").ints), 6, dtype=np.uint8), "modes")
    )


def _single_precision(model: Any) -> None:
    tensor = attribute(model, "nodes_splits").t
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), "splits"))


def _nan_leaf(model: Any) -> None:
    tensor = attribute(model, "leaf_weights").t
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.nan, "weights"))


def _fewer_leaves(model: Any) -> None:
    tensor = attribute(model, "leaf_weights").t
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:-1], "weights"))


def _wrong_dims(model: Any) -> None:
    attribute(model, "leaf_weights").t.dims[0] = 10**15


def _average(model: Any) -> None:
    attribute(model, "aggregate_function").i = 0


def _logistic(model: Any) -> None:
    attribute(model, "post_transform").i = 1


def _targets(model: Any) -> None:
    attribute(model, "n_targets").i = 2


def _no_roots(model: Any) -> None:
    del attribute(model, "tree_roots").ints[:]


def _extra_attribute(model: Any) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("body", model.graph))


def _twice(model: Any) -> None:
    model.graph.node[0].attribute.append(attribute(model, "nodes_splits"))


def _document_with(**changes: Any) -> Any:
    def change(model: Any) -> None:
        entry = model.metadata_props[0]
        entry.value = json.dumps(json.loads(entry.value) | changes)

    return change


HOSTILE = [
    _op, _domain, _second_node, _initializer, _function, _opset, _external, _other_document, _no_document,
    _broken_document, _loop, _far_child, _shared_leaf, _far_column, _column_before, _mode, _single_precision, _nan_leaf,
    _fewer_leaves, _wrong_dims, _average, _logistic, _targets, _no_roots, _extra_attribute, _twice,
    _document_with(features=[]), _document_with(features=3), _document_with(covers={"nodes": "!", "leaves": ""}),
    _document_with(covers={"nodes": "AAAA", "leaves": "AAAA"}), _document_with(features=[{"name": "x"}]),
    _document_with(features=[{"name": "x", "kind": "numeric", "monotone": 7}]),
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_whatever_is_no_challenger_is_refused_before_the_runtime(change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def runtime(data: bytes) -> None:
        raise AssertionError("the runtime was asked")

    monkeypatch.setattr(desk, "_session", runtime)
    data = changed(change)
    assert data != DATA
    with pytest.raises(ValueError):
        challenger_from(data)


def test_the_unchanged_file_does_reach_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(desk, "_session", asked.append)
    challenger_from(changed(lambda model: None))
    assert len(asked) == 1


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_harmless(data: st.DataObject) -> None:
    """Cut short, lengthened or with other bytes in between: a ``ValueError``, or a model that still runs."""
    at = data.draw(st.integers(0, len(DATA) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                DATA[:at],
                DATA[:at] + bytes([DATA[at] ^ (1 << data.draw(st.integers(0, 7)))]) + DATA[at + 1 :],
                DATA[:at] + data.draw(st.binary(max_size=8)) + DATA[at:],
            ]
        )
    )
    try:
        challenger = challenger_from(damaged)
    except ValueError:
        return
    assert np.isfinite(challenger._run(np.zeros((1, 4)))).all()


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        challenger_from(data)
