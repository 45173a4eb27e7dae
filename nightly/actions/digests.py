"""Write the digests of an organization's people, once the nights of its products have ended."""

from datetime import date

import structlog
from django.db import transaction

from accounts.models import Organization
from core import events
from core.permissions import require
from nightly import mails
from nightly.models import Digest
from nightly.queries import digests
from nightly.queries.addressees import addressees

logger = structlog.get_logger(__name__)


class DigestsUnfinished(Exception):
    """Some could not be written: the slot goes back, to be tried again."""


def send(organization: Organization, on: date, *, by) -> int:
    """Write the digests that are due after the nights of a date and are not written yet; return how many.

    One that can't be written keeps no other back. Raises PermissionDenied, DigestsUnfinished.
    """
    require(by, "digest.send", organization)
    house, written, failed = digests.house(organization, on), 0, 0
    for to in addressees(organization, on):
        try:
            written += _write(house, to)
        except Exception:
            failed += 1
            logger.exception("digest_failed", organization=organization.pk, user=to.person.pk, on=str(on))
    if written:
        _tell(organization, on, written, by)
    if failed:
        raise DigestsUnfinished(f"{failed} digests could not be written.")
    return written


@transaction.atomic
def _write(house, to):
    letter = digests.letter(house, to)
    if letter is None:
        return False
    _, is_new = Digest.objects.get_or_create(organization=house.organization, user=to.person, on=house.on)
    if is_new:
        mails.send_digest(house.organization, to.person, letter)
    return is_new


@transaction.atomic
def _tell(organization, on, count, by):
    events.record("digests.written", target=organization, by=by, on=on, count=count)
