"""Mails with attachments and archives of documents: each part is a document of its own, read on its own.

Runs in the child. Parts are counted and measured before anything is unpacked; nothing is written to disk. ``at`` names
a part by its place in the file, then in the file within it: (2, 0).
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_binary_file, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

from app.errors import InputError
from data.readers.held_file import HeldFile

MOST_PARTS = 200
MOST_DEPTH = 3
LARGEST_PART = 128 * 2**20  # bytes
MOST_BYTES = 512 * 2**20  # of all parts together
MOST_RATIO = 200  # of a part to its packed size, where it is large
LARGEST_MAIL = 128 * 2**20
_LOGO = 12 * 2**10  # bytes of a picture inside a mail's text that is no document
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}
_HEADERS = ("From", "To", "Cc", "Date", "Subject")


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside a file, not unpacked yet."""

    name: str
    at: int  # its place among the parts of its file
    size: int  # bytes, as the file says


def parts_of(path: Path, form: str) -> tuple[list[Part], list[tuple[str, str]]]:
    """The documents inside, and those left out with the reason. Raises ``InputError`` for what only does harm."""
    if form == "mail":
        return [Part(name, at, len(content)) for at, (name, content) in enumerate(_attachments(_mail(path)))], []
    return _zip_parts(path)


def content_of(path: Path, form: str, at: int) -> tuple[str, bytes]:
    """Name and bytes of one part. Raises ``InputError``."""
    if form == "mail":
        found = list(_attachments(_mail(path)))
        if not 0 <= at < len(found):
            raise _lost(path)
        return found[at]
    return _unpacked(path, at)


def held_part(path: Path, at: Sequence[int]) -> HeldFile:
    """A part, however deep, as a file in memory. Raises ``InputError``."""
    from data.readers.detect import form_of_file

    if len(at) > MOST_DEPTH:
        text = f"It lies in an archive within an archive, {len(at)} deep; {MOST_DEPTH} are opened."
        raise InputError("file", text, remedy="Unpack it.", file=path.name)
    held: Path = path
    for place in at:
        name, content = content_of(held, form_of_file(held).name, place)
        held = HeldFile.of(content, name)
    assert isinstance(held, HeldFile), "a part has a place"
    return held


def _zip_parts(path: Path) -> tuple[list[Part], list[tuple[str, str]]]:
    with path.open("rb") as file, _opened(file, path) as archive:
        infos = [(at, info) for at, info in enumerate(archive.infolist()) if not _skipped(info)]
    _check_bomb([info for _, info in infos], path)
    parts: list[Part] = []
    left_out: list[tuple[str, str]] = []
    for at, info in infos:
        name = _name(info)
        if info.flag_bits & 1:
            left_out.append((name, "It is protected by a password."))
        elif info.file_size > LARGEST_PART:
            left_out.append((name, f"It has more than {LARGEST_PART // 2**20} MB."))
        elif len(parts) >= MOST_PARTS:
            left_out.append((name, f"The first {MOST_PARTS} documents of an archive are read."))
        else:
            parts.append(Part(name, at, info.file_size))
    if infos and all(info.flag_bits & 1 for _, info in infos):
        raise InputError("file", "The archive is protected by a password.", remedy="Unpack it.", file=path.name)
    return parts, left_out[:50]


def _skipped(info: zipfile.ZipInfo) -> bool:
    """Folders, links, and what file managers leave behind."""
    path = PurePosixPath(info.filename)
    name = path.name.casefold()
    link = stat.S_ISLNK(info.external_attr >> 16)
    return info.is_dir() or link or name in _IGNORED or name.startswith(("._", "~$")) or "__MACOSX" in path.parts


def _check_bomb(infos: Sequence[zipfile.ZipInfo], path: Path) -> None:
    total = sum(info.file_size for info in infos)
    packed = max(1, path.stat().st_size)
    overlapping = len({info.header_offset for info in infos}) < len(infos)
    steep = [info for info in infos if info.file_size > 32 * 2**20 and info.file_size > MOST_RATIO * info.compress_size]
    if total <= MOST_BYTES and not overlapping and not steep:
        return
    text = f"The archive unpacks to {total / 2**20:.0f} MB, {total / packed:.0f} times its size"
    remedy = "Unpack it and import the documents you trust."
    if steep or overlapping or total > 50 * packed:
        text, remedy = f"{text}, as only a damaging file does", "Do not trust its sender."
    raise InputError("file", f"{text}; at most {MOST_BYTES // 2**20} MB are read.", remedy=remedy, file=path.name)


