"""The part of JSON Schema (draft 7) that CycloneDX's schema uses; each error tells where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Schema = Mapping[str, Any] | bool
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


class Validator:
    """Schemas by their file names; ``errors`` holds a value against one of them."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def errors(self, value: Any, name: str) -> list[str]:
        return list(self._check(value, self._schemas[name], name, "$"))

    def _check(self, value: Any, schema: Schema, home: str, at: str) -> Iterator[str]:
        if isinstance(schema, bool):
            if not schema:
                yield f"{at}: nothing may stand here"
            return
        if "$ref" in schema:
            file, _, pointer = schema["$ref"].partition("#")
            file = file or home
            yield from self._check(value, _pointed(self._schemas[file], pointer), file, at)
            return
        yield from _own(value, schema, at)
        yield from self._combined(value, schema, home, at)
        if isinstance(value, dict):
            yield from self._members(value, schema, home, at)
        if isinstance(value, list):
            items = schema.get("items", True)
            for index, each in enumerate(value):
                rule = items if not isinstance(items, list) else items[index] if index < len(items) else True
                yield from self._check(each, rule, home, f"{at}[{index}]")

    def _members(self, value: dict[str, Any], schema: Mapping[str, Any], home: str, at: str) -> Iterator[str]:
        known = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        for name, each in value.items():
            fitting = [known[name]] if name in known else []
            fitting += [one for pattern, one in patterns.items() if re.search(pattern, name)]
            for one in fitting or [schema.get("additionalProperties", True)]:
                yield from self._check(each, one, home, f"{at}.{name}")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, needed in schema.get("dependencies", {}).items():
            if name in value:
                rule = {"required": needed} if isinstance(needed, list) else needed
                yield from self._check(value, rule, home, at)

    def _combined(self, value: Any, schema: Mapping[str, Any], home: str, at: str) -> Iterator[str]:
        def holds(one: Schema) -> bool:
            return next(self._check(value, one, home, at), None) is None

        for one in schema.get("allOf", ()):
            yield from self._check(value, one, home, at)
        if "anyOf" in schema and not any(map(holds, schema["anyOf"])):
            yield f"{at}: fits none of anyOf"
        if "oneOf" in schema and sum(map(holds, schema["oneOf"])) != 1:
            yield f"{at}: fits {sum(map(holds, schema['oneOf']))} of oneOf"
        if "not" in schema and holds(schema["not"]):
            yield f"{at}: fits what it must not"
        if "if" in schema:
            branch = "then" if holds(schema["if"]) else "else"
            yield from self._check(value, schema.get(branch, True), home, at)


def _own(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    """Rules of one value: type, constants, lengths, patterns, formats."""
    wanted = schema.get("type")
    kinds = [wanted] if isinstance(wanted, str) else wanted or []
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{at}: is no {' or '.join(kinds)}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of those listed"
    if isinstance(value, str):
        yield from _of_text(value, schema, at)
    if isinstance(value, list):
        yield from _of_list(value, schema, at)
    if _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of range"


def _of_text(value: str, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if len(value) < schema.get("minLength", 0):
        yield f"{at}: is too short"
    if schema.get("format") == "date-time" and not _is_moment(value):
        yield f"{at}: {value!r} is no moment"


def _of_list(value: list[Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0) or len(value) > schema.get("maxItems", len(value)):
        yield f"{at}: has {len(value)} items"
    texts = [json.dumps(each, sort_keys=True) for each in value]
    if schema.get("uniqueItems") and len(set(texts)) != len(texts):
        yield f"{at}: has an item twice"


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, _TYPES[kind])


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _pointed(schema: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/") if pointer.strip("/") else ():
        schema = schema[part.replace("~1", "/").replace("~0", "~")]
    return schema
