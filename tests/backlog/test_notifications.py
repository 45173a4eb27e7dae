"""What people are told, by page, mail and API, and how they stop it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import NotificationPreference
from accounts.unsubscribing import unsubscribe_url
from backlog.actions import comments, items, life_cycle, notifications, questions
from backlog.models import Notification
from core import mail
from core.models import OutgoingMail


@pytest.fixture
def item(payments, ines):
    return items.create(
        payments, by=ines, title="Retry a failed payout", kind="functional", type="story", description="Twice."
    )


@pytest.fixture
def browse(db):
    def browse(user):
        client = Client()
        client.force_login(user)
        return client

    return browse


def told(user):
    return [(row.kind, str(row.by)) for row in Notification.objects.filter(user=user).order_by("pk")]


def test_a_mention_tells_once_and_only_who_may_see_the_item(item, ines, marek, dev, stan):
    comment = comments.add(item, "@Marek Osei, @stan berg and @Ines Falkner: see", by=ines)
    comments.edit(comment, "@Marek Osei, @Dev Patel: see", by=ines)
    items.edit(item, by=ines, description="Twice. @Dev Patel knows.")
    items.edit(item, by=ines, description="Twice! @Dev Patel knows.")

    assert told(marek) == [("mentioned", "Ines Falkner")]
    assert told(dev) == [("mentioned", "Ines Falkner")] * 2
    assert told(stan) == told(ines) == []
    assert Notification.objects.get(user=marek).comment == comment


def test_an_assignment_an_answer_and_a_decision_tell(payments, item, ines, marek, dev):
    items.edit(item, by=ines, assignee=dev)
    items.edit(item, by=dev, assignee=ines)
    items.edit(item, by=ines, assignee=None)
    question = questions.ask(item, "Why?", by=dev)
    questions.answer(question, "So that", by=marek)
    taken, declined = (
        items.propose(payments, by=marek, title=title, kind="technical", type="debt") for title in ("One", "Two")
    )
    life_cycle.accept_proposal(taken, by=ines)
    life_cycle.decline(declined, by=ines, reason="Not now")

    assert told(dev) == [("assigned", "Ines Falkner"), ("answered", "Marek Osei")]
    assert told(ines) == [("assigned", "Dev Patel")]
    assert told(marek) == [("proposal_accepted", "Ines Falkner"), ("proposal_declined", "Ines Falkner")]


def test_mentions_and_assignments_are_mailed_with_a_way_to_stop_them(item, ines, marek):
    comments.add(item, "@Marek Osei <b>see</b>", by=ines)
    items.edit(item, by=ines, assignee=marek)

    first, second = OutgoingMail.objects.order_by("pk")
    assert (first.to, first.subject) == (marek.email, "Ines Falkner mentioned you in PAY-1: Retry a failed payout")
    assert second.subject == "PAY-1 is yours: Retry a failed payout"
    message = mail._message(first).message()
    assert message["List-Unsubscribe"] == f"<{first.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in (first.text, first.html):
        assert "/products/PAY/items/1/" in part
        assert first.unsubscribe_url in part
    assert "<b>see</b>" in first.text
    assert "&lt;b&gt;see" in first.html


def test_one_click_ends_the_mails_of_one_kind_without_signing_in(item, ines, marek):
    strict = Client(enforce_csrf_checks=True)
    address = "/" + unsubscribe_url(marek, "mention").split("/", 3)[3]

    assert strict.get(address).status_code == 200
    comments.add(item, "@Marek Osei: one", by=ines)
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    comments.add(item, "@Marek Osei: two", by=ines)
    items.edit(item, by=ines, assignee=marek)
    strict.post(address, {"mails": "again"})
    comments.add(item, "@Marek Osei: three", by=ines)

    assert len(told(marek)) == 4
    assert OutgoingMail.objects.count() == 3
    assert strict.post(address[:-2] + "x/").status_code == 404


def test_the_profile_chooses_the_mails(browse, item, ines, marek):
    browse(marek).post("/profile/mails/", {"assignment": "on"})

    comments.add(item, "@Marek Osei: one", by=ines)
    items.edit(item, by=ines, assignee=marek)

    chosen = dict(NotificationPreference.objects.filter(user=marek).values_list("kind", "is_mailed"))
    assert chosen["mention"] is False
    assert [row.subject for row in OutgoingMail.objects.all()] == ["PAY-1 is yours: Retry a failed payout"]
    assert "Somebody mentions me" in browse(marek).get("/profile/").content.decode()


def test_for_you_shows_and_counts_what_waits(browse, payments, item, ines, marek, dev):
    comments.add(item, "@Ines Falkner: look", by=dev)
    questions.ask(item, "Which bank?", addressee=ines, by=dev)
    items.propose(payments, by=marek, title="Rotate keys", kind="technical", type="security")
    done = items.create(payments, by=ines, title="Finished", kind="functional", type="story")
    life_cycle.finish(life_cycle.begin(done, by=dev), by=dev)
    client = browse(ines)

    html = client.get("/for-you/").content.decode()

    assert all(text in html for text in ("mentioned you in", "Which bank?", "Rotate keys", "Finished"))
    assert client.get("/for-you/count/").content.decode().count(">4</span>") == 2
    client.post("/for-you/read/")
    assert client.get("/for-you/count/").content.decode().count(">3</span>") == 2
    assert client.get("/for-you/").context["page"].earlier[0].key == "PAY-1"


def test_for_you_takes_as_many_statements_with_much_in_it(browse, payments, item, ines, marek, dev):
    def fill():
        comments.add(item, "@Ines Falkner: look", by=dev)
        questions.ask(item, "Which bank?", addressee=ines, by=dev)
        items.propose(payments, by=marek, title="Rotate keys", kind="technical", type="security")

    client = browse(ines)
    fill()
    with CaptureQueriesContext(connection) as few:
        client.get("/for-you/")
    fill()
    fill()

    with CaptureQueriesContext(connection) as many:
        client.get("/for-you/")
    assert len(many) == len(few)


def test_nothing_is_told_of_what_one_may_not_see_any_more(browse, item, ines, dev):
    comments.add(item, "@Dev Patel: look", by=ines)
    items.edit(item, by=ines, is_restricted=True)
    client = browse(dev)

    assert client.get("/for-you/count/").content.decode().count("></span>") == 2
    assert "Retry" not in client.get("/for-you/").content.decode()
    assert client.post(f"/for-you/{Notification.objects.get().pk}/read/").status_code == 404


def test_reading_is_taken_back(item, ines, dev):
    comments.add(item, "@Dev Patel: look", by=ines)
    notification = Notification.objects.get()

    assert notifications.read(notification, by=dev).read_at
    assert notifications.unread(notification, by=dev).read_at is None
    assert notifications.read_all(dev, by=dev) == 1
    with pytest.raises(PermissionDenied):
        notifications.read(notification, by=ines)
