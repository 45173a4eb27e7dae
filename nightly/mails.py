"""The mails that this app writes."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import NotificationPreference, Organization, User
from accounts.unsubscribing import unsubscribe_url
from core import mail
from nightly.queries.digests import Letter


def send_digest(organization: Organization, person: User, letter: Letter) -> None:
    """Hand a digest to the outbox, in the transaction of the caller; one a person, organization and date."""
    stop = unsubscribe_url(person, NotificationPreference.Kind.DIGEST)
    values = {
        "base_url": settings.BASE_URL,
        "person": person,
        "letter": letter,
        "unsubscribe_url": stop,
        "settings_url": settings.BASE_URL + reverse("accounts:profile"),
    }
    mail.send(
        to=person.email,
        subject=letter.subject,
        text=render_to_string("mail/digest.txt", values),
        html=render_to_string("mail/digest.html", values),
        cause=f"digest:{organization.pk}:{letter.on}",
        unsubscribe_url=stop,
    )
