"""Where coming sprints end in the order."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from sprints.models import Sprint
from sprints.queries.lines import SprintLine, sprint_lines
from tests import factories

TODAY = date(2026, 3, 4)


def make_sprint(team, user, number, starts_on, status="closed", points=None):
    at = datetime.combine(starts_on, time(9), UTC)
    times = {"started_at": at, "started_by": user} if status != "planned" else {}
    if status == "closed":
        times |= {"closed_at": at + timedelta(days=12), "closed_by": user}
    return Sprint.objects.create(
        organization=team.organization,
        team=team,
        number=number,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=11),
        status=status,
        delivered_points=points,
        **times,
    )


@pytest.fixture
def heron(payments):
    team = factories.TeamFactory(organization=payments.organization, name="Heron")
    factories.ProductTeamFactory(product=payments, team=team)
    return team


@pytest.fixture
def closed(kestrel, mia):
    """Three sprints of Kestrel, of 30, 34 and 36 points; the fourth is running."""
    for number, points in enumerate((30, 34, 36), 1):
        make_sprint(kestrel, mia, number, date(2026, 1, 5) + timedelta(days=14 * number), points=points)
    make_sprint(kestrel, mia, 4, date(2026, 3, 2), "active")


def test_nothing_is_told_of_a_team_that_has_closed_no_sprint(payments, kestrel, mia):
    make_sprint(kestrel, mia, 1, date(2026, 3, 2), "active")

    assert sprint_lines(payments, today=TODAY) == ()


def test_sprints_follow_the_rhythm_with_the_median_of_what_was_delivered(payments, closed, django_assert_num_queries):
    with django_assert_num_queries(2):
        lines = sprint_lines(payments, today=TODAY)

    assert lines[:2] == (
        SprintLine("Sprint 5", date(2026, 3, 27), Decimal(34), False),
        SprintLine("Sprint 6", date(2026, 4, 10), Decimal(34), False),
    )
    assert len(lines) == 26


def test_a_planned_sprint_keeps_its_dates(payments, kestrel, mia, closed):
    make_sprint(kestrel, mia, 5, date(2026, 3, 23), "planned")

    lines = sprint_lines(payments, today=TODAY)

    assert lines[0] == SprintLine("Sprint 5", date(2026, 4, 3), Decimal(34), True)
    assert lines[1].label == "Sprint 6"
    assert lines[1].ends_on > date(2026, 4, 3)


def test_a_team_that_paused_takes_up_its_rhythm(payments, kestrel, mia):
    make_sprint(kestrel, mia, 7, date(2025, 6, 2), points=20)

    line = sprint_lines(payments, today=TODAY)[0]

    assert line.label == "Sprint 8"
    assert TODAY <= line.ends_on < TODAY + timedelta(days=14)


def test_teams_that_end_together_share_a_line(payments, heron, mia, closed):
    make_sprint(heron, mia, 3, date(2026, 2, 16), points=10)
    make_sprint(heron, mia, 4, date(2026, 3, 2), "active")

    assert sprint_lines(payments, today=TODAY)[0] == SprintLine("Sprint 5", date(2026, 3, 27), Decimal(44), False)


def test_teams_out_of_step_share_calendar_fortnights(payments, heron, mia, closed):
    make_sprint(heron, mia, 9, date(2026, 2, 9), points=14)

    lines = sprint_lines(payments, today=TODAY)

    assert [line.label for line in lines[:2]] == ["Calendar fortnight 1", "Calendar fortnight 2"]
    assert [line.ends_on for line in lines[:2]] == [date(2026, 3, 13), date(2026, 3, 27)]
    # Kestrel is busy with its sprint until the 13th; Heron delivers a point a day.
    assert [line.capacity for line in lines[:2]] == [Decimal(10), Decimal(48)]


def test_one_team_has_its_own_sprints(payments, heron, mia, closed):
    make_sprint(heron, mia, 9, date(2026, 2, 9), points=14)

    lines = sprint_lines(payments, today=TODAY, team_id=heron.pk)

    assert lines[0].label == "Sprint 10"
    assert lines[0].capacity == 14
