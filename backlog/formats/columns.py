"""The columns of any CSV file, and of our own export."""

from collections.abc import Mapping

from backlog.formats.records import LABELS
from backlog.formats.tables import BadFile

_OTHER_NAMES = {
    "summary": "title",
    "name": "title",
    "item": "title",
    "story": "title",
    "issue key": "key",
    "issue type": "type",
    "story points": "points",
    "estimate": "points",
    "labels": "tag",
    "label": "tag",
    "tags": "tag",
    "components": "component",
    "component/s": "component",
    "due date": "due_on",
    "due": "due_on",
    "value": "business_value",
    "acceptance criteria": "criterion",
    "acceptance criterion": "criterion",
    "criteria": "criterion",
    "depends on": "needs",
    "blocked by": "needs",
    "blocks": "enables",
    "owner": "assignee",
    "epic": "parent",
    "fix version/s": "fix_version",
    "finished": "done_at",
    "resolved": "done_at",
}
_BY_NAME = {label.lower(): field for field, label in LABELS.items()} | _OTHER_NAMES


def suggest(header: list[str]) -> dict[str, str]:
    """Suggest a field for each column name; "" where the name tells nothing."""
    return {name: _BY_NAME.get(name.lower(), "") for name in header}


def field_of(header: list[str], columns: Mapping[str, str]) -> list[str]:
    """Give the field of each column by the chosen mapping. Raises BadFile unless one holds the title."""
    fields = [columns.get(name, "") for name in header]
    if unknown := set(columns.values()) - set(LABELS) - {""}:
        raise BadFile(f"There is no field “{sorted(unknown)[0]}”.")
    if "title" not in fields:
        raise BadFile("Choose the column that holds the title: no column has been mapped to it.")
    return fields