def _unpacked(path: Path, at: int) -> tuple[str, bytes]:
    with path.open("rb") as file, _opened(file, path) as archive:
        infos = archive.infolist()
        if not 0 <= at < len(infos):
            raise _lost(path)
        info = infos[at]
        try:
            with archive.open(info) as part:
                content = part.read(min(info.file_size, LARGEST_PART) + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as exc:
            name = _name(info)
            raise InputError("file", "It cannot be unpacked.", remedy="Ask for it again.", file=name) from exc
    return _name(info), content


def _opened(file: Any, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        remedy = "Ask for it again; it may be cut off."
        raise InputError("file", f"The archive cannot be opened: {exc}.", remedy=remedy, file=path.name) from exc


def _name(info: zipfile.ZipInfo) -> str:
    """The name alone, without its folders; archives of old Chinese systems name in GB18030."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
            name = raw.decode("utf-8") if _is_utf8(raw) else raw.decode("gb18030")
        except UnicodeError:
            name = info.filename
    return _plain_name(PurePosixPath(name.replace("\\", "/")).name)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _plain_name(name: str) -> str:
    kept = "".join(sign for sign in name if sign.isprintable()).replace("/", "_").replace("\\", "_").strip(". ")
    return kept[-120:] or "document"


def _lost(path: Path) -> InputError:
    return InputError("file", "The file changed while it was read.", remedy="Import it again.", file=path.name)


def _mail(path: Path) -> EmailMessage:
    if path.stat().st_size > LARGEST_MAIL:
        text = f"A mail of more than {LARGEST_MAIL // 2**20} MB is not read."
        raise InputError("file", text, remedy="Save its attachments and import those.", file=path.name)
    with path.open("rb") as file:
        return message_from_binary_file(file, policy=policy.default)


def _attachments(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Every document that hangs on the mail; pictures as small as a logo are left."""
    body = {id(part) for part in (_body(mail, "plain"), _body(mail, "html")) if part is not None}
    found = 0
    for part in _leaves(mail, 0):
        content = _content(part) if id(part) not in body else b""
        logo = part.get_content_maintype() == "image" and len(content) < _LOGO
        if not content or logo or (part.get_content_maintype() == "text" and not part.get_filename()):
            continue
        if found >= MOST_PARTS:
            return
        found += 1
        yield _file_name(part, found), content[: LARGEST_PART + 1]


def _leaves(mail: EmailMessage, depth: int) -> Iterator[EmailMessage]:
    """Parts that are no group; a mail that was forwarded as a whole is one."""
    if mail.is_multipart() and mail.get_content_maintype() == "multipart" and depth < 20:
        for part in mail.iter_parts():
            if isinstance(part, EmailMessage):
                yield from _leaves(part, depth + 1)
    else:
        yield mail


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and hasattr(inner[0], "as_bytes") else b""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""


def _file_name(part: EmailMessage, number: int) -> str:
    try:
        named = part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError):
        named = None
    ending = "eml" if part.get_content_type() == "message/rfc822" else part.get_content_subtype()
    return _plain_name(str(named or f"attachment-{number}.{ending}"))


def _body(mail: EmailMessage, kind: str) -> EmailMessage | None:
    try:
        found = mail.get_body((kind,))
    except (ValueError, LookupError, TypeError, AttributeError, KeyError):
        return None
    return found if isinstance(found, EmailMessage) else None


def mail_text(path: Path) -> str:
    """Sender, receivers, day, subject and the text of a mail; of its HTML where there is no other."""
    mail = _mail(path)
    head = [f"{name}: {value}" for name in _HEADERS if (value := _header(mail, name))]
    return "\n".join([*head, "", _body_text(mail)])


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(mail.get(name) or "").split())[:1000]
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):  # headers no mail program would write
        return ""


def _body_text(mail: EmailMessage) -> str:
    for kind in ("plain", "html"):
        if (part := _body(mail, kind)) is not None:
            raw = _content(part)
            text = raw.decode(_charset(part), "replace")
            if text.strip():
                return text if kind == "plain" else html_text(text)
    return ""


def _charset(part: EmailMessage) -> str:
    import codecs

    try:
        return codecs.lookup(str(part.get_content_charset() or "utf-8")).name
    except (LookupError, ValueError):
        return "utf-8"


def html_text(html: str) -> str:
    """What a page of HTML says; rows of tables are lines, nothing is fetched and nothing runs."""
    reader = _Html()
    reader.feed(html)
    reader.close()
    lines = ("".join(line).rstrip() for line in reader.lines)
    return "\n".join(line for line in lines if line.strip())


class _Html(HTMLParser):
    """Collects the text between tags."""

    _SILENT = frozenset({"script", "style", "head", "title", "template"})
    _BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._BREAKS:
            self.lines.append([])
        elif tag in ("td", "th"):
            self.lines[-1].append("    ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._BREAKS:
            self.lines.append([])

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.lines[-1].append(text if not self.lines[-1] or self.lines[-1][-1].isspace() else f" {text}")


def part_content(path: Path, at: Sequence[int]) -> bytes:
    """Bytes of a part, to be kept as an original of its own."""
    with held_part(path, at).open() as file:
        content: bytes = file.read()
    return content
