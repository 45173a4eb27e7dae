"""Write down the review and the retrospective of a sprint."""

from django.db import transaction

from backlog.actions import items
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from sprints.models import Sprint, SprintNote

Kind = SprintNote.Kind
LONGEST = 4_000
# An action's text is the title of the item that it becomes.
LONGEST_ACTION = 300


class NotBegun(RuleViolation):
    code = "sprint_not_begun"
    message = "Notes are written once the sprint has begun."


@transaction.atomic
def write(sprint, kind: str, text: str, *, by, product=None) -> SprintNote:
    """Add a note to a sprint that runs or is closed; nothing that stands there changes.

    product: whose product owner an action is proposed to, as an item; it is followed up there.
    Raises PermissionDenied, NotBegun, InvalidInput.
    """
    require(by, "sprint.note", sprint)
    text, is_action = text.strip(), kind == Kind.ACTION
    if sprint.status == Sprint.Status.PLANNED:
        raise NotBegun
    if kind not in Kind.values:
        raise InvalidInput("Choose what the note is about.", field="kind")
    most = LONGEST_ACTION if is_action else LONGEST
    if not 1 <= len(text) <= most or "\x00" in text:
        raise InvalidInput(f"A note has between 1 and {most:,} characters.", field="text")
    item = None
    if is_action and product is not None:
        item = items.propose(
            product,
            by=by,
            title=text,
            kind="technical",
            type="enabler",
            description=f"Agreed in the retrospective of {sprint} of {sprint.team}.",
            team=sprint.team,
        )
    note = SprintNote.objects.create(
        organization_id=sprint.organization_id, sprint=sprint, kind=kind, text=text, item=item, written_by=by
    )
    events.record("sprint.noted", target=note, by=by, sprint=sprint.pk, kind=kind, item=item.pk if item else None)
    return note
