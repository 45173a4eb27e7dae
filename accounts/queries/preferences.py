"""Which mails a person wants."""

from dataclasses import dataclass

from accounts.models import NotificationPreference, User


@dataclass(frozen=True)
class MailChoice:
    kind: str
    label: str
    is_mailed: bool


def mail_choices(person: User) -> tuple[MailChoice, ...]:
    """Every kind of mail that a person can do without, in one statement."""
    chosen = dict(person.notification_preferences.values_list("kind", "is_mailed"))
    return tuple(MailChoice(kind, label, chosen.get(kind, True)) for kind, label in NotificationPreference.Kind.choices)
