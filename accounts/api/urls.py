"""Routes of the app in the REST API."""

from django.urls import path

from accounts.api.mails import Mails
from accounts.api.me import Me
from accounts.api.people import People
from accounts.api.teams import Team, TeamMember, TeamMembers, Teams

urlpatterns = [
    path("me", Me.as_view({"get": "retrieve"}), name="me"),
    path("me/mails", Mails.as_view({"get": "retrieve", "patch": "partial_update"}), name="mails"),
    path("people", People.as_view(), name="people"),
    path("teams", Teams.as_view(), name="teams"),
    path("teams/<int:team_id>", Team.as_view(), name="team"),
    path("teams/<int:team_id>/members", TeamMembers.as_view(), name="team-members"),
    path("teams/<int:team_id>/members/<int:user_id>", TeamMember.as_view(), name="team-member"),
]
