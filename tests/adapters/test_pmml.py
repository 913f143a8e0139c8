"""PMML 4.4 Scorecards: out and back with the same points, and those of others with the points they mean."""

from __future__ import annotations

import copy
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.pmml import NAMESPACE, to_pmml
from app.adapters.pmml_import import from_pmml
from app.adapters.pmml_predicates import items_of
from app.domain.score import score_inputs
from app.domain.scorecard import CharacteristicKind, ReasonsMethod, Scaling, Scorecard
from app.domain.scorecard_format import read_scorecard, with_reasons
from app.errors import InputError
from data.catalogue import load_catalogue
from data.scorecard_files import load_scorecard
from tests.scorecards import a_bin, a_characteristic, a_document, documents, small_document

SCALING = Scaling(pdo=20, base_points=600, base_odds=30)


def back(folder: Path, text: str, scaling: Scaling | None = None) -> Scorecard:
    path = folder / "card.pmml"
    path.write_text(text, encoding="utf-8")
    return from_pmml(path, scaling)


def without_extension(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "<Extension" not in line)


def values_of(card: Scorecard, name: str) -> st.SearchStrategy[Any]:
    (row,) = (row for row in card.characteristics if row.name == name)
    if row.kind is CharacteristicKind.BOOLEAN:
        return st.none() | st.booleans()
    if row.kind is CharacteristicKind.CATEGORY:
        return st.none() | st.sampled_from(["fixed", "others", "parttime", "nobody", "1", "1.0", ""])
    ends = [end for entry in row.bins for end in (entry.lower, entry.upper, *entry.special) if end is not None]
    near = [math.nextafter(end, way) for end in ends for way in (-math.inf, end, math.inf)]
    return st.none() | (st.sampled_from([0.0, *near]) | st.floats()).map(Decimal)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), document=documents(), method=st.sampled_from(ReasonsMethod))
def test_the_elements_alone_give_the_same_points_and_reasons(
    tmp_path: Path, data: st.DataObject, document: dict[str, Any], method: ReasonsMethod
) -> None:
    card = with_reasons(read_scorecard(document), method)
    found = back(tmp_path, without_extension(to_pmml(card)), SCALING)
    case = data.draw(st.fixed_dictionaries({name: values_of(card, name) for name in card.names}))
    wanted, read = score_inputs(card, case), score_inputs(found, case)
    assert read.points == wanted.points
    assert [(row.reason_code, row.lost) for row in read.reasons] == [
        (row.reason_code, row.lost) for row in wanted.reasons
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents(), method=st.sampled_from(ReasonsMethod))
def test_a_scorecard_comes_back_as_it_was(tmp_path: Path, document: dict[str, Any], method: ReasonsMethod) -> None:
    card = with_reasons(read_scorecard(document), method)
    text = to_pmml(card)
    assert to_pmml(card) == text, "the same bytes"
    assert back(tmp_path, text).sha256 == card.sha256


def test_the_shipped_scorecard_comes_back_as_it_was(tmp_path: Path) -> None:
    card = load_scorecard("credit-data", load_catalogue())
    assert back(tmp_path, to_pmml(card)).document == card.document


def test_odd_texts_come_back(tmp_path: Path) -> None:
    document = small_document()
    texts = ["O'Hara", 'a"b', "a\\b", '\\"', "two words", " ", "北京", "<&>", "line\nbreak", "tab\tbed", "1", "2.0"]
    document["characteristics"][1]["bins"][0]["categories"] = texts
    document["characteristics"][1]["name"] = 'odd "<name>" & \\'
    card = read_scorecard(document)
    found = back(tmp_path, without_extension(to_pmml(card)), SCALING)
    assert found.characteristics[1].bins[0].categories == tuple(texts)
    assert back(tmp_path, to_pmml(card)).sha256 == card.sha256


def test_a_text_no_xml_holds_is_refused() -> None:
    document = small_document()
    document["characteristics"][1]["bins"][0]["categories"] = ["a\x01b"]
    with pytest.raises(InputError, match="XML cannot hold"):
        to_pmml(read_scorecard(document))


def test_points_that_were_changed_in_the_file_count(tmp_path: Path) -> None:
    card = read_scorecard(small_document())
    changed = to_pmml(card).replace('partialScore="45"', 'partialScore="44"', 1)
    found = back(tmp_path, changed)
    assert found.sha256 != card.sha256
    assert score_inputs(found, {"history.adverse_records": False}).points == 20 + 25 + 44
    assert found.grades == card.grades


# Scorecards of others

OTHERS = """<?xml version="1.0"?>
<PMML version="4.4" xmlns="{namespace}"><Header/>
<DataDictionary><DataField name="age" optype="continuous" dataType="double"/>
<DataField name="area" optype="categorical" dataType="string"/></DataDictionary>
<Scorecard modelName="other" functionName="regression" initialScore="{start}" baselineScore="15"
 reasonCodeAlgorithm="{algorithm}"><MiningSchema><MiningField name="age"/></MiningSchema>
<Characteristics>
<Characteristic name="AgeScore" reasonCode="AGE" baselineScore="20">{age}</Characteristic>
<Characteristic name="AreaScore" reasonCode="AREA">
<Attribute partialScore="15"><SimplePredicate field="area" operator="equal" value="north"/></Attribute>
<Attribute partialScore="9.0"><SimpleSetPredicate field="area" booleanOperator="isIn">
<Array n="2" type="string">"south east" west</Array></SimpleSetPredicate></Attribute>
<Attribute partialScore="1"><True/></Attribute></Characteristic>
</Characteristics></Scorecard></PMML>"""

