"""Releases: set up, filled, handed out; and the fix versions of an import."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from accounts.models import User
from backlog.actions import dependencies, goals, importing, items
from backlog.models import Item
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event, OutboxMessage
from roadmap import tasks
from roadmap.actions import forecasts, releases
from roadmap.models import Release, ReleaseItem
from roadmap.queries.roadmap_page import Dates, Needed, release_page, roadmap_page
from tests import factories
from tests.roadmap.pasts import TODAY, finish

pytestmark = pytest.mark.usefixtures("own_media")


@pytest.fixture
def release(payments, ines):
    return releases.create(payments, name="2.0", target_on=TODAY + timedelta(weeks=6), by=ines)


def contents(release):
    return set(ReleaseItem.objects.filter(release=release, is_in=True).values_list("item", flat=True))


def test_a_release_is_filled_handed_out_and_taken_back(payments, ines, release):
    made = [factories.ItemFactory(product=payments) for _ in range(3)]
    releases.add(release, made, by=ines)
    releases.remove(release, made[:1], by=ines)
    assert contents(release) == {made[1].pk, made[2].pk}

    out = releases.release(release, by=ines)

    assert (out.released_by, out.version) == (ines, 2)
    for refused in (
        lambda: releases.release(release, by=ines),
        lambda: releases.add(release, made[:1], by=ines),
        lambda: releases.edit(release, name="2.1", by=ines),
    ):
        with pytest.raises(releases.AlreadyReleased):
            refused()
    releases.take_back(release, by=ines)
    releases.add(release, made[:1], by=ines)
    assert contents(release) == {item.pk for item in made}
    assert list(Event.objects.filter(name__startswith="release.").order_by("pk").values_list("name", flat=True)) == [
        "release.created",
        "release.items_added",
        "release.items_removed",
        "release.released",
        "release.taken_back",
        "release.items_added",
    ]


def test_what_a_release_refuses(payments, ines, mia, eve, release):
    foreign = factories.ItemFactory(product=factories.ProductFactory(organization=payments.organization))

    with pytest.raises(PermissionDenied):
        releases.create(payments, name="3.0", by=mia)
    with pytest.raises(releases.ReleaseNameTaken):
        releases.create(payments, name=" 2.0 ", by=ines)
    with pytest.raises(InvalidInput):
        releases.create(payments, name="  ", by=ines)
    with pytest.raises(PreconditionFailed):
        releases.edit(release, name="2.1", version=7, by=ines)
    with pytest.raises(releases.ForeignItems):
        releases.add(release, [foreign], by=ines)
    with pytest.raises(InvalidInput):
        releases.add(release, [], by=ines)
    assert releases.edit(release, name="2.1", version=1, by=ines).version == 2


def test_fix_versions_of_an_import_become_releases(payments, ines):
    file = ContentFile(
        b"Issue key,Issue Type,Status,Summary,Fix Version/s,Fix Version/s\n"
        b"OLD-1,Story,Open,One,1.0,2.0\nOLD-2,Story,Open,Two,1.0,\nOLD-3,Story,Open,Three,,\n"
        b"OLD-4,Story,Closed,Four,0.9,\n",
        name="jira.csv",
    )
    run = importing.upload(file, source="jira", organization=payments.organization, product=payments, by=ines)
    importing.start(run, by=ines)
    importing.apply(run, by=ines)
    message = OutboxMessage.objects.get(topic="roadmap.tasks.take_over_fix_versions")

    tasks.take_over_fix_versions.run(**message.payload)

    first, second, _, fourth = Item.objects.filter(source_keys__source="jira").order_by("source_keys__key")
    made = {release.name: contents(release) for release in Release.objects.filter(product=payments)}
    assert made == {"0.9": {fourth.pk}, "1.0": {first.pk, second.pk}, "2.0": {first.pk}}
    assert list(Release.objects.exclude(released_at=None).values_list("name", "released_at")) == [
        ("0.9", fourth.done_at)
    ]
    # Again changes nothing; what somebody took out stays out.
    releases.remove(Release.objects.get(name="1.0"), [second], by=ines)
    assert releases.take_over_fix_versions(payments, by=User.objects.service("imports")) == []
    assert contents(Release.objects.get(name="1.0")) == {first.pk}


@pytest.fixture
def dated(payments, ines, release):
    """A release of three items, one of which needs another and has a question; forecast twice, a week apart."""
    goal = goals.create(payments, title="Instant payouts", by=ines)
    finish(payments, [2] * 12)
    rows = [{"title": f"Item {n}", "kind": "functional", "type": "story", "goal": goal} for n in range(3)]
    made = items.create_many(payments, rows, by=ines)
    releases.add(release, made, by=ines)
    needed = items.create(payments, title="Needed", kind="technical", type="enabler", by=ines)
    dependencies.add(needed, made[2], by=ines)
    for weeks in (1, 0):
        forecasts.record(payments, on=TODAY - timedelta(weeks=weeks), by=ines)
    return made, needed


def test_the_page_dates_goals_and_releases_and_names_what_is_in_the_way(payments, ines, mia, release, dated):
    made, needed = dated

    page = roadmap_page(payments, ines, today=TODAY)

    (goal,), (planned,) = page.goals, page.releases
    assert (goal.title, goal.open_count, goal.unestimated_count) == ("Instant payouts", 3, 3)
    assert goal.needed == (Needed(f"PAY-{needed.number}", "PAY", needed.number),)
    assert isinstance(goal.dates, Dates)
    assert goal.dates.date_50 <= goal.dates.date_85 <= goal.dates.date_95
    assert (goal.dates.moved_days, goal.dates.moved_since) == (7, TODAY - timedelta(weeks=1))
    assert planned.dates == goal.dates
    assert planned.target_percent == 95
    assert page.lacking == ()
    Item.objects.filter(pk__in=[needed.pk, made[0].pk]).update(is_restricted=True)
    (seen,) = roadmap_page(payments, mia, today=TODAY).goals
    assert (seen.open_count, seen.needed) == (2, ())
    assert len(release_page(payments, release, mia, today=TODAY).rows) == 2


def test_the_pages_take_as_many_statements_for_three_as_for_one(
    payments, ines, release, dated, django_assert_num_queries
):
    for round in range(2):
        with django_assert_num_queries(16):
            roadmap_page(payments, ines, today=TODAY)
        with django_assert_num_queries(8):
            release_page(payments, release, ines, today=TODAY)
        for name in ("a", "b"):
            more = factories.ItemFactory(product=payments, goal=goals.create(payments, title=f"{name}{round}", by=ines))
            releases.add(releases.create(payments, name=f"{name}{round}", by=ines), [more], by=ines)
            releases.add(release, [more], by=ines)
