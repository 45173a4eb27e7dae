"""The rows of the file that are to be imported, as drafts."""

from backlog.formats.dates import DateOrder
from backlog.queries import imports
from core.errors import InvalidInput


class ProjectsUnknown(InvalidInput):
    code = "projects_unknown"
    message = "No project of the file is to be imported. Give at least one of them the key of a product."
    field = "products"


def read(cargo):
    """Read every row by the mapping, and list what can't be carried over. Raises DatesUnknown, ProjectsUnknown."""
    found = imports.survey(cargo.run)
    cargo.mapping = imports.suggest(cargo.run, found, by=cargo.by) | cargo.run.mapping
    if found.has_bare_dates and cargo.mapping["date_order"] not in set(DateOrder):
        raise imports.DatesUnknown
    cargo.left_columns = found.left_columns
    cargo.names = found.project_names
    lines = {}
    for draft in imports.each_draft(cargo.run, found, cargo.mapping):
        if not draft.product:
            cargo.counts["rows left out"] += 1
        elif draft.key and draft.key in lines:
            cargo.leave_out(draft, "key", draft.key, f"The same key as in line {lines[draft.key]:,}.")
        else:
            lines[draft.key] = draft.line
            cargo.drafts.append(draft)
    if not cargo.drafts:
        raise ProjectsUnknown
    for draft in cargo.drafts:
        for left in draft.left_out:
            cargo.note(left)