AGE = """
<Attribute partialScore="5"><CompoundPredicate booleanOperator="or">
<SimplePredicate field="age" operator="isMissing"/><SimplePredicate field="age" operator="equal" value="99"/>
</CompoundPredicate></Attribute>
<Attribute partialScore="10"><SimplePredicate field="age" operator="lessOrEqual" value="30"/></Attribute>
<Attribute partialScore="20"><CompoundPredicate booleanOperator="and">
<SimplePredicate field="age" operator="greaterThan" value="30"/>
<SimplePredicate field="age" operator="lessOrEqual" value="60"/></CompoundPredicate></Attribute>
<Attribute partialScore="30"><CompoundPredicate booleanOperator="surrogate">
<SimplePredicate field="age" operator="greaterThan" value="60"/><False/></CompoundPredicate></Attribute>"""


def other(**changes: str) -> str:
    parts = {"namespace": NAMESPACE, "start": "0", "algorithm": "pointsBelow", "age": AGE}
    return OTHERS.format(**parts | changes)


@pytest.mark.parametrize(
    ("age", "points"),
    [(None, 5), (99, 5), (-1e9, 10), (30, 10), (math.nextafter(30, 31), 20), (60, 20), (60.5, 30), (1e9, 30)],
)
def test_any_predicates_become_bins(tmp_path: Path, age: float | None, points: int) -> None:
    card = back(tmp_path, other(start="100"), SCALING)
    value = None if age is None else Decimal(age)
    for area, more in (("north", 15), ("south east", 9), ("west", 9), ("south", 1), (None, 1)):
        assert score_inputs(card, {"age": value, "area": area}).points == 100 + points + more


def test_of_overlapping_intervals_the_first_counts(tmp_path: Path) -> None:
    card = back(tmp_path, other(age=AGE.replace('value="60"', 'value="61"', 1)), SCALING)
    assert [score_inputs(card, {"age": Decimal(age)}).points for age in (61, 62)] == [20 + 1, 30 + 1]


def test_the_scaling_that_is_given_makes_the_pd(tmp_path: Path) -> None:
    card = back(tmp_path, other(start="560"), SCALING)
    score = score_inputs(card, {"age": Decimal(50), "area": "north"})
    assert score.points == 595
    odds = 30 * 2 ** ((595 - 600) / 20)
    assert float(score.pd) == pytest.approx(1 / (1 + odds), abs=1e-6)
    assert [row.reason_code for row in score_inputs(card, {}).reasons] == ["AGE", "AREA"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html/>", "not one Scorecard"),
        ("no xml", "no plain XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><PMML>&b;</PMML>', "no plain XML"),
        (other(algorithm="pointsAbove"), "points below a baseline"),
        (other(start="0.5"), "no whole number"),
        (other(age=AGE.replace('partialScore="5"', 'partialScore="5.25"')), "5.25 is no whole number"),
        (other(age=AGE.replace("lessOrEqual", "like", 1)), "operator 'like'"),
        (other(age=AGE.replace('value="30"', 'value="thirty"', 1)), "'thirty' is no number"),
        (other(age=AGE.replace('field="age"', 'field="years"', 1)), "not at one field"),
        (other(age=AGE.replace('"isMissing"', '"isNotMissing"')), "no attribute takes a missing value"),
        (other(age=""), "AgeScore: its predicates look at nothing"),
    ],
)
def test_what_cannot_be_taken_over_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        back(tmp_path, text, SCALING)
    assert "card.pmml" in str(caught.value)


def test_without_scaling_nobody_knows_the_odds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="good:bad odds"):
        back(tmp_path, other())


def test_a_damaged_extension_is_refused(tmp_path: Path) -> None:
    text = to_pmml(read_scorecard(small_document())).replace("caseworth-scorecard/1", "caseworth-scorecard/9")
    with pytest.raises(InputError, match="caseworth-scorecard"):
        back(tmp_path, text)


def test_specials_at_an_end_and_in_an_interval_bin(tmp_path: Path) -> None:
    bins = [
        a_bin(1, **{"from": None, "to": "5", "special": ["7"]}),
        a_bin(2, **{"from": "5", "to": None, "missing": True}),
        a_bin(3, special=["5", "-1"]),
    ]
    card = read_scorecard(a_document([a_characteristic("x", "numeric", bins)]))
    for found in (
        back(tmp_path, to_pmml(card)),
        back(tmp_path, without_extension(to_pmml(card)), SCALING),
    ):
        points = {value: score_inputs(found, {"x": Decimal(value)}).points for value in (-2, -1, 4, 5, 6, 7, 8)}
        assert points == {-2: 1, -1: 3, 4: 1, 5: 3, 6: 2, 7: 1, 8: 2}
        assert score_inputs(found, {}).points == 2
    assert back(tmp_path, to_pmml(card)).sha256 == card.sha256


def test_the_items_of_an_array() -> None:
    assert items_of('ab  "a b" "a \\"quoted\\" b" "\\\\" ""\n-7.5') == ["ab", "a b", 'a "quoted" b', "\\", "", "-7.5"]


def test_the_document_is_left_as_it_is(tmp_path: Path) -> None:
    document = small_document()
    before = copy.deepcopy(document)
    back(tmp_path, to_pmml(read_scorecard(document)))
    assert document == before
