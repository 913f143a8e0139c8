"""The modules of ``packaging/``, which is no package: loaded by their place."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def recipe(place: str) -> Any:
    """The module ``packaging/PLACE.py``."""
    name = f"packaging_{place.replace('/', '_')}"
    spec = spec_from_file_location(name, ROOT / "packaging" / f"{place}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
