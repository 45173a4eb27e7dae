"""The pages of sprints."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import life_cycle
from backlog.models import Item
from sprints.actions import sprints
from sprints.models import Sprint, SprintItem
from sprints.queries.debt_share import debt_share
from sprints.queries.sprint_lists import working_days
from tests import factories
from tests.sprints.test_velocity import close_sprint

LIST = "/products/PAY/sprints/"
DAYS = {"starts_on": "2026-03-02", "ends_on": "2026-03-13"}


@pytest.fixture
def browse(db):
    """A signed-in client: browse(mia)."""

    def browse(user):
        client = Client()
        client.force_login(user)
        return client

    return browse


@pytest.fixture
def three(payments):
    return [factories.ItemFactory(product=payments, title=f"Item {name}", points=3) for name in "ABC"]


@pytest.fixture
def sprint(kestrel, payments, mia, three):
    return sprints.plan(kestrel, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 13), by=mia, goal="Paid at once")


def url(name, *arguments):
    return reverse(f"sprints:{name}", args=["PAY", *arguments])


@pytest.mark.parametrize(
    ("person", "status"), [("ines", 200), ("marek", 200), ("mia", 200), ("dev", 200), ("stan", 403), ("eve", 404)]
)
def test_who_works_on_the_product_sees_its_sprints(browse, sprint, person, status, request):
    client = browse(request.getfixturevalue(person))

    for path in (LIST, url("active"), url("sprint", sprint.pk)):
        assert client.get(path).status_code == status, path


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_day_of_a_sprint_is_the_organizations(browse, organization, mia, sprint, zone):
    """At no moment is it the same day in both zones."""
    organization.time_zone = zone
    organization.save()
    today = datetime.now(ZoneInfo(zone)).date()
    sprint.starts_on, sprint.ends_on = today - timedelta(days=7), today + timedelta(days=7)
    sprint.save()
    sprints.start(sprint, by=mia)
    client = browse(mia)

    [(team, _)] = client.get(LIST).context["teams"]

    assert team.active[0].day == working_days(sprint.starts_on, today)
    assert team.active[0].day == client.get(url("sprint", sprint.pk)).context["view"].day


def test_the_list_leads_only_where_one_may_go(browse, payments, sprint, dev, ines):
    heron = factories.TeamFactory(organization=payments.organization, name="Heron")
    payments.team_links.create(team=heron, organization=payments.organization)
    other = sprints.plan(heron, starts_on=date(2031, 6, 2), ends_on=date(2031, 6, 13), by=ines)
    own_page, other_page = url("sprint", sprint.pk), url("sprint", other.pk)

    seen, client = browse(dev).get(LIST).content.decode(), browse(dev)
    assert own_page in seen and other_page not in seen and "Its boards are open to the team" in seen
    assert client.get(own_page).status_code == 200 and client.get(other_page).status_code == 403
    assert other_page in browse(ines).get(LIST).content.decode()


def test_the_list_takes_as_many_statements_for_three_teams(browse, payments, kestrel, sprint, mia, ines):
    client = browse(ines)
    close_sprint(kestrel, mia, 7, 20)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for name in ("Heron", "Osprey"):
        team = factories.TeamFactory(organization=payments.organization, name=name)
        payments.team_links.create(team=team, organization=payments.organization)
        close_sprint(team, mia, 1, 8)
        sprints.plan(team, starts_on=date(2031, 6, 2), ends_on=date(2031, 6, 13), by=ines)

    with CaptureQueriesContext(connection) as three:
        response = client.get(LIST)

    assert len(three) == len(one)
    assert [(team.team.name, len(team.closed), len(team.planned)) for team, _ in response.context["teams"]] == [
        ("Heron", 1, 1),
        ("Kestrel", 1, 1),
        ("Osprey", 1, 1),
    ]


def test_a_sprint_is_planned_filled_started_and_closed(browse, payments, kestrel, mia, three):
    client = browse(mia)
    client.post(url("sprint-plan", kestrel.pk), DAYS | {"goal": "Paid at once", "capacity_points": "20"})
    sprint = Sprint.objects.get()
    client.post(url("sprint-add", sprint.pk), {"keys": "PAY-1, 2"})
    client.post(url("sprint-start", sprint.pk))
    life_cycle.begin(three[0], by=mia)
    life_cycle.finish(three[0], by=mia)
    view = client.get(url("sprint", sprint.pk)).context["view"]
    assert (view.done, view.board.points) == (3, 6)
    assert [card.key for card in view.unfinished] == ["PAY-2"]

    client.post(url("sprint-close", sprint.pk), {f"outcome-{three[1].pk}": "returned"})

    sprint.refresh_from_db()
    assert (sprint.status, sprint.delivered_points) == ("closed", 3)
    (team,) = [one for one, _ in client.get(LIST).context["teams"]]
    assert [(bar.label, bar.points, bar.committed) for bar in team.bars] == [("Sprint 1", 3, 6)]
    assert team.typical is None


def test_what_closed_sprints_delivered_keeps_its_shares(browse, payments, mia, ines, sprint, three):
    Item.objects.filter(pk=three[0].pk).update(kind="technical", type="debt")
    Item.objects.filter(pk=three[1].pk).update(kind="technical", type="enabler")
    assert debt_share(payments, ines) is None
    sprints.add(sprint, three, by=mia)
    sprints.start(sprint, by=mia)
    for item in three:
        life_cycle.begin(item, by=mia)
        life_cycle.finish(item, by=mia)
    sprints.close(sprint, {}, by=mia)

    Item.objects.filter(pk=three[0].pk).update(points=30)

    payments.debt_share = 20
    payments.save()
    share = debt_share(payments, ines)
    assert share.verdict.sentence == "Closed sprints delivered 33 % debt: more than the 20 % that are agreed."
    assert (share.debt, share.technical, len(share.sprints)) == (33, 67, 1)
    assert share.verdict.sentence in browse(ines).get(url("debt-share")).content.decode()


def test_unfinished_items_are_carried_into_the_next_sprint(browse, kestrel, mia, sprint, three):
    following = sprints.plan(kestrel, starts_on=date(2026, 3, 16), ends_on=date(2026, 3, 27), by=mia)
    sprints.add(sprint, [three[0]], by=mia)
    sprints.start(sprint, by=mia)

    browse(mia).post(url("sprint-close", sprint.pk), {f"outcome-{three[0].pk}": "carried_over", "into": following.pk})

    assert SprintItem.objects.get(outcome="").sprint == following


def test_closing_without_an_answer_is_refused(browse, mia, sprint, three):
    sprints.add(sprint, [three[0]], by=mia)
    sprints.start(sprint, by=mia)

    response = browse(mia).post(url("sprint-close", sprint.pk), headers={"HX-Request": "true"})

    assert response.status_code == 422
    assert "unfinished item" in response["HX-Trigger"]


def test_days_the_wrong_way_round_are_told_at_their_field(browse, kestrel, mia, payments):
    sent = {"starts_on": "2026-03-13", "ends_on": "2026-03-02"}

    response = browse(mia).post(url("sprint-plan", kestrel.pk), sent)

    assert response.status_code == 422
    assert "A sprint ends after it starts." in response.content.decode()


def test_goal_and_capacity_are_changed(browse, mia, sprint):
    browse(mia).post(url("sprint-edit", sprint.pk), DAYS | {"goal": "Paid in 10 s", "capacity_points": "18"})

    sprint.refresh_from_db()
    assert (sprint.goal, sprint.capacity_points) == ("Paid in 10 s", 18)


def test_an_item_is_taken_out_again(browse, mia, sprint, three):
    sprints.add(sprint, three, by=mia)

    browse(mia).post(url("sprint-remove", sprint.pk), {"keys": "PAY-2"})

    assert SprintItem.objects.filter(outcome="").count() == 2


@pytest.mark.parametrize(("person", "status"), [("dev", 403), ("stan", 403), ("eve", 404)])
def test_others_plan_and_start_nothing(browse, kestrel, sprint, person, status, request):
    client = browse(request.getfixturevalue(person))

    assert client.post(url("sprint-start", sprint.pk)).status_code == status
    assert client.post(url("sprint-plan", kestrel.pk), DAYS).status_code == status
    assert Sprint.objects.get().status == "planned"


def test_the_pages_take_as_many_statements_for_three_items_as_for_one(browse, mia, sprint, three):
    client = browse(mia)
    sprints.add(sprint, three[:1], by=mia)
    counts = {}
    for path in (LIST, url("active"), url("sprint", sprint.pk)):
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts[path] = len(captured)
    sprints.add(sprint, three[1:], by=mia)

    for path, few in counts.items():
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        assert len(captured) == few, path
