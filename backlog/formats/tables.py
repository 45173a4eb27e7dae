"""Tables in text files: read with suspicion, written so that no spreadsheet runs a cell."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from core.errors import InvalidInput

# An import holds all rows at once: this many take about 500 MB.
MAX_ROWS = 30_000
MAX_COLUMNS = 2_000
MAX_CELL_CHARACTERS = 1_000_000
MAX_LINE_CHARACTERS = 4 * MAX_CELL_CHARACTERS

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# A spreadsheet takes a cell for a formula by its first character, also by its full-width form and behind
# blanks. A cell that already starts with the mark gets a second one, so that the first can be taken off again.
_RISKY = re.compile(r"[\t\r\n']|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARK = "'"


class BadFile(InvalidInput):
    """The file as a whole can't be read; nothing of it is imported."""

    code = "bad_file"


@dataclass(frozen=True)
class Row:
    """line: where the row starts in the file, the header being line 1. cells: as many as the header has."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """header: names as written, repeated where columns are. rows: can be read once."""

    header: list[str]
    rows: Iterator[Row]


def protect(cell: str) -> str:
    """Make a cell that no spreadsheet takes for a formula; `restore` takes it back exactly."""
    return _MARK + cell if _RISKY.match(cell) else cell


def restore(cell: str) -> str:
    """Give the cell that `protect` was given; a cell that was never protected stays as it is."""
    return cell[1:] if cell.startswith(_MARK) and _RISKY.match(cell[1:]) else cell


def read(path: str | Path) -> Table:
    """Open a table of text in UTF-8, with commas, semicolons or tabs between its cells.

    Cells are text as written: nothing in them is computed. The rows are read while they are asked for, so
    BadFile may also come from the middle of the file.
    """
    _refuse_other_encodings(path)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    rows = _rows(path, _delimiter(path))
    header = next(rows, None)
    if header is None or not any(name.strip() for name in header.cells):
        raise BadFile("The file has no header: its first line must name the columns.")
    if len(header.cells) > MAX_COLUMNS:
        raise BadFile(f"The file has {len(header.cells):,} columns; {MAX_COLUMNS:,} is the most that can be imported.")
    return Table(header=[name.strip() for name in header.cells], rows=_fitted(rows, len(header.cells)))


def write(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give the lines of a CSV file, each cell protected."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    for row in rows:
        yield writer.writerow([protect(cell) for cell in row])


class _Echo:
    def write(self, line):
        return line


def _refuse_other_encodings(path):
    with open(path, "rb") as file:
        start = file.read(4)
    if not start:
        raise BadFile("The file is empty.")
    if start[:2] in _UTF_16:
        raise BadFile("The file is in UTF-16. Save it as UTF-8 (in Excel: “CSV UTF-8”), then upload it again.")
    if start[:2] == b"PK":
        raise BadFile("This is a spreadsheet or an archive, not a text file. Save it as CSV, then upload it again.")


def _delimiter(path):
    with _open(path) as file:
        try:
            first = re.sub(r'"[^"]*"', "", file.readline(MAX_CELL_CHARACTERS))
        except UnicodeDecodeError:
            return ","
    return max(",;\t", key=first.count)


def _open(path):
    return open(path, encoding="utf-8-sig", newline="")


def _rows(path, delimiter):
    with _open(path) as file:
        reader = csv.reader(_checked(file), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if cells:
                    yield Row(line, cells)
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise BadFile(_encoding_sentence(path)) from error
        except csv.Error as error:
            raise BadFile(_csv_sentence(str(error), line), line=line) from error


def _encoding_sentence(path):
    # The decoder fails somewhere in a block of many lines: look for the one it means.
    with open(path, "rb") as file:
        for number, line in enumerate(iter(partial(file.readline, MAX_LINE_CHARACTERS), b""), start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return (
                    f"The file is not in UTF-8: line {number:,} holds the byte 0x{line[error.start]:02x}. "
                    "Save it as UTF-8 (in Excel: “CSV UTF-8”), then upload it again."
                )
    return "The file is not in UTF-8. Save it as UTF-8 (in Excel: “CSV UTF-8”), then upload it again."


def _checked(file):
    for number in count(1):
        text = file.readline(MAX_LINE_CHARACTERS)
        if not text:
            return
        if len(text) == MAX_LINE_CHARACTERS:
            raise BadFile(f"Line {number:,} is longer than {MAX_LINE_CHARACTERS:,} characters.", line=number)
        if "\0" in text:
            raise BadFile(f"Line {number:,} holds a NUL character: this is not a text file.", line=number)
        yield text


def _csv_sentence(error, line):
    if "field larger" in error:
        return (
            f"The row in line {line:,} holds a cell of more than {MAX_CELL_CHARACTERS:,} characters; "
            "perhaps a quotation mark is never closed."
        )
    if "unexpected end" in error:
        return f"The row in line {line:,} opens a quotation mark that is never closed."
    return f"The row in line {line:,} can't be read: a quotation mark stands where none may be."


def _fitted(rows, width):
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise BadFile(f"The file has more than {MAX_ROWS:,} rows. Split it, then import the parts one by one.")
        if any(row.cells[width:]):
            raise BadFile(
                f"The row in line {row.line:,} has {len(row.cells):,} cells, but the header names {width:,} columns.",
                line=row.line,
            )
        yield Row(row.line, [*row.cells[:width], *[""] * (width - len(row.cells))])
