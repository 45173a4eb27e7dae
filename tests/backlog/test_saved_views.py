"""Filters that people keep by a name, and the page of tags."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import items, saved_views, tags
from backlog.models import SavedView, Tag
from backlog.queries.filter_language import FilterUnreadable
from core.errors import InvalidInput
from core.models import Event


def names(user):
    return sorted(SavedView.objects.visible_to(user).values_list("name", flat=True))


@pytest.fixture
def browse(client):
    def signed_in(person):
        client.force_login(person)
        return client

    return signed_in


def test_a_view_is_kept_for_oneself_or_for_all_who_read(payments, dev, mia, stan, eve):
    mine = saved_views.save(payments, name=" Not  ready ", filter="ready:no  AND kind:technical", by=dev)
    saved_views.save(payments, name="Debt", filter="type:debt", is_shared=True, by=mia)

    assert (mine.name, mine.filter) == ("Not ready", "ready:no kind:technical")
    assert Event.objects.filter(name="view.saved").count() == 2
    assert (names(dev), names(mia), names(eve)) == (["Debt", "Not ready"], ["Debt"], [])
    with pytest.raises(PermissionDenied):
        saved_views.save(payments, name="Mine", filter="ready:no", by=stan)


def test_a_name_stands_for_one_view(payments, dev, mia):
    saved_views.save(payments, name="Debt", filter="type:debt", is_shared=True, by=mia)
    own = saved_views.save(payments, name="debt", filter="type:debt", by=dev)

    for attempt in (
        lambda: saved_views.save(payments, name="DEBT", filter="type:debt", by=dev),
        lambda: saved_views.edit(own, is_shared=True, by=dev),
    ):
        with pytest.raises(saved_views.ViewNameTaken):
            attempt()


def test_what_can_not_be_read_is_not_kept(payments, dev):
    for filter, refusal in (("kind:", FilterUnreadable), ("needs:PAY-99", FilterUnreadable), (" ", InvalidInput)):
        with pytest.raises(refusal):
            saved_views.save(payments, name="View", filter=filter, by=dev)


def test_views_ask_for_a_tag_by_the_name_it_has_now(payments, dev, ines):
    items.create(payments, title="One", kind="functional", type="story", tags=["cards", "audit", "card"], by=ines)
    kept = 'Cards (tag:audit OR -tag:CARDS,"audit")'
    view = saved_views.save(payments, name="Cards", filter=kept, by=dev)
    other = saved_views.save(payments, name="Other", filter="tag:audit ready:no", by=dev)

    tags.rename(Tag.objects.get(name="cards"), "pay day", by=ines)
    view.refresh_from_db()
    assert (view.filter, view.version) == ('Cards (tag:audit OR -tag:"pay day","audit")', 2)

    tags.merge(Tag.objects.get(name="pay day"), Tag.objects.get(name="card"), by=ines)
    view.refresh_from_db()
    other.refresh_from_db()
    assert view.filter == 'Cards (tag:audit OR -tag:card,"audit")'
    assert (other.filter, other.version) == ("tag:audit ready:no", 1)


def test_its_maker_and_the_product_owner_manage_a_view(payments, dev, mia, ines):
    view = saved_views.save(payments, name="Debt", filter="type:debt", is_shared=True, by=dev)

    with pytest.raises(PermissionDenied):
        saved_views.edit(view, name="Mine", by=mia)
    view = saved_views.edit(view, name="Technical debt", by=ines)
    assert (view.name, view.version) == ("Technical debt", 2)
    saved_views.drop(view, by=dev)
    assert names(dev) == []
    again = saved_views.save(payments, name="Technical debt", filter="type:debt", by=dev)
    with pytest.raises(saved_views.ViewNameTaken):
        saved_views.restore(view, by=dev)
    saved_views.drop(again, by=dev)
    saved_views.restore(view, by=dev)
    assert names(mia) == ["Technical debt"]


def test_the_page_lists_the_views_and_changes_them(browse, payments, dev, ines):
    view = saved_views.save(payments, name="Debt", filter="type:debt", is_shared=True, by=dev)
    saved_views.save(payments, name="Own", filter="ready:no", by=ines)
    client, url = browse(ines), reverse("backlog:backlog", args=["PAY"])

    kept = client.get(url, {"filter": "type:debt"}).context["screen"].views
    assert [(each.name, each.by, each.is_current, each.may_manage) for each in kept] == [
        ("Own", "", False, True),
        ("Debt", "Dev Patel", True, True),
    ]
    answer = client.post(reverse("backlog:view-drop", args=["PAY", view.pk]), headers={"HX-Request": "true"})
    assert reverse("backlog:view-restore", args=["PAY", view.pk]) in answer["HX-Trigger"]
    client.post(reverse("backlog:view-restore", args=["PAY", view.pk]))
    client.post(reverse("backlog:view-edit", args=["PAY", view.pk]), {"is_shared": "no"})
    assert (names(ines), names(dev)) == (["Own"], ["Debt"])


def test_the_tags_page_counts_what_its_reader_sees(browse, payments, ines, dev):
    for title, kind in (("One", "debt"), ("Two", "debt"), ("Secret", "security")):
        items.create(payments, by=ines, title=title, kind="technical", type=kind, tags=["pay day"])
    items.edit(payments.items.get(title="Secret"), by=ines, is_restricted=True)
    items.create(payments, by=ines, title="Three", kind="technical", type="debt", tags=["audit"])
    tags.drop(Tag.objects.get(name="audit"), by=ines)
    url = reverse("backlog:tags", args=["PAY"])

    client = browse(dev)
    with CaptureQueriesContext(connection) as few:
        page = client.get(url).context["page"]
    # Counted now: the next request empties the log that this looks into.
    statements_of_few = len(few)
    assert [(tag.name, tag.open_count, tag.item_count, tag.filter) for tag in page.rows] == [
        ("pay day", 2, 2, 'tag:"pay day"')
    ]
    assert (page.gone, page.may_manage) == ((), False)
    page = browse(ines).get(url).context["page"]
    assert (page.rows[0].open_count, [gone.name for gone in page.gone], page.may_manage) == (3, ["audit"], True)

    items.create(payments, by=ines, title="Four", kind="technical", type="debt", tags=["b", "c"])
    client = browse(dev)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == statements_of_few
