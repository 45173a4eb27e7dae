import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.formats import tables

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "  =1",
    "\u00a0@x",
]


def file_with(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path):
    table = tables.read(path)
    return table.header, [(row.line, row.cells) for row in table.rows]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text(cell):
    assert tables.protect(cell) == "'" + cell


@given(st.text())
def test_a_protected_cell_comes_back_as_it_was(cell):
    protected = tables.protect(cell)

    assert tables.restore(protected) == cell
    assert protected.lstrip()[:1] not in ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1).filter(any))
def test_what_is_written_is_read_again(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("cells") / "file.csv"
    header = [f"Column {number}" for number in range(len(cells))]
    path.write_text("".join(tables.write([header, cells])), encoding="utf-8", newline="")

    _, rows = read(path)

    assert [[tables.restore(cell) for cell in row] for _, row in rows] == [cells]


def test_a_spreadsheet_sees_no_formula_in_protected_cells():
    book = openpyxl.Workbook()
    lines = "".join(tables.write([DANGEROUS]))

    book.active.append(next(csv.reader(io.StringIO(lines, newline=""))))

    assert [cell.data_type for cell in book.active[1]] == ["s"] * len(DANGEROUS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_and_multi_line_cells_stay_whole(tmp_path, delimiter):
    path = file_with(tmp_path, f'\ufeffA{delimiter}B\r\n"x\ny"{delimiter}2\r\n\r\n3\r\n')

    assert read(path) == (["A", "B"], [(2, ["x\ny", "2"]), (5, ["3", ""])])


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "The file is empty."),
        (b"\n\n", "has no header"),
        (",,\n1,2,3\n", "has no header"),
        ("A,B\nä,1\n".encode("latin-1"), "not in UTF-8: line 2 holds the byte 0xe4"),
        ("A,B\n1,2\n".encode("utf-16"), "The file is in UTF-16"),
        (b"PK\x03\x04rest", "a spreadsheet or an archive"),
        (b"A,B\n1,\x002\n", "Line 2 holds a NUL character"),
        ('A,B\n1,"2\n', "The row in line 2 opens a quotation mark that is never closed."),
        ('A,B\n1,"2"3\n', "The row in line 2 can't be read"),
        ("A,B\n1,2,3\n", "The row in line 2 has 3 cells, but the header names 2 columns."),
        (",".join("c" * 10_000) + "\n", "10,000 columns"),
        ("A\n" + "x" * 1_000_001 + "\n", "more than 1,000,000 characters"),
        ("A\n" + "x" * 5_000_000, "Line 2 is longer than 4,000,000 characters"),
        ("A\n" + "1\n" * 1_000_000, "more than 30,000 rows"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_words(tmp_path, content, sentence):
    path = file_with(tmp_path, content)

    with pytest.raises(tables.BadFile) as refusal:
        read(path)

    assert sentence in refusal.value.message
