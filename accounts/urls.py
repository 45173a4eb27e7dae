"""Pages of the app."""

from django.urls import include, path

from accounts.views import invitations, members, organizations, preferences, profile, teams

app_name = "accounts"

_members = [
    path("", members.page, name="members"),
    path("invite/", members.invite, name="invite"),
    path("<int:user_id>/role/", members.change_role, name="member-role"),
    path("<int:user_id>/deactivate/", members.deactivate, name="member-deactivate"),
    path("<int:user_id>/reactivate/", members.reactivate, name="member-reactivate"),
    path("invitations/<int:invitation_id>/resend/", members.resend, name="invitation-resend"),
    path("invitations/<int:invitation_id>/revoke/", members.revoke, name="invitation-revoke"),
]
_teams = [
    path("", teams.page, name="teams"),
    path("create/", teams.create, name="team-create"),
    path("<int:team_id>/rename/", teams.rename, name="team-rename"),
    path("<int:team_id>/archive/", teams.archive, name="team-archive"),
    path("<int:team_id>/restore/", teams.restore, name="team-restore"),
    path("<int:team_id>/members/", teams.add_member, name="team-member-add"),
    path("<int:team_id>/members/<int:user_id>/role/", teams.change_role, name="team-member-role"),
    path("<int:team_id>/members/<int:user_id>/remove/", teams.remove_member, name="team-member-remove"),
]

urlpatterns = [
    path("welcome/", organizations.first_run, name="first-run"),
    path("invitations/accept/", invitations.accept, name="invitation-accept"),
    path("invitations/<str:token>/", invitations.open_link, name="invitation-open"),
    path("organizations/<slug:organization_slug>/", organizations.settings, name="organization"),
    path("organizations/<slug:organization_slug>/members/", include(_members)),
    path("organizations/<slug:organization_slug>/teams/", include(_teams)),
    path("profile/", profile.page, name="profile"),
    path("profile/theme/", profile.theme, name="theme"),
    path("profile/plain/", profile.plain, name="plain"),
    path("profile/mails/", preferences.choose, name="mail-preferences"),
    path("mails/stop/<str:token>/", preferences.unsubscribe, name="unsubscribe"),
    path("profile/sessions/end/", profile.end_sessions, name="sessions-end"),
    path("profile/tokens/create/", profile.create_token, name="token-create"),
    path("profile/tokens/<int:token_id>/revoke/", profile.revoke_token, name="token-revoke"),
]
