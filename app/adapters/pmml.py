"""A scorecard as PMML 4.4 Scorecard (https://dmg.org/pmml/v4-4-1/Scorecard.html), written from its bins.

Attributes stand in the order they are tried: specials before intervals. The whole document goes along in an Extension,
so that PD, grades and development figures come back with it; any other reader scores by the elements alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET  # writes only; what is read goes through defusedxml

from app.domain.scorecard import MAX_REASONS, Bin, Characteristic, CharacteristicKind, ReasonsMethod, Scorecard, plain
from app.errors import InputError

NAMESPACE = "http://www.dmg.org/PMML-4_4"
EXTENSION = "caseworth-scorecard"
_TYPES = {
    CharacteristicKind.NUMERIC: ("continuous", "double"),
    CharacteristicKind.CATEGORY: ("categorical", "string"),
    CharacteristicKind.BOOLEAN: ("categorical", "boolean"),
}
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_pmml(scorecard: Scorecard) -> str:
    """The PMML document, the same bytes for the same scorecard. Raises ``InputError`` for a text no XML can hold."""
    root = ET.Element("PMML", version="4.4", xmlns=NAMESPACE)
    header = ET.SubElement(root, "Header", description=f"{scorecard.title['en']} {scorecard.version}")
    document = json.dumps(scorecard.document, sort_keys=True, separators=(",", ":"))
    ET.SubElement(header, "Extension", extender="Caseworth", name=EXTENSION, value=document)
    ET.SubElement(header, "Application", name="Caseworth")
    fields = ET.SubElement(root, "DataDictionary", numberOfFields=str(len(scorecard.characteristics)))
    for row in scorecard.characteristics:
        optype, data_type = _TYPES[row.kind]
        ET.SubElement(fields, "DataField", name=_checked(row, row.name), optype=optype, dataType=data_type)
    root.append(_model(scorecard))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _model(scorecard: Scorecard) -> ET.Element:
    maximum = scorecard.reasons_method is ReasonsMethod.MAXIMUM
    model = ET.Element(
        "Scorecard",
        modelName=scorecard.name,
        functionName="regression",
        initialScore="0",
        useReasonCodes="true",
        reasonCodeAlgorithm="pointsBelow",
        baselineMethod="max" if maximum else "neutral",
    )
    schema = ET.SubElement(model, "MiningSchema")
    for row in scorecard.characteristics:
        ET.SubElement(schema, "MiningField", name=row.name, invalidValueTreatment="asIs")
    output = ET.SubElement(model, "Output")
    ET.SubElement(output, "OutputField", name="score", feature="predictedValue", dataType="double", optype="continuous")
    for rank in range(1, MAX_REASONS + 1):
        feature = {"feature": "reasonCode", "rank": str(rank), "dataType": "string", "optype": "categorical"}
        ET.SubElement(output, "OutputField", {"name": f"reason_{rank}"} | feature)
    rows = ET.SubElement(model, "Characteristics")
    for row in scorecard.characteristics:
        rows.append(_characteristic(row, row.maximum_points if maximum else row.neutral_points))
    return model


def _characteristic(row: Characteristic, baseline: int) -> ET.Element:
    made = ET.Element("Characteristic", name=row.name, reasonCode=row.reason_code, baselineScore=str(baseline))
    parts = [(entry, predicate) for entry in row.bins for predicate in _first(row, entry)]
    parts += [(entry, predicate) for entry in row.bins for predicate in _then(row, entry)]
    for entry, predicate in parts:
        ET.SubElement(made, "Attribute", partialScore=str(entry.points)).append(predicate)
    return made


def _first(row: Characteristic, entry: Bin) -> Iterator[ET.Element]:
    """What is tried before the intervals: missing, special values, categories."""
    if entry.missing:
        yield ET.Element("SimplePredicate", field=row.name, operator="isMissing")
    if entry.special:
        yield _set(row, "real", "isIn", [plain(value) for value in entry.special])
    if entry.categories:
        yield _set(row, "string", "isIn", list(entry.categories))


def _then(row: Characteristic, entry: Bin) -> Iterator[ET.Element]:
    if entry.unseen:
        named = [name for each in row.bins for name in each.categories]
        yield _set(row, "string", "isNotIn", named) if named else ET.Element("True")
    if entry.interval:
        yield _interval(row, entry)


def _set(row: Characteristic, kind: str, operator: str, values: list[str]) -> ET.Element:
    predicate = ET.Element("SimpleSetPredicate", field=row.name, booleanOperator=operator)
    array = ET.SubElement(predicate, "Array", n=str(len(values)), type=kind)
    array.text = " ".join(values if kind == "real" else (_quoted(_checked(row, value)) for value in values))
    return predicate


def _quoted(text: str) -> str:
    """A string of an Array: in quotes, backslashes and quotes escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _interval(row: Characteristic, entry: Bin) -> ET.Element:
    ends = {"greaterOrEqual": entry.lower, "lessThan": entry.upper}
    made = [
        ET.Element("SimplePredicate", field=row.name, operator=operator, value=plain(end))
        for operator, end in ends.items()
        if end is not None
    ]
    if not made:
        return ET.Element("SimplePredicate", field=row.name, operator="isNotMissing")
    if len(made) == 1:
        return made[0]
    both = ET.Element("CompoundPredicate", booleanOperator="and")
    both.extend(made)
    return both


def _checked(row: Characteristic, text: str) -> str:
    if _NO_XML.search(text):
        message = f"{row.name!r} has the text {text!r}, which XML cannot hold."
        raise InputError(row.name, message, remedy="Rename the category.")
    return text
