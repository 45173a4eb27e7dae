"""Links that end mails of one kind to one person without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User

_SALT = "accounts.unsubscribe"


def unsubscribe_url(person: User, kind: str) -> str:
    """kind: a NotificationPreference.Kind. The link works for good: mails are kept for years."""
    token = signing.dumps([person.pk, kind], salt=_SALT, compress=False)
    return settings.BASE_URL + reverse("accounts:unsubscribe", args=[token])


def opened(token: str) -> tuple[User, str] | None:
    """Whom and which kind a link is about; None where it is not one of ours."""
    try:
        pk, kind = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return (person, kind) if person else None
