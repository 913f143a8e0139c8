"""The house keeps its shape: imports run downward, the domain stands on the standard library, modules stay small."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("app", "data", "local_models", "views")
ROOMS = {  # library -> the only folders that may import it
    "PySide6": ("views",),
    "shiboken6": ("views",),
    "duckdb": ("data",),
    "llama_cpp": ("local_models",),
    "jinja2": ("local_models",),
    "pyhanko": ("app/adapters",),
    "cryptography": ("app/adapters",),
    "keyring": ("app/adapters",),
    "typst": ("app/adapters",),
    "zen": ("app/adapters",),
    "docx": ("app/adapters", "data/readers"),  # letters are written, documents are read
    "pypdfium2": ("data/readers",),
    "PIL": ("data/readers",),
    "cv2": ("data/readers",),
    "rapidocr": ("data/readers",),
    "python_calamine": ("data/readers",),
    "mt940": ("data/readers",),
    "faster_whisper": ("data/readers",),
    "ctranslate2": ("data/readers",),
    "av": ("data/readers",),
    "sqlglot": ("data",),
}
SCRIPTS = ("data/samples/", "data/scorecards/")  # run by people, imported by nothing


def modules(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if not path.relative_to(root).as_posix().startswith(SCRIPTS):
                yield path


def imported(path: Path) -> set[str]:
    """Top-level names of everything a module imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_import_contracts_hold(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(root)
    assert lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_each_heavy_library_has_one_room(root: Path) -> None:
    strays = [
        f"{path.relative_to(root)} imports {library}"
        for path in modules(root)
        for library in imported(path) & ROOMS.keys()
        if not path.relative_to(root).as_posix().startswith(tuple(f"{room}/" for room in ROOMS[library]))
    ]
    assert strays == []


def test_the_domain_stands_on_the_standard_library(root: Path) -> None:
    foreign = {
        f"{path.name}: {name}"
        for path in (root / "app" / "domain").rglob("*.py")
        for name in imported(path) - set(sys.stdlib_module_names) - {"app"}
    }
    assert foreign == set()


def test_packaging_does_not_shadow_its_namesake(root: Path) -> None:
    assert not (root / "packaging" / "__init__.py").exists()


def test_modules_and_functions_stay_small(root: Path) -> None:
    lengths: list[int] = []
    long_modules: list[str] = []
    for path in modules(root):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 600:
            long_modules.append(str(path.relative_to(root)))
        lengths += [
            (node.end_lineno or 0) - node.lineno + 1
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    assert long_modules == []
    assert statistics.median(lengths) <= 10
    assert statistics.quantiles(lengths, n=20)[18] <= 40


def test_every_package_is_found_for_the_build(root: Path) -> None:
    import tomllib

    from setuptools import find_packages

    chosen = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    listed = set(find_packages(str(root), include=chosen["include"]))
    found = {
        path.parent.relative_to(root).as_posix().replace("/", ".")
        for package in PACKAGES
        for path in (root / package).rglob("__init__.py")
    }
    assert listed == found
