"""Refining together, and estimating with cards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from backlog.actions import items, poker, products, questions, refinements
from backlog.models import Item, Notification, PokerCard
from backlog.queries.poker import last_agreed, running_table
from backlog.queries.refine_page import record, refine_page
from core.errors import InvalidInput
from core.models import Event


@pytest.fixture
def item(payments, ines):
    products.edit(payments, by=ines, definition_of_ready={"functional": [_check("size", "is_estimated")]})
    return _item(payments, ines, "Retry a failed payout")


def _check(key, rule):
    return {"key": key, "label": key.capitalize(), "rule": rule}


def _item(product, by, title, **values):
    return items.create(product, by=by, title=title, kind="functional", type="story", **values)


def page_of(product, user):
    return refine_page(product, user, now=timezone.now())


def test_cards_are_hidden_until_all_are_shown(item, ines, marek, mia, dev):
    played = poker.open_round(item, by=mia)
    for user, card, words in ((dev, "13", "The old bank has no test system"), (marek, "3", ""), (mia, "?", "")):
        poker.lay(played, card, words=words, by=user)
    poker.lay(played, "5", by=marek)

    hidden = {hand.name: (hand.card, hand.words) for hand in running_table(item, marek).hands}
    assert hidden == {"Dev Patel": ("", ""), "Marek Osei": ("5", ""), "Mia Dahl": ("", "")}
    with pytest.raises(poker.CardsHidden):
        poker.settle(played, Decimal(8), by=mia)
    poker.show(played, by=mia)
    shown = running_table(item, ines)
    assert (shown.low, shown.high, shown.middle) == (5, 13, 13)
    assert {hand.name for hand in shown.hands if hand.is_outlier} == {"Dev Patel", "Marek Osei"}
    with pytest.raises(poker.CardsShown):
        poker.lay(played, "8", by=dev)
    again = poker.play_again(played, by=mia)
    with pytest.raises(poker.RoundOver):
        poker.settle(played, Decimal(8), by=mia)
    poker.lay(again, "8", by=dev)
    poker.lay(again, "5", by=marek)
    poker.settle(poker.show(again, by=mia), Decimal(8), by=mia)

    agreed = last_agreed(item)
    assert Item.objects.get(pk=item.pk).points == 8
    assert (agreed.low, agreed.high, agreed.points) == (5, 8, 8)
    assert "13" not in str(list(Event.objects.filter(name="poker.laid").values_list("data")))


def test_one_round_an_item_and_one_card_a_person(item, mia, dev, stan):
    played = poker.open_round(item, by=mia)
    poker.lay(played, "3", by=dev)

    with pytest.raises(poker.RoundRunning):
        poker.open_round(item, by=dev)
    with pytest.raises(InvalidInput):
        poker.lay(played, "4", by=dev)
    with pytest.raises(PermissionDenied):
        poker.lay(played, "3", by=stan)
    with pytest.raises(IntegrityError):
        PokerCard.objects.create(round=played, user=dev, card="5")


def test_a_round_that_waits_shows_its_cards_when_its_time_is_over(item, payments, ines, mia, dev):
    now = timezone.now()
    waits, empty = (
        poker.open_round(each, by=mia, closes_at=now + timedelta(days=2))
        for each in (item, _item(payments, ines, "Report it"))
    )
    poker.lay(waits, "3", by=dev)
    later, service = now + timedelta(days=3), User.objects.service("poker")

    with pytest.raises(poker.CardsShown):
        poker.lay(waits, "5", by=mia, at=later)
    assert [poker.show_due(now=later, by=service) for _ in range(2)] == [2, 0]

    waits.refresh_from_db()
    empty.refresh_from_db()
    assert (waits.shown_at, waits.low, empty.points) == (later, 3, None)
    assert empty.ended_at is not None
    assert Notification.objects.get(user=mia).kind == "estimated"


def test_those_who_follow_see_the_same_item(item, payments, ines, marek, dev, stan):
    second = _item(payments, ines, "Report it")
    running = refinements.start(payments, item=item, by=ines)
    with pytest.raises(refinements.AlreadyRefining):
        refinements.start(payments, by=marek)
    for user in (marek, dev):
        refinements.join(running, by=user)
    refinements.unfollow(running, by=dev)
    refinements.look(running, second, by=marek)

    assert [page_of(payments, user).current for user in (ines, marek, dev)] == [second.pk, second.pk, item.pk]
    refinements.skip(running, second, following=item, by=ines)
    assert [row.key for row in page_of(payments, marek).queue] == ["PAY-1"]
    assert page_of(payments, marek).current == item.pk
    refinements.leave(running, by=dev)
    with pytest.raises(refinements.NotJoined):
        refinements.look(running, item, by=dev)
    with pytest.raises(PermissionDenied):
        refinements.join(running, by=stan)


def test_the_record_says_what_became_of_the_items(item, payments, ines, marek):
    second = _item(payments, ines, "Report it")
    running = refinements.start(payments, item=item, by=ines)
    refinements.join(running, by=marek)
    items.edit(item, by=marek, points=5)
    questions.ask(item, "Which bank?", by=marek)
    refinements.look(running, second, by=marek)

    ended = refinements.end(running, by=ines)
    items.edit(item, by=ines, points=None)

    found = record(ended, ines)
    assert found.people == ("Ines Falkner", "Marek Osei")
    assert [(row.key, row.became_ready, row.points_after, row.question_count) for row in found.outcomes] == [
        ("PAY-1", True, 5, 1),
        ("PAY-2", False, None, 0),
    ]
    assert (found.ready_count, found.estimated_count, found.question_count) == (1, 1, 1)
    with pytest.raises(refinements.Ended):
        refinements.join(ended, by=marek)


def test_kind_and_tags_are_suggested_at_the_table(item, payments, ines, dev, client):
    running = refinements.start(payments, item=item, by=ines)
    refinements.join(running, by=dev)
    hints = f'hx-get="/products/PAY/items/{item.number}/hints/"'

    client.force_login(ines)
    hers = client.get("/products/PAY/refine/").content.decode()

    for part in (hints, f"items/{item.number}/kind/", f"items/{item.number}/tags/"):
        assert part in hers, part


def test_a_restricted_item_on_the_table_stays_hidden_from_others(item, payments, ines, dev):
    secret = _item(payments, ines, "Leaked keys")
    items.edit(secret, by=ines, is_restricted=True)
    running = refinements.start(payments, item=secret, by=ines)
    refinements.join(running, by=dev)
    client = Client()
    client.force_login(dev)

    html = client.get("/products/PAY/refine/").content.decode()

    assert "Leaked keys" not in html
    assert "only some may read" in html
    refinements.end(running, by=ines)
    assert "Leaked keys" not in client.get(f"/products/PAY/refine/{running.pk}/").content.decode()


def test_the_page_takes_as_many_statements_for_more_items(item, payments, ines, marek):
    running = refinements.start(payments, item=item, by=ines)
    poker.lay(poker.open_round(item, by=ines), "3", by=ines)
    client = Client()
    client.force_login(ines)
    counts = []
    for _ in range(2):
        client.get("/products/PAY/refine/")
        with CaptureQueriesContext(connection) as statements:
            client.get("/products/PAY/refine/")
        counts.append(len(statements))
        refinements.join(running, by=marek)
        for n in range(2):
            refinements.look(running, _item(payments, ines, f"More {n}"), by=marek)
        refinements.look(running, item, by=marek)

    assert counts[0] == counts[1]
