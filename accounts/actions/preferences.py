"""What people want to be told by mail."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import NotificationPreference, User
from core import events
from core.errors import InvalidInput
from core.permissions import require

Kind = NotificationPreference.Kind


@transaction.atomic
def set_mails(person: User, wanted: Mapping[str, bool], *, rhythm: str = "", by: User) -> None:
    """Say by kind whether to mail, and how often the digest comes; what is left out stays as it is.

    Raises PermissionDenied, InvalidInput.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    require(by, "notification.choose", person)
    if unknown := wanted.keys() - set(Kind.values):
        raise InvalidInput(f"There are no such mails: {', '.join(sorted(unknown))}.", field="kind")
    if rhythm and rhythm not in NotificationPreference.Rhythm:
        raise InvalidInput("The digest comes daily or on a day of the week.", field="digest")
    for kind, is_mailed in wanted.items():
        NotificationPreference.objects.update_or_create(user=person, kind=kind, defaults={"is_mailed": is_mailed})
    if rhythm:
        NotificationPreference.objects.update_or_create(
            user=person,
            kind=Kind.DIGEST,
            defaults={"rhythm": rhythm},
            create_defaults={"is_mailed": True, "rhythm": rhythm},
        )
    events.record("profile.mails_chosen", target=person, by=by, mails=dict(wanted), rhythm=rhythm)
