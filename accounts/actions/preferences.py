"""What people want to be told by mail."""

from django.db import transaction

from accounts.models import NotificationPreference, User
from core import events
from core.errors import InvalidInput
from core.permissions import require


@transaction.atomic
def set_mails(person: User, wanted: dict[str, bool], *, by: User) -> None:
    """Say by kind whether to mail. Raises PermissionDenied, InvalidInput."""
    person = User.objects.select_for_update().get(pk=person.pk)
    require(by, "account.manage_own", person)
    if unknown := wanted.keys() - set(NotificationPreference.Kind.values):
        raise InvalidInput(f"There are no such mails: {', '.join(sorted(unknown))}.", field="kind")
    for kind, is_mailed in wanted.items():
        NotificationPreference.objects.update_or_create(user=person, kind=kind, defaults={"is_mailed": is_mailed})
    events.record("profile.mails_chosen", target=person, by=by, mails=wanted)
