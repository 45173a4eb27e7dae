"""What a team has delivered."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sprints.models import Sprint
from sprints.queries.velocity import SprintVelocity, Velocity, velocity
from tests import factories


def close_sprint(team, user, number, points):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=14 * number)
    Sprint.objects.create(
        organization=team.organization,
        team=team,
        number=number,
        starts_on=at.date() - timedelta(days=13),
        ends_on=at.date(),
        status="closed",
        committed_points=points + 2,
        delivered_points=points,
        started_at=at - timedelta(days=13),
        started_by=user,
        closed_at=at,
        closed_by=user,
    )


def test_a_team_without_closed_sprints_has_no_velocity(kestrel):
    assert velocity(kestrel) == Velocity(sprints=(), least=None, median=None, mean=None, most=None)


def test_velocity_spreads_over_the_last_eight_closed_sprints(kestrel, mia, django_assert_num_queries):
    for number, points in enumerate((99, 1, 2, 3, 4, 5, 6, 7, 16), 1):
        close_sprint(kestrel, mia, number, points)
    close_sprint(factories.TeamFactory(organization=kestrel.organization), mia, 1, 50)

    with django_assert_num_queries(1):
        found = velocity(kestrel)

    assert [sprint.number for sprint in found.sprints] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert found.sprints[0] == SprintVelocity(2, date(2026, 1, 29), Decimal(3), Decimal(1))
    assert (found.least, found.median, found.mean, found.most) == (1, Decimal("4.5"), Decimal("5.5"), 16)
