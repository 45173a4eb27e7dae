"""Comment on an item. `@` and a person's full name mentions them: @Marek Osei."""

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from backlog.actions import fields
from backlog.actions.item_rows import lock
from backlog.models import Comment, CommentMention, Item
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
    mentioned = _mention(comment)
    events.record("comment.added", target=item, by=by, at=at, comment=comment.pk, mentions=mentioned)
    return comment


@transaction.atomic
def edit(comment, text: str, *, by, version: int | None = None) -> Comment:
    """Raises PermissionDenied, PreconditionFailed, InvalidInput, CommentRemoved."""
    comment = _lock(comment)
    require(by, "comment.edit", comment)
    fields.expect(comment, version)
    changes = fields.change(comment, {"text": _text(text)})
    if not changes:
        return comment
    comment.edited_at = timezone.now()
    comment.version += 1
    comment.save(update_fields=["text", "edited_at", "version"])
    mentioned = _mention(comment)
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


def _mention(comment):
    """Only people who may see the item: a mention must not tell others that it exists."""
    mentioned = sorted(
        person.pk
        for person in _named_in(comment)
        if Item.objects.readable_by(person).filter(pk=comment.item_id).exists()
    )
    comment.mentions.exclude(user__in=mentioned).delete()
    CommentMention.objects.bulk_create(
        [CommentMention(comment=comment, user_id=pk) for pk in mentioned], ignore_conflicts=True
    )
    return mentioned


def _named_in(comment):
    if "@" not in comment.text:
        return []
    organization = comment.item.organization_id
    people = User.objects.filter(memberships__organization=organization, memberships__deactivated_at=None).exclude(
        name=""
    )
    by_name = {}
    for person in people.order_by("pk"):
        by_name.setdefault(person.name.casefold(), []).append(person)
    # The longest name first: @Ann Lee is not @Ann.
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    found = re.findall(rf"(?<!\w)@({names})(?!\w)", comment.text.casefold()) if names else []
    return [person for name in dict.fromkeys(found) for person in by_name[name]]
