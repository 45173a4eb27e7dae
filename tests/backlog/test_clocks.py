"""Whose clock a page tells the time by."""

from datetime import UTC, datetime

import pytest

from backlog.actions import comments, items
from backlog.models import Comment, Item
from backlog.queries import filters, lists
from backlog.queries.readers import reader

EVENING = datetime(2026, 1, 15, 20, 30, tzinfo=UTC)


@pytest.fixture
def far_away(payments):
    payments.organization.time_zone = "Pacific/Auckland"
    payments.organization.save()
    return payments


def test_pages_tell_the_organizations_time_and_the_api_utc(client, far_away, ines):
    item = items.create(far_away, by=ines, title="Pay at once", kind="functional", type="story")
    comments.add(item, "Seen.", by=ines)
    Comment.objects.update(at=EVENING)
    client.force_login(ines)

    page = client.get("/products/PAY/items/1/").content.decode()

    assert '<time datetime="2026-01-16T09:30:00+13:00">16 Jan 2026, 09:30</time>' in page
    assert client.get("/api/v1/products/PAY/items/1/comments").json()["results"][0]["at"] == "2026-01-15T20:30:00Z"


def test_a_filter_means_the_days_of_the_organization(far_away, ines):
    item = items.create(far_away, by=ines, title="Pay at once", kind="functional", type="story")
    Item.objects.filter(pk=item.pk).update(created_at=EVENING)

    def found(text):
        understood = filters.understand(far_away, reader(far_away, ines), text, named=Item.objects.readable_by(ines))
        return list(lists.matching(understood))

    assert found("created:2026-01-16") == [item.pk]
    assert found("created:2026-01-15") == []
