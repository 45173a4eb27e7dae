"""Architectural and large-scale work: whose word it needs, where that shows, and what waits for it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import components, engagement, goals, items, life_cycle
from backlog.models import Engagement, Item, ProductRole
from backlog.queries.acceptance import acceptance_page
from backlog.queries.activity import activity
from backlog.queries.chain import chain
from backlog.queries.engagement import engagements
from backlog.queries.for_you import count_for_you, for_you
from backlog.queries.lists import backlog_page
from core.errors import InvalidInput


def story(product, by, **values):
    return items.create(product, by=by, title="Ledger", kind="functional", type="story", **values)


def finished(item, by):
    life_cycle.begin(item, by=by)
    return life_cycle.finish(item, by=by)


def of(item):
    return engagements([item]).get(item.pk)


def test_an_item_has_its_own_level_else_its_components_else_its_goals(payments, payouts, ines, marek):
    goal = goals.create(payments, title="One ledger", engagement="large_scale", by=ines)
    item = story(payments, ines, component=payouts, goal=goal)
    seen = [(of(item).level, of(item).source)]
    components.edit(payouts, by=ines, engagement="architectural")
    item.refresh_from_db()
    seen.append((of(item).level, of(item).source))
    item = items.edit(item, by=marek, engagement="large_scale")
    seen.append((of(item).level, of(item).source))
    assert seen == [
        ("Large-scale", "its goal “One ledger”"),
        ("Architectural", "its component Payouts"),
        ("Large-scale", "the item itself"),
    ]
    assert [line.is_due for line in of(item).stages] == [True, False, False]

    items.edit(item, by=ines, engagement="")
    components.edit(payouts, by=ines, engagement="")
    goals.edit(goal, by=ines, engagement="")
    item.refresh_from_db()
    assert of(item) is None
    with pytest.raises(engagement.NoWordNeeded):
        engagement.give(item, "planning", by=marek)
    with pytest.raises(InvalidInput):
        items.edit(item, by=ines, engagement="huge")


def test_who_may_mark_and_whose_word_it_is(payments, payouts, ines, marek, mia, dev, stan, ada):
    item = story(payments, ines, component=payouts, engagement="architectural")
    elsewhere = story(payments, ines, engagement="architectural")
    for person in (dev, mia, stan, ada):
        with pytest.raises(PermissionDenied):
            items.edit(item, by=person, engagement="")
    with pytest.raises(PermissionDenied):
        items.edit(elsewhere, by=marek, engagement="")
    for person in (ines, dev, mia, stan, ada):
        with pytest.raises(PermissionDenied):
            engagement.give(item, "planning", by=person)
    # Nobody owns what the other touches: any technical owner of the product may speak.
    assert (of(item).names, of(elsewhere).names) == ("Marek Osei", "Marek Osei")
    with pytest.raises(InvalidInput):
        engagement.give(item, "lunch", by=marek)
    with pytest.raises(engagement.NotAtThisStage):
        engagement.give(item, "acceptance", by=marek)
    word = engagement.give(item, "planning", by=marek, text=" One ledger a country ")
    assert (str(word.text), of(item).stages[0].word.by) == ("One ledger a country", marek)

    # Without a technical owner the product owner has all of it.
    components.remove_owner(payouts, marek, by=ines)
    with pytest.raises(PermissionDenied):
        engagement.take_back(item, "planning", by=marek)
    assert of(item).asked == (ines,)
    engagement.take_back(item, "planning", by=ines)
    engagement.take_back(item, "planning", by=ines)
    assert of(item).stages[0].word is None
    assert [(deed.words, deed.detail, deed.reason) for deed in activity(item, ines)[:2]] == [
        ("took back a technical owner's word at", "planning", ""),
        ("gave a technical owner's word at planning", "", "One ledger a country"),
    ]
    ProductRole.objects.all().delete()
    assert of(item).names == "nobody yet"


def test_acceptance_waits_for_the_word_and_a_new_round_needs_a_new_one(payments, payouts, ines, marek, dev):
    item = finished(story(payments, ines, component=payouts, engagement="architectural"), dev)
    with pytest.raises(engagement.WordMissing) as refusal:
        life_cycle.accept(item, by=ines)
    assert refusal.value.message == (
        "Architectural work is accepted with the word of a technical owner: ask Marek Osei. "
        "Or say on the item, its component or its goal that no word is needed."
    )
    engagement.give(item, "review", by=marek)
    engagement.give(item, "acceptance", by=marek)
    assert of(item).missing == ()
    life_cycle.send_back(item, by=ines, reason="Slow")
    life_cycle.finish(item, by=dev)
    item.refresh_from_db()
    assert [line.stage for line in of(item).missing] == ["review", "acceptance"]
    with pytest.raises(engagement.WordMissing):
        life_cycle.accept(item, by=ines)
    engagement.give(item, "acceptance", by=marek)
    life_cycle.accept(item, by=ines)
    said = [link.words for stage in chain(item) if stage.title == "Accepted" for link in stage.links]
    assert said.count("gave a technical owner's word at acceptance") == 2

    # Who could give the word gives it by accepting; and the product owner may say that none is needed.
    components.remove_owner(payouts, marek, by=ines)
    alone = finished(story(payments, ines, component=payouts, engagement=Engagement.LARGE_SCALE), dev)
    assert [row.gives_word for row in for_you(ines).to_accept] == [True]
    life_cycle.accept(alone, by=ines)
    assert alone.engagement_words.get().by == ines
    components.add_owner(payouts, marek, by=ines)
    other = finished(story(payments, ines, component=payouts, engagement="large_scale"), dev)
    items.edit(other, by=ines, engagement="")
    life_cycle.accept(other, by=ines)


def test_what_waits_for_a_technical_owner_is_for_them_in_as_many_statements(payments, payouts, ines, marek, dev):
    def marked(**values):
        return story(payments, ines, component=payouts, engagement="large_scale", **values)

    browser, urls = Client(), [reverse("backlog:for-you"), reverse("backlog:acceptance")]
    unready, ready, done = marked(), marked(), finished(marked(), dev)
    Item.objects.filter(pk=ready.pk).update(checks_met=F("checks_total"))
    assert [row.number for row in for_you(marek).to_word] == [done.number, ready.number]
    assert [row.words for row in for_you(marek).to_word] == [
        (("review", "Review"), ("acceptance", "Acceptance")),
        (("planning", "Planning"),),
    ]
    assert [row.item for row in acceptance_page(marek).to_word] == [done]
    assert acceptance_page(marek).to_check == ()
    assert (for_you(ines).to_word, [row.asked for row in for_you(ines).to_accept]) == ((), ["Marek Osei"])
    assert [row.lacks_word for row in acceptance_page(ines).to_accept] == [True]

    before = count_for_you(marek)
    for person, words in ((marek, "Needs your word"), (ines, "Waits for the word of Marek Osei")):
        browser.force_login(person)
        assert all(words in browser.get(url).content.decode() for url in urls)
        with CaptureQueriesContext(connection) as few:
            [browser.get(url) for url in urls]
        for _ in range(2):
            finished(marked(), dev)
        with CaptureQueriesContext(connection) as many:
            [browser.get(url) for url in urls]
        assert len(few) == len(many)
    assert count_for_you(marek) == before + 4

    for stage in ("review", "acceptance"):
        engagement.give(done, stage, by=marek)
    engagement.give(ready, "planning", by=marek)
    assert {row.number for row in for_you(marek).to_word}.isdisjoint({done.number, ready.number, unready.number})
    assert "" in {row.asked for row in for_you(ines).to_accept}
    browser.force_login(ines)
    page = browser.get(reverse("backlog:item", args=["PAY", done.number])).content.decode()
    assert reverse("backlog:item-accept", args=["PAY", done.number]) in page


def test_a_list_shows_the_level(payments, payouts, ines, marek):
    components.edit(payouts, by=ines, engagement="architectural")
    story(payments, ines, component=payouts)
    story(payments, ines)
    browser = Client()
    browser.force_login(marek)
    assert browser.get(reverse("backlog:backlog", args=["PAY"])).content.decode().count(">Architectural<") == 1
    assert [row.level_label for row in backlog_page(payments, ines).rows] == ["Architectural", ""]


def test_programs_give_the_word_too(payments, payouts, ines, marek, dev):
    item = finished(story(payments, ines, component=payouts, engagement="architectural"), dev)
    url = f"/api/v1/products/PAY/items/{item.number}"
    owner, technical_owner = Client(), Client()
    owner.force_login(ines)
    technical_owner.force_login(marek)

    refused = owner.post(f"{url}/accept", content_type="application/json")
    assert (refused.status_code, refused.json()["code"], refused.json()["asked"]) == (409, "word_missing", [marek.pk])
    words = {"text": "It holds at ten times the load"}
    given = technical_owner.put(f"{url}/engagement/acceptance", words, content_type="application/json").json()
    assert (given["level"], given["source"]) == ("architectural", "the item itself")
    assert given["asked"] == [{"id": marek.pk, "name": "Marek Osei"}]
    assert [(stage["is_due"], bool(stage["word"])) for stage in given["stages"]] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert technical_owner.put(f"{url}/engagement/lunch", words, content_type="application/json").status_code == 422
    accepted = owner.post(f"{url}/accept", content_type="application/json").json()
    assert (accepted["status"], accepted["engagement"], accepted["engagement_level"]) == (
        "accepted",
        "architectural",
        "architectural",
    )
    plain = story(payments, ines)
    nothing = owner.get(f"/api/v1/products/PAY/items/{plain.number}/engagement").json()
    assert nothing == {"level": "", "source": "", "asked": [], "stages": []}
