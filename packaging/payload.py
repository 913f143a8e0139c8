"""What goes into the installed program: our modules and data, the libraries that are used, their licences.

``caseworth.spec`` asks this module; standard library only, so that it can be tested without PyInstaller.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "data", "local_models", "views")

# Ours, but for those who make the data and train the model: nothing in the installed program calls them.
WORKSHOP = re.compile(
    r"data\.samples\.|data\.scorecards\.|local_models\.fetch$|local_models\.wording\.(train|lessons)$"
)

# Not to be followed where a package that we use would like them, too.
LEFT_OUT = [
    *("IPython", "dask", "fsspec", "gguf", "lightgbm", "numba", "onnx", "optbinning", "ortools", "peft", "pyarrow"),
    *("pytest", "scipy", "sklearn", "torch", "transformers", "faster_whisper", "ctranslate2", "av"),
    *("_pytest", "lib2to3", "pip", "pydoc_data", "setuptools", "tkinter", "turtle", "wheel", "idlelib", "ensurepip"),
    *("curses", "readline", "dbm", "lxml.html", "lxml.objectify", "lxml.isoschematron", "PIL._avif"),
    *("llama_cpp.server", "uvicorn", "fastapi", "pydantic", "gi", "PyQt5", "PyQt6", "PySide2"),
    *(f"PySide6.{name}" for name in ("QtDBus", "QtOpenGL", "QtQml", "QtQuick", "QtSql", "QtTest", "QtWebEngineCore")),
    *(f"matplotlib.backends.backend_{name}" for name in ("pdf", "pgf", "ps", "qt", "qtagg", "tkagg", "webagg", "wx")),
    *("onnxruntime.quantization", "onnxruntime.tools", "onnxruntime.transformers", "onnxruntime.training"),
    *("rapidocr.inference_engine.paddle", "rapidocr.inference_engine.torch", "rapidocr.inference_engine.openvino"),
    *("rapidocr.inference_engine.tensorrt", "rapidocr.inference_engine.mnn", "fontTools.pens.qtPen"),
    *("sqlglot.executor", "sqlglotrs", "numpy.f2py", "numpy.distutils"),
]

# Of Qt's plugins, those that a window with plain widgets uses; by name of the file's folder and stem.
QT_PLUGINS = re.compile(
    r"plugins/("
    r"platforms/(lib)?q(xcb|wayland.*|offscreen|minimal|windows|cocoa)\b"
    r"|platforminputcontexts/|platformthemes/libqxdgdesktopportal|styles/"
    r"|wayland-(shell-integration|decoration-client|graphics-integration-client)/"
    r"|iconengines/|imageformats/(lib)?qsvg\b"
    r")"
)

# What PyInstaller collects and nothing here uses.
PRUNED = re.compile(
    r"PySide6/Qt/(qml|translations|libexec|metatypes)/|PySide6/(translations|qml)/"
    r"|(lib)?Qt6(Qml\w*|Quick\w*|Pdf|Sql|Test|Labs\w*|Designer\w*|Virtual\w*|WebEngine\w*|WaylandCompositor|Egl\w*)\."
    r"|(^|/)tests?/|(^|/)testing/data/|\.pyi$|(^|/)py\.typed$|\.(h|hpp|pxd|pyx|c|cpp|lib|a)$"
    r"|matplotlib/mpl-data/fonts/ttf/(?!DejaVuSans(-Bold)?\.ttf|LastResort|LICENSE)"
    r"|matplotlib/mpl-data/(sample_data|plot_directive|images)/|matplotlib/mpl-data/fonts/(afm|pdfcorefonts)/"
    r"|onnxruntime/(quantization|tools|transformers|datasets|backend)/|onnxruntime/capi/libonnxruntime\.so"
    r"|rapidocr/(models/\.gitkeep|inference_engine/(paddle|torch|openvino|tensorrt|mnn))"
    r"|cv2/(data|gapi|typing|mat_wrapper|misc)/|pandas/_testing/"
)

# Shared libraries of the machine that Python itself rests on: they go along. All others are left to the system that
# the program is installed on, for they must fit its graphics drivers and its C library.
_PYTHONS = re.compile(r"lib(ssl|crypto|ffi|sqlite3|bz2|lzma|z|mpdec|expat|gomp)\b")


def is_library(file: Path) -> bool:
    """Whether a file is a shared library by its name, versions behind the ending included."""
    return bool(re.search(r"\.(so(\.[0-9.]+)?|dylib|dll|metal)$", file.name))


def of_the_system(name: str, source: str) -> bool:
    """Whether a library that PyInstaller found on this machine is to be the installing system's own."""
    system = source.startswith(("/usr/lib/", "/lib/", "/usr/lib64/", "/lib64/"))
    return system and "python3" not in source and not is_pythons(PurePosixPath(name).name)


def is_pythons(name: str) -> bool:
    """Whether a library is one of the machine's that Python rests on."""
    return bool(_PYTHONS.match(name))


def version(root: Path = ROOT) -> str:
    """The program's version, read without importing it."""
    return re.findall(r'(?m)^__version__ = "([^"]+)"', (root / "app" / "__init__.py").read_text("utf-8"))[0]


def own_modules(root: Path = ROOT) -> list[str]:
    """Every module of ours that the program may load by name, sorted."""
    found = []
    for package in PACKAGES:
        for file in (root / package).rglob("*.py"):
            parts = file.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not WORKSHOP.match(name):
                found.append(name)
    return sorted(found)


def own_data(root: Path = ROOT) -> list[tuple[Path, PurePosixPath]]:
    """Our data files and the folders they go to: those the wheel ships, the model, its adapters.

    Raises ``SystemExit`` where the model has not been fetched.
    """
    shipped = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    files = {
        file
        for package, patterns in shipped.items()
        for pattern in patterns
        for file in (root / package.replace(".", "/")).glob(f"{pattern}/*" if pattern.endswith("**") else pattern)
        if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    models = sorted((root / "local_models" / "weights").glob("*.gguf"))
    if not models:
        raise SystemExit("The bundled model is not there: run `python -m local_models.fetch` first.")
    wording = root / "local_models" / "wording"
    files |= {*models, *wording.glob("*.gguf"), *wording.glob("*.toml")}
    return [(file, PurePosixPath(file.parent.relative_to(root).as_posix())) for file in sorted(files)]


def wanted(destination: str) -> bool:
    """Whether a file that PyInstaller collected is to go along."""
    path = destination.replace("\\", "/")
    if "/plugins/" in path and "PySide6" in path:
        return bool(QT_PLUGINS.search(path))
    return not PRUNED.search(path)


def carried(sources: Iterable[Path]) -> list[Distribution]:
    """The distributions that the files come from, by name: what the notices and the bill of materials must list."""
    wanted_files = {source.resolve() for source in sources}
    return sorted(
        (
            each
            for each in distributions()
            if wanted_files & {Path(str(f.locate())).resolve() for f in each.files or ()}
        ),
        key=lambda each: each.metadata["Name"].lower(),
    )


def metadata_files(found: Distribution) -> Iterator[tuple[Path, PurePosixPath]]:
    """A distribution's metadata and licence texts with their places; nothing that tells of this machine."""
    for file in found.files or ():
        inside = [part for part in file.parts if part.endswith(".dist-info")]
        kept = file.name in ("METADATA", "entry_points.txt") or re.search(
            r"licen[cs]e|copying|notice|authors", "/".join(file.parts[1:]), re.IGNORECASE
        )
        if inside and kept and ".." not in file.parts:
            yield Path(str(file.locate())), PurePosixPath(file)
