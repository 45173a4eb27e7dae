"""Attach files to an item."""

import errno
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from backlog.actions.item_rows import lock
from backlog.models import Attachment
from backlog.models.discussion import attachment_path
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

# What a page may show: by the first bytes, whatever the sender says. All else is a download without a type.
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
DOWNLOAD = "application/octet-stream"
_NAME_LENGTH = 200


class TooLarge(RuleViolation):
    code = "attachment_too_large"
    message = "The file is too large."
    status = 413
    field = "file"


class StorageFull(RuleViolation):
    code = "storage_full"
    message = "There is no room for files at the moment. Tell whoever runs this server."
    status = 507


class AttachmentRemoved(RuleViolation):
    code = "attachment_removed"
    message = "The file has been removed already."


@transaction.atomic
def add(item, file: File, name: str, *, by, at: datetime | None = None) -> Attachment:
    """Keep a file with the item, under a name of our own; `name` is only shown.

    Raises PermissionDenied, InvalidInput, TooLarge, StorageFull.
    """
    item = lock(item)
    require(by, "item.comment", item)
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise TooLarge(f"A file has at most {settings.ATTACHMENT_MAX_BYTES // 1024**2} MB.")
    if not file.size:
        raise InvalidInput("The file is empty.", field="file")
    attachment = Attachment(
        product_id=item.product_id,
        item=item,
        name=_shown_name(name),
        content_type=_sniff(file),
        size=file.size,
        by=by,
        at=at or timezone.now(),
    )
    _store(attachment, file)
    events.record(
        "attachment.added",
        target=item,
        by=by,
        at=at,
        attachment=attachment.pk,
        name=attachment.name,
        size=attachment.size,
    )
    return attachment


@transaction.atomic
def remove(attachment, *, by) -> Attachment:
    """Hide a file for good. Raises PermissionDenied, AttachmentRemoved."""
    item = lock(attachment.item)
    attachment = item.attachments.get(pk=attachment.pk)
    require(by, "comment.edit", attachment)
    if attachment.removed_at:
        raise AttachmentRemoved
    attachment.removed_at = timezone.now()
    attachment.save(update_fields=["removed_at"])
    events.record("attachment.removed", target=item, by=by, attachment=attachment.pk, name=attachment.name)
    return attachment


def _shown_name(name):
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(char for char in name if char.isprintable()).strip()
    if name in ("", ".", ".."):
        raise InvalidInput("The file needs a name.", field="name")
    path = PurePosixPath(name)
    suffix = path.suffix[:20]
    return path.name.removesuffix(path.suffix)[: _NAME_LENGTH - len(suffix)] + suffix


def _sniff(file):
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((type for magic, type in _IMAGES.items() if start.startswith(magic)), DOWNLOAD)


def _store(attachment, file):
    """The file first, then its row: when either fails the file goes, so that neither is left alone."""
    storage, name = attachment.file.storage, attachment_path(attachment, "")
    try:
        attachment.file = storage.save(name, file)
        with transaction.atomic():
            attachment.save(force_insert=True)
    except BaseException as error:
        storage.delete(name)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise
