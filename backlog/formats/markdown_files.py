"""Markdown files as people send them: one, or several in a zip, opened with care."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from backlog.formats.madr import Unreadable

LARGEST_FILE = 500_000
LARGEST_ARCHIVE = 10_000_000
LARGEST_CONTENT = 20_000_000
MOST_FILES = 1_000
_IS_LINK = 0o120000
_TYPE_BITS = 0o170000


@dataclass(frozen=True)
class MarkdownFile:
    """name: without folders."""

    name: str
    text: str


@dataclass(frozen=True)
class LeftOut:
    """A file that was not taken, and why, as a sentence."""

    name: str
    why: str


def opened(name: str, content: bytes) -> tuple[list[MarkdownFile], list[LeftOut]]:
    """The markdown in a file, or in each file of a zip in the order of their names.

    Raises Unreadable where nothing of it can be taken: too large, a broken zip, names that lead out of it.
    """
    if not content.startswith(b"PK"):
        if len(content) > LARGEST_FILE:
            raise Unreadable(f"The file is larger than {LARGEST_FILE // 1000} kB, which no decision is.")
        return [MarkdownFile(_last(name), _decoded(content))], []
    if len(content) > LARGEST_ARCHIVE:
        raise Unreadable(f"The zip is larger than {LARGEST_ARCHIVE // 1_000_000} MB. Send it in parts.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _members(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The zip is broken or locked with a password. Make it again, without one.") from error


def _members(archive):
    entries = sorted((entry for entry in archive.infolist() if not entry.is_dir()), key=lambda entry: entry.filename)
    if len(entries) > MOST_FILES:
        raise Unreadable(f"The zip holds more than {MOST_FILES:,} files. Send it in parts.")
    for entry in entries:
        _refuse_bad_name(entry)
    files, left_out, left = [], [], LARGEST_CONTENT
    for entry in entries:
        if not entry.filename.lower().endswith(".md"):
            left_out.append(LeftOut(entry.filename, "It is no markdown file (.md)."))
            continue
        # What the zip says of its sizes is its own word: read no further than what is allowed.
        with archive.open(entry) as stream:
            content = stream.read(LARGEST_FILE + 1)
        left -= len(content)
        if left < 0:
            raise Unreadable(f"Unpacked, the zip is larger than {LARGEST_CONTENT // 1_000_000} MB.")
        if len(content) > LARGEST_FILE:
            left_out.append(LeftOut(entry.filename, f"It is larger than {LARGEST_FILE // 1000} kB."))
            continue
        try:
            files.append(MarkdownFile(_last(entry.filename), _decoded(content)))
        except Unreadable as refusal:
            left_out.append(LeftOut(entry.filename, str(refusal)))
    return files, left_out


def _refuse_bad_name(entry):
    name = entry.filename
    is_outside = name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts
    if is_outside or not name.isprintable() or (entry.external_attr >> 16) & _TYPE_BITS == _IS_LINK:
        raise Unreadable(f"The zip holds a name that leads out of it: {ascii(name)[:80]}. Nothing was taken.")


def _last(name):
    return PurePosixPath(name).name


def _decoded(content):
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("It is no text in UTF-8.") from error
    if "\x00" in text:
        raise Unreadable("It holds null characters, which no text does.")
    return text
