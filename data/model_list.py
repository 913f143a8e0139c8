"""``data/catalogue/models.toml``: the models a lender may choose from."""

from __future__ import annotations

import tomllib
from pathlib import Path

from app.domain.model_list import KnownModel

_FILE = Path(__file__).parent / "catalogue" / "models.toml"


def load_known_models() -> tuple[KnownModel, ...]:
    """The list as it ships, the smallest first."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))["model"]
    return tuple(KnownModel.from_entry(entry) for entry in entries)
