"""Comment on an item. `@` and a person's full name mentions them: @Marek Osei."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import fields, notifications
from backlog.actions.item_rows import lock
from backlog.models import Comment, CommentMention
from core import events
from core.errors import RuleViolation
from core.permissions import require


class CommentRemoved(RuleViolation):
    code = "comment_removed"
    message = "The comment has been removed."


@transaction.atomic
def add(item, text: str, *, by, at: datetime | None = None) -> Comment:
    """Raises PermissionDenied, InvalidInput."""
    item = lock(item)
    require(by, "item.comment", item)
    comment = Comment.objects.create(
        product_id=item.product_id, item=item, text=_text(text), by=by, at=at or timezone.now()
    )
    mentioned = _mention(comment, by=by, at=at)
    events.record("comment.added", target=item, by=by, at=at, comment=comment.pk, mentions=mentioned)
    return comment


@transaction.atomic
def edit(comment, text: str, *, by, version: int | None = None) -> Comment:
    """Raises PermissionDenied, PreconditionFailed, InvalidInput, CommentRemoved."""
    comment = _lock(comment)
    require(by, "comment.edit", comment)
    fields.expect(comment, version)
    before, changes = comment.text, fields.change(comment, {"text": _text(text)})
    if not changes:
        return comment
    comment.edited_at = timezone.now()
    comment.version += 1
    comment.save(update_fields=["text", "edited_at", "version"])
    mentioned = _mention(comment, by=by, before=before)
    events.record("comment.edited", target=comment.item, by=by, comment=comment.pk, changes=changes, mentions=mentioned)
    return comment


@transaction.atomic
def remove(comment, *, by) -> Comment:
    """Hide a comment for good. Raises PermissionDenied, CommentRemoved."""
    comment = _lock(comment)
    require(by, "comment.edit", comment)
    comment.removed_at = timezone.now()
    comment.version += 1
    comment.save(update_fields=["removed_at", "version"])
    comment.mentions.all().delete()
    events.record("comment.removed", target=comment.item, by=by, comment=comment.pk)
    return comment


def _lock(comment):
    item = lock(comment.item)
    comment = item.comments.get(pk=comment.pk)
    if comment.removed_at:
        raise CommentRemoved
    return comment


def _text(text):
    return fields.cleaned(Comment, {"text": text})["text"]


def _mention(comment, *, by, at=None, before=""):
    mentioned = notifications.tell_mentioned(comment.item, comment.text, by=by, at=at, before=before, comment=comment)
    comment.mentions.exclude(user__in=mentioned).delete()
    CommentMention.objects.bulk_create(
        [CommentMention(comment=comment, user_id=pk) for pk in mentioned], ignore_conflicts=True
    )
    return mentioned
