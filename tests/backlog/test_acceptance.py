"""Acceptance: criteria with their evidence, the technical owner's word, and how it all came to be."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import attachments, built_checks, criteria, done_checks, items, life_cycle, products
from backlog.queries.acceptance import acceptance_page
from backlog.queries.chain import chain
from backlog.queries.for_you import count_for_you
from backlog.queries.item_page import item_page
from core.errors import InvalidInput
from tests.backlog.test_permissions import lend

pytestmark = pytest.mark.usefixtures("own_media")


def done(product, component, ines, marek, kind="technical", type="debt"):
    item = items.propose(
        product, by=marek, title="Ledger", kind=kind, type=type, component=component, criteria=["Fast"]
    )
    life_cycle.accept_proposal(item, by=ines)
    life_cycle.begin(item, by=marek)
    return life_cycle.finish(item, by=marek)


def test_a_criterion_is_met_with_evidence(payments, payouts, ines, marek, stan):
    item = done(payments, payouts, ines, marek)
    criterion = item.criteria.get()
    file = attachments.add(item, ContentFile(b"30 ms", name="run.txt"), "run.txt", by=marek)
    elsewhere = items.create(payments, by=ines, title="Other", kind="functional", type="story")
    strange = attachments.add(elsewhere, ContentFile(b"x", name="x.txt"), "x.txt", by=marek)

    for wrong in ({}, {"url": "ftp://example.org/run"}, {"attachment": strange}):
        with pytest.raises(InvalidInput):
            criteria.prove(criterion, by=marek, **wrong)
    with pytest.raises(PermissionDenied):
        criteria.prove(criterion, by=stan, note="Seen")
    criteria.prove(criterion, by=marek, note="30 ms", url="https://example.org/run", attachment=file)

    criterion.refresh_from_db()
    assert criterion.met_by == marek
    (row,) = acceptance_page(ines).to_accept
    (piece,) = row.criteria[0].evidence.all()
    assert (row.met, piece.note, piece.attachment, str(piece)) == (1, "30 ms", file, "30 ms")


def test_the_definition_of_done_is_ticked_line_by_line(payments, payouts, ines, marek, dev, stan, client):
    lines = {"technical": [{"key": "reviewed", "label": "Reviewed"}, {"key": "tested", "label": "Tests pass"}]}
    lines["spike"] = [{"key": "told", "label": "The answer is told"}]
    products.edit(payments, by=ines, definition_of_done=lines)
    item = done(payments, payouts, ines, marek)
    spike = items.create(payments, by=ines, title="Which", kind="technical", type="spike")
    page, api = f"/products/PAY/items/{item.number}/", f"/api/v1/products/PAY/items/{item.number}/done"

    with pytest.raises(PermissionDenied):
        done_checks.tick(item, "tested", by=stan)
    for wrong, key in ((item, "told"), (item, "nothing"), (spike, "tested")):
        with pytest.raises(InvalidInput):
            done_checks.tick(wrong, key, by=dev)
    client.force_login(dev)
    assert 'Definition of Done <span class="count">0 of 2</span>' in client.get(page).content.decode()
    client.post(f"{page}done/tested/tick/")
    client.post(f"{page}done/tested/tick/")

    assert [(one["key"], one["by"] and one["by"]["id"]) for one in client.get(api).json()] == [
        ("reviewed", None),
        ("tested", dev.pk),
    ]
    text = client.get(page).content.decode()
    assert "1 of 2</span>" in text
    assert text.count("ticked a line of the Definition of Done") == 1
    (row,) = acceptance_page(ines).to_accept
    assert [(line.label, line.by) for line in row.done] == [("Reviewed", None), ("Tests pass", dev)]
    assert [line.key for line in item_page(spike, ines, today=date(2026, 3, 2)).done] == ["told"]

    assert client.delete(f"{api}/tested").json()[1]["by"] is None
    assert acceptance_page(ines).to_accept[0].done_count == 0


def test_the_technical_owner_accepts_for_the_product_owner_and_the_chain_says_so(payments, payouts, ines, marek):
    item = done(payments, payouts, ines, marek)
    assert acceptance_page(marek).to_accept == ()
    lend(payouts, "accept", to=marek, by=ines)
    assert len(acceptance_page(marek).to_accept) == 1

    life_cycle.accept(item, by=marek)

    stages = {stage.title: [(link.by, link.words, link.on_behalf_of) for link in stage.links] for stage in chain(item)}
    assert stages == {
        "Proposed": [("Marek Osei", "proposed it", "")],
        "In the backlog": [("Ines Falkner", "took it into the order", "")],
        "Built": [("Marek Osei", "began", ""), ("Marek Osei", "finished it", "")],
        "Accepted": [("Marek Osei", "accepted it", "Ines Falkner")],
    }


def test_the_word_of_a_technical_owner_is_advice_until_the_next_time(payments, payouts, ines, marek, dev):
    item = done(payments, payouts, ines, marek, "functional", "story")
    assert [row.item for row in acceptance_page(marek).to_check] == [item]
    assert count_for_you(marek) == 2

    with pytest.raises(PermissionDenied):
        built_checks.say(item, True, by=dev)
    with pytest.raises(InvalidInput):
        built_checks.say(item, False, by=marek)
    built_checks.say(item, False, by=marek, note="It calls the ledger twice")

    assert acceptance_page(marek).to_check == ()
    (row,) = acceptance_page(ines).to_accept
    assert [(check.is_as_meant, check.note) for check in row.checks] == [(False, "It calls the ledger twice")]
    life_cycle.send_back(item, by=ines, reason="Once is enough")
    with pytest.raises(life_cycle.WrongStatus):
        built_checks.say(item, True, by=marek)
    life_cycle.finish(item, by=dev)
    (row,) = acceptance_page(ines).to_accept
    assert (row.checks, len(acceptance_page(marek).to_check)) == ((), 1)
    built_checks.say(item, True, by=marek)
    life_cycle.accept(item, by=ines)


def test_the_page_shows_all_that_waits_in_as_many_statements(payments, payouts, ines, marek):
    browser, url = Client(), reverse("backlog:acceptance")
    browser.force_login(ines)
    for item in (done(payments, payouts, ines, marek),):
        criteria.prove(item.criteria.get(), by=marek, note="Seen")
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for _ in range(2):
        criteria.prove(done(payments, payouts, ines, marek).criteria.get(), by=marek, note="Seen")

    with CaptureQueriesContext(connection) as many:
        page = browser.get(url).content.decode()

    assert len(few) == len(many)
    assert page.count('class="for-you__row"') == 3
