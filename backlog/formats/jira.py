"""The columns of Jira's "Export CSV (all fields)"."""

import re

from backlog.formats.tables import BadFile

_FIELDS = {
    "summary": "title",
    "issue key": "key",
    "issue id": "id",
    "parent id": "parent_id",
    "parent": "parent_id",
    "parent key": "parent",
    "custom field (epic link)": "parent",
    "issue type": "type",
    "status": "status",
    "project key": "project",
    "project name": "project_name",
    "priority": "priority",
    "resolution": "resolution",
    "created": "created_at",
    "resolved": "done_at",
    "fix version/s": "fix_version",
    "fix versions": "fix_version",
    "component/s": "component",
    "components": "component",
    "due date": "due_on",
    "labels": "tag",
    "description": "description",
    "assignee": "assignee",
    "reporter": "created_by",
    "rank": "rank",
    "custom field (rank)": "rank",
    "custom field (acceptance criteria)": "criterion",
}
_POINTS = ("custom field (story points)", "custom field (story point estimate)", "story points")
_LINK = re.compile(r"(outward|inward) issue link \((.*)\)")


def field_of(header: list[str]) -> list[str]:
    """Give the field of each column. Raises BadFile for a file that is no such export."""
    names = [name.lower() for name in header]
    for needed, label in (("issue key", "Issue key"), ("summary", "Summary"), ("issue type", "Issue Type")):
        if needed not in names:
            raise BadFile(
                f"This is no Jira export with all fields: it has no column “{label}”. "
                "In Jira choose Export, then “Export CSV (all fields)”."
            )
    points = next((name for name in _POINTS if name in names), None)
    return ["points" if name == points else _FIELDS.get(name) or _link_field(name) for name in names]


def project_of(key: str) -> str:
    """The project in a key such as FCREPO-12."""
    return key.rpartition("-")[0]


def _link_field(name):
    match = _LINK.fullmatch(name)
    if match is None:
        return ""
    direction, kind = match.groups()
    if kind.startswith("block"):
        return "enables" if direction == "outward" else "needs"
    if kind.startswith(("duplicat", "clone")):
        return "duplicates" if direction == "outward" else "duplicated_by"
    return "relates"
