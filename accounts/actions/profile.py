"""What people change about themselves."""

from django.db import transaction

from accounts.models import User
from core import events
from core.permissions import require


@transaction.atomic
def edit(person: User, *, by: User, **changes) -> User:
    """Change name, theme, has_shortcuts or reads_plain.

    Raises PermissionDenied.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    require(by, "account.manage_own", person)
    changes = {field: changes[field] for field in ("name", "theme", "has_shortcuts", "reads_plain") if field in changes}

    for field, value in changes.items():
        setattr(person, field, value)
    person.save(update_fields=list(changes))
    events.record("profile.edited", target=person, by=by, **changes)
    return person


@transaction.atomic
def end_sessions(person: User, *, by: User) -> User:
    """Sign the person out everywhere: every session that began before stops counting.

    Raises PermissionDenied.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    require(by, "account.manage_own", person)

    person.session_epoch += 1
    person.save(update_fields=["session_epoch"])
    events.record("profile.sessions_ended", target=person, by=by)
    return person
