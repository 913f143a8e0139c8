"""``data/catalogue/qualification.toml``: the suite by which language models are qualified."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from app.domain.qualification import Suite, suite_from

_FILE = Path(__file__).parent / "catalogue" / "qualification.toml"


def load_suite() -> Suite:
    """The suite as it ships, with the digest of its file."""
    content = _FILE.read_bytes()
    return suite_from(tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest())
