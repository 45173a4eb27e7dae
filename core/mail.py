"""Mails leave by the outbox: with the transaction that caused them, and once for each receiver."""

import hashlib
import smtplib
import uuid
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from core import outbox
from core.models import OutgoingMail

TASK = "core.tasks.deliver_mail"
MAX_ATTEMPTS = 12


class OutboxEmailBackend(BaseEmailBackend):
    """What Django and its libraries send becomes rows of the outbox."""

    def send_messages(self, messages):
        rows = [row for message in messages for row in _rows(message)]
        with transaction.atomic():
            _write(rows)
        return len(messages)


def send(*, to: str, subject: str, text: str, html: str = "", cause: str, unsubscribe_url: str = "") -> None:
    """Write one mail in the current transaction.

    cause: what it is about, such as `digest:2026-11-24`; the same cause and receiver are the same mail,
    written once and recognised by the receiver's mailbox if it comes twice.
    unsubscribe_url: where a POST without signing in ends mails of this kind; mail programs show a button for it.
    Source: RFC 8058.
    """
    digest = hashlib.sha256(f"{cause}\n{to.lower()}".encode()).hexdigest()[:32]
    _write(
        [
            OutgoingMail(
                message_id=_message_id(digest),
                sender=settings.DEFAULT_FROM_EMAIL,
                to=to,
                subject=_one_line(subject),
                text=text,
                html=html,
                unsubscribe_url=unsubscribe_url,
            )
        ]
    )


def deliver(mail_id: int) -> bool:
    """Hand one mail to the mail server, or to a file where there is none; False: it was sent before.

    Raises OSError, smtplib.SMTPException: the attempt is counted, another may follow.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=mail_id, sent_at=None).first()
        if mail is None:
            return False
        try:
            _hand_over(_message(mail))
        except (OSError, smtplib.SMTPException) as error:
            failure = error
        else:
            OutgoingMail.objects.filter(pk=mail_id).update(sent_at=Now(), attempts=mail.attempts + 1, error="")
            return True
        OutgoingMail.objects.filter(pk=mail_id).update(attempts=mail.attempts + 1, error=str(failure)[:2000])
    raise failure


def stuck(*, older_than) -> list[int]:
    """Mails whose task was lost or has given up for the moment."""
    waiting = OutgoingMail.objects.filter(
        sent_at=None, attempts__lt=MAX_ATTEMPTS, created_at__lt=timezone.now() - older_than
    )
    return list(waiting.order_by("id").values_list("pk", flat=True)[:500])


def _write(rows: list[OutgoingMail]) -> None:
    known = set(
        OutgoingMail.objects.filter(message_id__in=[row.message_id for row in rows]).values_list(
            "message_id", flat=True
        )
    )
    OutgoingMail.objects.bulk_create([row for row in rows if row.message_id not in known], ignore_conflicts=True)
    written = OutgoingMail.objects.filter(message_id__in={row.message_id for row in rows} - known)
    outbox.send(outbox.Message(topic=TASK, payload={"mail_id": pk}) for pk in written.values_list("pk", flat=True))


def _rows(message):
    html = next((body for body, kind in getattr(message, "alternatives", ()) if kind == "text/html"), "")
    for receiver in message.recipients():
        yield OutgoingMail(
            message_id=_message_id(uuid.uuid4().hex),
            sender=message.from_email,
            to=receiver,
            subject=_one_line(str(message.subject)),
            text=message.body,
            html=html,
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _message_id(name: str) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{name}@{domain}>"


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    headers = {"Message-ID": mail.message_id}
    if mail.unsubscribe_url:
        headers |= {
            "List-Unsubscribe": f"<{mail.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, [mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _hand_over(message: EmailMultiAlternatives) -> None:
    if settings.EMAIL_HOST:
        get_connection("django.core.mail.backends.smtp.EmailBackend").send_messages([message])
        return
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    name = message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
    # By its id, so that a second hand-over writes the same file.
    file = folder / f"{name}.eml"
    file.with_suffix(".part").write_bytes(message.message().as_bytes())
    file.with_suffix(".part").rename(file)
