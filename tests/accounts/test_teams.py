"""Making teams, and choosing who is in them."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions import members, teams
from accounts.models import TeamMembership
from core.models import Event


def test_the_admin_makes_a_team(organization, ada, recorded):
    team = teams.create(organization, name="Heron", by=ada)

    assert (team.organization, team.name) == (organization, "Heron")
    assert recorded(team) == ["team.created"]


def test_two_teams_of_an_organization_differ_in_name(organization, kestrel, ada):
    heron = teams.create(organization, name="Heron", by=ada)

    with pytest.raises(teams.NameTaken):
        teams.create(organization, name="kestrel", by=ada)
    with pytest.raises(teams.NameTaken):
        teams.rename(heron, name="Kestrel", by=ada)


def test_a_team_is_renamed(kestrel, ada, recorded):
    team = teams.rename(kestrel, name="KESTREL", by=ada)

    assert team.name == "KESTREL"
    assert recorded(kestrel) == ["team.renamed"]


def test_an_archived_team_comes_back_with_its_people(kestrel, dev, ada, recorded):
    archived = teams.archive(kestrel, by=ada)
    with pytest.raises(teams.Archived):
        teams.archive(archived, by=ada)
    with pytest.raises(teams.Archived):
        teams.add_member(archived, ada, by=ada)

    restored = teams.restore(archived, by=ada)

    assert restored.archived_at is None
    assert [place.user for place in restored.memberships.all()] == [dev]
    assert recorded(kestrel) == ["team.archived", "team.restored"]


def test_a_member_joins_changes_and_leaves_a_team(kestrel, ada, ines, recorded):
    teams.add_member(kestrel, ines, by=ada)
    teams.change_role(kestrel, ines, role="scrum_master", by=ada)
    assert TeamMembership.objects.get(team=kestrel, user=ines).role == "scrum_master"

    teams.remove_member(kestrel, ines, by=ada)

    assert not kestrel.memberships.exists()
    assert recorded(kestrel) == ["team.member_added", "team.role_changed", "team.member_removed"]


def test_only_active_members_join_a_team(kestrel, ada, dev, eve, ines, membership_of):
    members.deactivate(membership_of(ines), by=ada)

    for stranger in (eve, ines):
        with pytest.raises(teams.NotMember):
            teams.add_member(kestrel, stranger, by=ada)
    with pytest.raises(teams.AlreadyInTeam):
        teams.add_member(kestrel, dev, by=ada)
    with pytest.raises(teams.NotInTeam):
        teams.remove_member(kestrel, eve, by=ada)


@pytest.mark.parametrize("person", ["ines", "marek", "mia", "dev", "stan", "eve"])
def test_nobody_else_manages_teams(organization, kestrel, dev, person, request):
    other = request.getfixturevalue(person)

    for act in (
        lambda: teams.create(organization, name="Heron", by=other),
        lambda: teams.rename(kestrel, name="Heron", by=other),
        lambda: teams.archive(kestrel, by=other),
        lambda: teams.restore(kestrel, by=other),
        lambda: teams.add_member(kestrel, other, by=other),
        lambda: teams.change_role(kestrel, dev, role="scrum_master", by=other),
        lambda: teams.remove_member(kestrel, dev, by=other),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert not Event.objects.exists()
