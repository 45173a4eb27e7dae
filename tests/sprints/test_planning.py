"""Planning a sprint: capacity, recommendation, reasons, goal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backlog.actions import dependencies, engagement, life_cycle, questions
from backlog.models import Notification
from core.models import Event, OutgoingMail
from sprints.actions import availability, sprints
from sprints.queries import left_out
from sprints.queries.capacity import capacity_of
from sprints.queries.plan_screen import plan_screen
from sprints.queries.team_view import board
from tests import factories
from tests.sprints.test_velocity import close_sprint


@pytest.fixture
def unhurried_product(payments):
    """Everything is ready, and any technical share will do."""
    payments.definition_of_ready = {
        kind: [{"key": "points", "label": "It has points", "rule": "is_estimated"}]
        for kind in ("functional", "technical")
    }
    payments.technical_share_min, payments.technical_share_max = 0, 100
    payments.save()
    return payments


@pytest.fixture
def history(kestrel, mia):
    """Eight sprints: 20 points, and a little around them."""
    for number, points in enumerate((20, 18, 22, 20, 19, 21, 20, 20), 1):
        close_sprint(kestrel, mia, number, points)


@pytest.fixture
def sprint(kestrel, unhurried_product, mia):
    return sprints.plan(kestrel, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 12), by=mia)


def items(product, *points, **values):
    return [
        factories.ItemFactory(product=product, points=size, checks_met=1, checks_total=1, **values) for size in points
    ]


def screen_of(sprint, user):
    sprint.refresh_from_db()
    return plan_screen(sprint.team.product_links.get().product, sprint, user, now=timezone.now())


def test_without_history_the_typed_capacity_counts(sprint, mia, unhurried_product):
    items(unhurried_product, 3, 5)
    assert (screen_of(sprint, mia).commit_ids, screen_of(sprint, mia).capacity.limit) == ((), None)

    sprints.edit(sprint, by=mia, capacity_points=Decimal(6))

    screen = screen_of(sprint, mia)
    assert (screen.capacity.limit, len(screen.commit_ids), screen.chance) == (6, 1, None)


def test_with_history_no_capacity_is_typed(history, sprint, mia):
    with pytest.raises(sprints.CapacityKnown):
        sprints.edit(sprint, by=mia, capacity_points=Decimal(40))

    assert sprints.start(sprint, by=mia).capacity_points == Decimal("20.0")


def test_absence_and_focus_lower_the_capacity(history, sprint, mia, dev, kestrel):
    full = capacity_of(sprint)
    availability.set_focus(kestrel, dev, 50, by=dev)
    availability.add_absence(kestrel, mia, starts_on=date(2026, 6, 5), ends_on=date(2026, 6, 8), by=mia)

    less = capacity_of(sprint)

    # 10 days at 100 % and 10 at 50 %; two days of the first are gone.
    assert (full.availability, round(less.availability, 4)) == (1, round(13 / 15, 4))
    assert less.stretch == round(full.stretch * Decimal(13 / 15), 1)
    assert less.away_points == pytest.approx(full.stretch - less.stretch, abs=Decimal("0.1"))
    assert {(person.name, person.present, person.percent) for person in less.people} == {
        ("Mia Dahl", 8, 100),
        ("Dev Patel", 10, 50),
    }


def test_an_absence_in_the_running_sprint_is_a_change_of_its_capacity(history, sprint, mia, dev, kestrel):
    sprints.start(sprint, by=mia)

    absence = availability.add_absence(kestrel, dev, starts_on=date(2026, 6, 11), ends_on=date(2026, 6, 12), by=mia)

    sprint.refresh_from_db()
    assert (sprint.capacity_points, sprint.availability) == (Decimal("18.00"), Decimal("0.900"))
    event = Event.objects.get(name="sprint.capacity_changed")
    assert event.data == {
        "changes": {"capacity_points": ["20.00", "18.0"]},
        "reason": "Dev Patel is away from 11 to 12 Jun",
    }
    availability.remove_absence(absence, by=mia)
    sprint.refresh_from_db()
    assert sprint.capacity_points == 20


def test_a_past_sprint_with_absences_does_not_make_the_team_slow(kestrel, history, sprint, mia):
    last = kestrel.sprints.closed().order_by("-number").first()
    last.availability, last.delivered_points = Decimal("0.5"), 10
    last.save()

    assert capacity_of(sprint).past[-1] == 20


def test_the_recommendation_follows_the_order_up_to_the_lines(history, sprint, mia, unhurried_product):
    made = items(unhurried_product, 8, 8, 8, 3, 1)

    screen = screen_of(sprint, mia)

    # 85 % of the time the team reaches a little below 19: 8 + 8, then what still fits below them.
    assert screen.capacity.commit < 19
    assert set(screen.commit_ids) == {made[0].pk, made[1].pk, made[4].pk}
    assert set(screen.stretch_ids) - set(screen.commit_ids) == {made[3].pk}
    whys = {row.candidate.id: row.why for row in screen.candidates}
    assert whys[made[0].pk] == ""
    assert whys[made[2].pk] == "It fits, and stands below what is recommended."


def test_what_is_left_out_says_why(history, sprint, mia, ines, unhurried_product):
    first, second, third, asked, bare, needy, large = items(unhurried_product, 8, 8, 3, 2, None, 2, 40)
    questions.ask(asked, "Which bank?", by=mia, at=timezone.now() - timedelta(days=4, hours=1))
    dependencies.add(third, needy, by=ines)
    sprints.add(sprint, [first, second], by=mia)

    rows = {row.candidate.id: row for row in screen_of(sprint, mia).candidates}

    assert rows[asked.pk].why == "A question is open for 4 days."
    assert rows[bare.pk].why == "Not ready. Missing: it has points."
    assert rows[needy.pk].why == f"Needs {third.key}, which is not in this sprint."
    assert rows[needy.pk].change == f"With {third.key} it takes 5 points; 4 points left."
    assert rows[large.pk].why == "40 points, and the sprint holds 20 points."
    four = items(unhurried_product, 5)[0]
    row = next(row for row in screen_of(sprint, mia).candidates if row.candidate.id == four.pk)
    assert (row.why, row.change, row.swap_key) == (
        "5 points, 4 points left.",
        f"It fits if {second.key} (8 points) comes out.",
        second.key,
    )
    sprints.swap(sprint, [four], out=[second], by=mia)
    assert {row.candidate.id for row in screen_of(sprint, mia).rows} == {first.pk, four.pk}


def test_architectural_work_waits_for_a_technical_owners_word(
    history, sprint, mia, ines, marek, payouts, unhurried_product, client
):
    waits, needs_it, plain = items(unhurried_product, 3, 2, 5)
    dependencies.add(waits, needs_it, by=ines)
    type(waits).objects.filter(pk=waits.pk).update(component=payouts, engagement="architectural")

    screen = screen_of(sprint, mia)
    row = next(row for row in screen.candidates if row.candidate.id == waits.pk)
    assert (row.why, row.change) == (left_out.NEEDS_WORD, "Ask Marek Osei.")
    assert screen.commit_ids == (plain.pk,)
    assert screen_of(sprint, marek).candidates[0].change == "It is yours to give."

    # Whoever plans may overrule it; then it stays marked.
    sprints.add(sprint, [waits], by=mia)
    assert screen_of(sprint, mia).rows[0].candidate.asked == "Marek Osei"
    # He is told once of each stage.
    sprints.remove(sprint, [waits], by=mia)
    sprints.add(sprint, [waits], by=mia)
    told = Notification.objects.filter(user=marek, item=waits, kind="word_due")
    assert [row.by for row in told] == [mia]
    sprints.remove(sprint, [waits], by=mia)
    engagement.give(waits, "planning", by=marek)
    assert set(screen_of(sprint, mia).commit_ids) == {waits.pk, needs_it.pk, plain.pk}

    sprints.add(sprint, [waits], by=mia)
    sprints.start(sprint, by=mia)
    assert board(sprint, mia, now=timezone.now()).waiting == ()
    life_cycle.begin(waits, by=mia)
    life_cycle.finish(waits, by=mia)
    (waiting,) = board(sprint, marek, now=timezone.now()).waiting
    assert (waiting.card.words_missing, waiting.may_give) == (("Review", "Acceptance"), True)
    assert told.all().count() == 2
    planned, done = OutgoingMail.objects.filter(to=marek.email).order_by("pk")
    assert planned.subject == done.subject == f"{waits.key} needs your word: {waits.title}"
    assert "Mia Dahl took it into a sprint." in planned.text
    assert "Mia Dahl finished it." in done.html
    assert planned.unsubscribe_url in planned.text
    # Nobody else's word, and no word that is not missing.
    assert not Notification.objects.filter(kind="word_due").exclude(user=marek).exists()

    sprints.close(sprint, {}, by=mia)
    page = f"/products/{unhurried_product.key}/sprints/{sprint.pk}/"
    client.force_login(mia)
    lists = "Without the word they need at review"
    assert lists in client.get(page).content.decode()
    engagement.give(waits, "review", by=marek)
    assert lists not in client.get(page).content.decode()


def test_the_goal_has_a_chance_of_its_own(history, sprint, mia, ines, unhurried_product):
    first, second, third = items(unhurried_product, 8, 8, 6)
    dependencies.add(second, first, by=ines)
    sprints.add(sprint, [first, second, third], by=mia)

    sprints.choose_for_goal(sprint, [first], by=mia)

    screen = screen_of(sprint, mia)
    # The goal needs the second too, since the first does.
    assert (screen.points, screen.goal_points) == (22, 16)
    assert screen.chance.percent < 20 < 95 <= screen.goal_chance.percent
    with pytest.raises(sprints.NotInSprint):
        sprints.choose_for_goal(sprint, items(unhurried_product, 1), by=mia)


def test_another_teams_plan_holds_its_items(history, sprint, mia, ines, unhurried_product):
    heron = factories.TeamFactory(organization=unhurried_product.organization, name="Heron")
    factories.ProductTeamFactory(product=unhurried_product, team=heron)
    (item,) = items(unhurried_product, 3)
    theirs = sprints.plan(heron, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 12), by=ines)
    sprints.add(theirs, [item], by=ines)

    screen = plan_screen(unhurried_product, sprint, mia, now=timezone.now())

    assert [(row.why, row.line) for row in screen.candidates] == [("It is in Sprint 1 of Heron.", "")]
    with pytest.raises(sprints.InAnotherSprint):
        sprints.add(sprint, [item], by=ines)


def test_the_technical_share_against_what_is_agreed(history, sprint, mia, unhurried_product):
    unhurried_product.technical_share_min, unhurried_product.technical_share_max = 10, 30
    unhurried_product.save()
    story, debt, more = *items(unhurried_product, 8), *items(unhurried_product, 3, 5, kind="technical")
    sprints.add(sprint, [story, debt], by=mia)

    screen = screen_of(sprint, mia)

    assert (screen.technical_share, screen.is_share_outside) == (27, False)
    (row,) = screen.candidates
    assert row.why == "The technical share would be 50 %, above the agreed 30 %."
    sprints.add(sprint, [more], by=mia)
    assert screen_of(sprint, mia).is_share_outside


def test_planning_asks_as_much_for_many_as_for_one(history, sprint, mia, unhurried_product):
    def statements():
        with CaptureQueriesContext(connection) as asked:
            screen_of(sprint, mia)
        return len(asked)

    sprints.add(sprint, items(unhurried_product, 2), by=mia)
    items(unhurried_product, 1)
    few = statements()
    sprints.add(sprint, items(unhurried_product, 2, 2), by=mia)
    items(unhurried_product, 1, 1)

    assert statements() == few
