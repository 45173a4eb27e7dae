"""Mails wait in the outbox; each receiver gets each of them once."""

import email
import re
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives, send_mail

from core import mail
from core.models import OutboxMessage, OutgoingMail

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self):
        self.received = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content))
        return self.answer


@pytest.fixture
def sink(settings):
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield sink
    controller.stop()


@pytest.fixture(autouse=True)
def outbox_backend(settings):
    settings.EMAIL_BACKEND = "core.mail.OutboxEmailBackend"


def test_what_django_sends_waits_for_each_receiver():
    send_mail("Reset\nyour password", "Open the link.", None, ["ines@northwind.example", "mia@northwind.example"])

    assert list(OutgoingMail.objects.order_by("to").values_list("to", "subject", "text")) == [
        ("ines@northwind.example", "Reset your password", "Open the link."),
        ("mia@northwind.example", "Reset your password", "Open the link."),
    ]
    tasks = OutboxMessage.objects.filter(topic="core.tasks.deliver_mail")
    assert {message.payload["mail_id"] for message in tasks} == set(OutgoingMail.objects.values_list("pk", flat=True))


def test_one_cause_is_one_mail_to_a_receiver():
    for receiver in ("ines@northwind.example", "mia@northwind.example", "ines@northwind.example"):
        mail.send(to=receiver, subject="Digest", text="All is well.", cause="digest:2026-03-01")

    assert OutgoingMail.objects.count() == 2
    assert OutboxMessage.objects.filter(topic=mail.TASK).count() == 2


def test_a_mail_is_handed_over_once(sink):
    message = EmailMultiAlternatives("Hello", "Plain.", None, ["ines@northwind.example"])
    message.attach_alternative("<p>Rich.</p>", "text/html")
    message.send()
    row = OutgoingMail.objects.get()

    assert [mail.deliver(row.pk), mail.deliver(row.pk)] == [True, False]

    (received,) = sink.received
    assert received["Message-ID"] == row.message_id
    assert [part.get_content_type() for part in received.walk()][1:] == ["text/plain", "text/html"]


def test_a_refused_mail_keeps_its_id_and_goes_later(sink):
    mail.send(to="ines@northwind.example", subject="Digest", text="x", cause="digest:1")
    row = OutgoingMail.objects.get()
    sink.answer = "451 busy"

    with pytest.raises(Exception, match="451"):
        mail.deliver(row.pk)
    row.refresh_from_db()
    assert (row.attempts, row.sent_at) == (1, None)
    assert "busy" in row.error

    sink.answer = "250 OK"
    mail.deliver(row.pk)
    assert [received["Message-ID"] for received in sink.received] == [row.message_id]


def test_without_a_mail_server_mails_are_files_to_read(settings, tmp_path):
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", tmp_path / "mail"
    mail.send(to="ines@northwind.example", subject="Welcome", text="Open http://x/1", cause="invitation:1")

    mail.deliver(OutgoingMail.objects.get().pk)

    (file,) = (tmp_path / "mail").iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}\.eml", file.name)
    assert "http://x/1" in email.message_from_bytes(file.read_bytes()).get_payload()


def test_mails_whose_task_was_lost_are_found():
    mail.send(to="ines@northwind.example", subject="Digest", text="x", cause="digest:1")

    assert mail.stuck(older_than=timedelta(minutes=15)) == []
    assert mail.stuck(older_than=timedelta(0)) == [OutgoingMail.objects.get().pk]
