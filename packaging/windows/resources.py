"""What the Windows installer is made with: the icon, the version resource, and the list of files to remove.

``python packaging/windows/resources.py PROGRAM OUT`` writes ``caseworth.ico``, ``version.txt`` (for PyInstaller) and
``remove.nsh`` (for ``caseworth.nsi``) into the folder OUT; PROGRAM is the folder that PyInstaller made. Without
``PROGRAM`` (``-``) there is nothing to list yet, and the last one is left out.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = (16, 20, 24, 32, 40, 48, 64, 256)  # pixels that Windows asks for at its usual scales
COMPANY = "Caseworth"
PRODUCT = "Caseworth"
DESCRIPTION = "The credit underwriter's desk"


def main() -> int:
    program, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    (out / "caseworth.ico").write_bytes(icon())
    (out / "version.txt").write_text(version_resource(version()), encoding="utf-8")
    if program != "-":
        (out / "remove.nsh").write_text(removal(Path(program)), encoding="utf-8-sig")
    return 0


def version() -> str:
    """The program's version, ``0.1.0``, read without importing it."""
    text = (ROOT / "app" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    assert found is not None
    return found[1]


def four_numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows keeps it; what follows the numbers (``rc1``) is not kept."""
    numbers = [int(each) for each in re.findall(r"\d+", version.partition("+")[0])][:4]
    one, two, three, four = (*numbers, 0, 0, 0, 0)[:4]
    return one, two, three, four


def version_resource(version: str) -> str:
    """The resource as PyInstaller reads it: what the file's properties show, and what inventories read."""
    numbers = four_numbers(version)
    words = {
        "CompanyName": COMPANY,
        "FileDescription": DESCRIPTION,
        "FileVersion": version,
        "InternalName": "caseworth",
        "LegalCopyright": "Apache-2.0",
        "OriginalFilename": "caseworth.exe",
        "ProductName": PRODUCT,
        "ProductVersion": version,
    }
    table = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in words.items())
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{table}])]),\n"
        "        VarFileInfo([VarStruct('Translation', [0x409, 1200])])],\n"
        ")\n"
    )


def icon() -> bytes:
    """The program's icon in all sizes, as Windows keeps icons."""
    sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]
    import art
    from PIL import Image

    pictures = [Image.open(io.BytesIO(art.icon_png(size))) for size in SIZES]
    out = io.BytesIO()
    sizes = [(size, size) for size in SIZES]
    pictures[-1].save(out, "ICO", sizes=sizes, append_images=pictures[:-1], bitmap_format="bmp")
    return out.getvalue()


def removal(program: Path) -> str:
    """NSIS commands that remove exactly the program's files, and its folders where they are empty by then.

    Nothing is removed by a pattern: what somebody else put into the folder stays.
    """
    inside = [PurePosixPath(file.relative_to(program).as_posix()) for file in sorted(program.rglob("*"))]
    files = [each for each in inside if not (program / each).is_dir()]
    folders = [each for each in inside if (program / each).is_dir()]
    lines = [f'Delete "$INSTDIR\\{quoted(each)}"' for each in files]
    lines += [f'RMDir "$INSTDIR\\{quoted(each)}"' for each in sorted(folders, key=lambda each: -len(each.parts))]
    return "".join(f"{line}\n" for line in lines)


def quoted(place: PurePosixPath) -> str:
    """A place in the program as NSIS reads it between quotation marks."""
    return str(place).replace("$", "$$").replace("/", "\\")


if __name__ == "__main__":
    sys.exit(main())
