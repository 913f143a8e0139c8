"""Canonical JSON text, as it is stored and hashed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, UTF-8 unescaped: RFC 8785 for objects without floats. Raises ``TypeError`` or
    ``ValueError`` for what JSON cannot hold."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
