"""Rows of a file under the names of our fields, whatever the file calls its columns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from backlog.formats import tables

# Our field: what people call it, in an exported file too. A column is one of these, or not carried over.
LABELS: Mapping[str, str] = {
    "key": "Key",
    "id": "Id",
    "title": "Title",
    "kind": "Kind",
    "type": "Type",
    "discipline": "Discipline",
    "status": "Status",
    "resolution": "Resolution",
    "status_at": "Status since",
    "status_reason": "Status reason",
    "started_at": "Started",
    "done_at": "Done",
    "created_at": "Created",
    "created_by": "Created by",
    "assignee": "Assignee",
    "team": "Team",
    "project": "Project",
    "project_name": "Project name",
    "parent": "Parent",
    "parent_id": "Parent id",
    "goal": "Goal",
    "component": "Component",
    "further_component": "Further component",
    "tag": "Tag",
    "fix_version": "Fix version",
    "points": "Points",
    "priority": "Priority",
    "business_value": "Business value",
    "time_criticality": "Time criticality",
    "risk_reduction": "Risk reduction",
    "due_on": "Due on",
    "penalty_per_week": "Penalty a week",
    "debt_principal": "Debt principal",
    "debt_interest": "Debt interest",
    "debt_interest_unit": "Debt interest unit",
    "is_restricted": "Restricted",
    "engagement": "Level of engagement",
    "is_pinned": "Pinned",
    "rank": "Rank",
    "plain_title": "Plain title",
    "plain_lead": "Plain lead",
    "description": "Description",
    "criterion": "Criterion",
    "enables": "Enables",
    "needs": "Needs",
    "relates": "Relates to",
    "duplicates": "Duplicates",
    "duplicated_by": "Duplicated by",
}
DATES = ("created_at", "done_at", "started_at", "status_at", "due_on")
LINKS = ("enables", "needs", "relates", "duplicates", "duplicated_by")


@dataclass(frozen=True)
class Record:
    """One row: the filled cells of each field, in the order of their columns."""

    line: int
    texts: Mapping[str, list[str]]

    def text(self, field: str) -> str:
        """The first filled cell of the field."""
        return next(iter(self.texts.get(field, ())), "")

    def all(self, field: str) -> list[str]:
        return self.texts.get(field, [])

    @property
    def key(self) -> str:
        return self.text("key").strip()


@dataclass(frozen=True)
class Records:
    """fields: those the file has a column for. rows: can be read once.

    left_columns: header → number of filled cells, of columns that no field takes; full once rows are read.
    """

    fields: frozenset[str]
    rows: Iterator[Record]
    left_columns: dict[str, int]


def read(path: str | Path, field_of: Callable[[list[str]], list[str]]) -> Records:
    """Open a file's rows. field_of: header → the field of each column, "" where none takes it.

    Raises BadFile, also while the rows are read.
    """
    table = tables.read(path)
    fields = field_of(table.header)
    left = {name: 0 for name, field in zip(table.header, fields, strict=True) if not field and name}
    return Records(frozenset(fields) - {""}, _records(table, fields, left), left)


def _records(table, fields, left):
    for row in table.rows:
        texts = {}
        for name, field, cell in zip(table.header, fields, row.cells, strict=True):
            if not cell:
                continue
            if field:
                texts.setdefault(field, []).append(tables.restore(cell))
            elif name:
                left[name] += 1
        yield Record(row.line, texts)
