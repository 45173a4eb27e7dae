"""The mails that this app writes."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Invitation


def send_invitation(invitation: Invitation, token: str) -> None:
    """Hand the invitation to the outbox, in the transaction of the caller."""
    values = {
        "base_url": settings.BASE_URL,
        "invitation": invitation,
        "url": settings.BASE_URL + reverse("accounts:invitation-open", args=[token]),
    }
    mail = EmailMultiAlternatives(
        subject=f"{invitation.invited_by} invites you to {invitation.organization}",
        body=render_to_string("mail/invitation.txt", values),
        to=[invitation.email],
    )
    mail.attach_alternative(render_to_string("mail/invitation.html", values), "text/html")
    mail.send()
