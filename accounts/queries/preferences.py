"""Which mails a person wants."""

from dataclasses import dataclass

from accounts.models import NotificationPreference, User

NEVER = "never"
Kind, Rhythm = NotificationPreference.Kind, NotificationPreference.Rhythm
DIGEST_CHOICES = ((NEVER, "Never"), *Rhythm.choices)


@dataclass(frozen=True)
class MailChoice:
    kind: str
    label: str
    is_mailed: bool


@dataclass(frozen=True)
class MailChoices:
    """digest: NEVER, or a NotificationPreference.Rhythm; options: each with its label."""

    kinds: tuple[MailChoice, ...]
    digest: str
    options: tuple[tuple[str, str], ...] = DIGEST_CHOICES


def mail_choices(person: User) -> MailChoices:
    """Every kind of mail that a person can do without, in one statement."""
    chosen = {row.kind: row for row in person.notification_preferences.all()}
    kinds = tuple(
        MailChoice(kind, label, kind not in chosen or chosen[kind].is_mailed)
        for kind, label in Kind.choices
        if kind != Kind.DIGEST
    )
    return MailChoices(kinds, _digest(chosen.get(Kind.DIGEST)))


def _digest(row):
    if row and not row.is_mailed:
        return NEVER
    return (row and row.rhythm) or NotificationPreference.USUAL_RHYTHM.value
