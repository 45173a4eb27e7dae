"""The pages of people and their belonging."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import invitations, members, tokens
from accounts.models import ApiToken, Invitation, Membership, Organization, Team, TeamMembership, User
from tests import factories

MEMBERS = "/organizations/northwind/members/"
TEAMS = "/organizations/northwind/teams/"
SETTINGS = "/organizations/northwind/"
PROFILE = "/profile/"


@pytest.fixture
def browse(db):
    """A signed-in client: browse(ada)."""

    def browse(user):
        client = Client()
        client.force_login(user)
        return client

    return browse


@pytest.fixture
def over_htmx():
    return {"HX-Request": "true"}


@pytest.fixture
def signs_in(db):
    """Give a person a password and a verified address, and sign in through the page."""

    def signs_in(user, client=None):
        user.set_password(factories.PASSWORD)
        user.save(update_fields=["password"])
        EmailAddress.objects.get_or_create(user=user, email=user.email, primary=True, verified=True)
        client = client or Client()
        client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})
        return client

    return signs_in


@pytest.fixture
def steps_up(signs_in):
    """Sign in, and show once more that it is still the same person."""

    def steps_up(user):
        client = signs_in(user)
        client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
        return client

    return steps_up


# Reading


@pytest.mark.parametrize("path", [MEMBERS, TEAMS])
@pytest.mark.parametrize("person", ["ada", "ines", "marek", "mia", "dev", "stan"])
def test_everybody_in_the_organization_sees_its_people(browse, kestrel, ada, path, person, request):
    response = browse(request.getfixturevalue(person)).get(path)

    assert response.status_code == 200


@pytest.mark.parametrize("path", [MEMBERS, TEAMS, SETTINGS])
def test_for_an_outsider_the_organization_is_not_there(browse, organization, eve, path):
    here = browse(eve).get(path)
    nowhere = browse(eve).get(path.replace("northwind", "nowhere"))

    assert (here.status_code, nowhere.status_code) == (404, 404)


@pytest.mark.parametrize("path", [MEMBERS, TEAMS, SETTINGS, PROFILE])
def test_who_is_not_signed_in_is_asked_to(client, ada, path):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_a_stakeholder_reads_names_but_no_addresses(browse, stan, dev):
    page = browse(stan).get(MEMBERS).content.decode()

    assert "Dev Patel" in page
    assert dev.email not in page
    assert "Send the invitation" not in page


@pytest.mark.parametrize("path", [MEMBERS, TEAMS])
def test_pages_cost_the_same_for_one_and_three(browse, organization, ada, path):
    client = browse(ada)
    _grow(organization, ada)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    _grow(organization, ada)
    _grow(organization, ada)

    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(many) == len(few)


def _grow(organization, ada):
    person = factories.MemberFactory(organization=organization)
    former = factories.MemberFactory(organization=organization)
    team = factories.TeamFactory(organization=organization)
    TeamMembership.objects.create(organization=organization, team=team, user=person)
    Membership.objects.filter(user=former).update(deactivated_at=timezone.now(), deactivated_by=ada)
    invitations.invite(
        organization, by=ada, email=f"new{person.pk}@northwind.example", team=team, team_role="developer"
    )


# Members


def test_inviting_from_the_page(browse, kestrel, ada, mailoutbox):
    response = browse(ada).post(
        f"{MEMBERS}invite/", {"email": "n@x.example", "team": kestrel.pk, "team_role": "scrum_master", "role": "member"}
    )

    assert (response.status_code, response["Location"]) == (303, MEMBERS)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.team, invitation.team_role) == ("n@x.example", kestrel, "scrum_master")
    assert [mail.to for mail in mailoutbox] == [["n@x.example"]]


def test_a_wrong_invitation_comes_back_with_the_reason(browse, dev, ada):
    response = browse(ada).post(f"{MEMBERS}invite/", {"email": dev.email, "team_role": "developer", "role": "member"})

    assert response.status_code == 422
    assert "This person is in the organization already." in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_scrum_master_can_only_choose_their_teams(browse, organization, kestrel, mia):
    heron = factories.TeamFactory(organization=organization, name="Heron")
    client = browse(mia)

    foreign = client.post(f"{MEMBERS}invite/", {"email": "n@x.example", "team": heron.pk, "role": "admin"})
    own = client.post(f"{MEMBERS}invite/", {"email": "n@x.example", "team": kestrel.pk, "role": "admin"})

    assert (foreign.status_code, own.status_code) == (422, 303)
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.team, invitation.team_role) == ("member", kestrel, "developer")


def test_deactivating_offers_to_undo_it(browse, ada, dev, over_htmx, membership_of):
    client = browse(ada)

    response = client.post(f"{MEMBERS}{dev.pk}/deactivate/", headers=over_htmx)

    assert response.status_code == 204
    told = json.loads(response["HX-Trigger"])
    assert list(told) == ["members-changed", "toast"]
    assert membership_of(dev).deactivated_at is not None
    client.post(told["toast"]["undo_url"], headers=over_htmx)
    assert membership_of(dev).deactivated_at is None


def test_a_deactivated_person_is_signed_out_and_sees_nothing(browse, ada, dev, membership_of):
    client = browse(dev)
    assert client.get(MEMBERS).status_code == 200

    members.deactivate(membership_of(dev), by=ada)

    assert client.get(MEMBERS).status_code == 302
    dev.refresh_from_db()
    assert browse(dev).get(MEMBERS).status_code == 404


def test_the_last_admin_is_told_why_not(browse, ada, over_htmx):
    response = browse(ada).post(f"{MEMBERS}{ada.pk}/deactivate/", headers=over_htmx)

    assert response.status_code == 409
    assert json.loads(response["HX-Trigger"])["toast"]["text"].startswith("The organization needs an admin.")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MEMBERS + "{dev}/role/", {"role": "admin"}),
        (MEMBERS + "{dev}/deactivate/", {}),
        (MEMBERS + "{dev}/reactivate/", {}),
        (MEMBERS + "invite/", {"email": "n@x.example"}),
        (MEMBERS + "invitations/{invitation}/resend/", {}),
        (MEMBERS + "invitations/{invitation}/revoke/", {}),
        (TEAMS + "create/", {"name": "Heron"}),
        (TEAMS + "{team}/rename/", {"name": "Heron"}),
        (TEAMS + "{team}/archive/", {}),
        (TEAMS + "{team}/restore/", {}),
        (TEAMS + "{team}/members/", {"user": "{dev}", "role": "developer"}),
        (TEAMS + "{team}/members/{dev}/role/", {"role": "developer"}),
        (TEAMS + "{team}/members/{dev}/remove/", {}),
        (SETTINGS, {"name": "Mine", "time_zone": "UTC"}),
    ],
)
def test_who_may_not_change_it_is_refused(browse, kestrel, dev, stan, eve, invited, path, body):
    ids = {"dev": dev.pk, "team": kestrel.pk, "invitation": invited.invitation.pk}
    path, body = path.format(**ids), {name: value.format(**ids) for name, value in body.items()}

    assert browse(stan).post(path, body).status_code == 403
    assert browse(eve).post(path, body).status_code == 404
    # The other organization's people are no way in either.
    assert browse(eve).post(path.replace("northwind", Organization.objects.get(memberships__user=eve).slug), body)
    assert set(Membership.objects.filter(organization=kestrel.organization, deactivated_at=None)) == set(
        Membership.objects.filter(organization=kestrel.organization)
    )
    kestrel.refresh_from_db()
    assert (kestrel.name, kestrel.archived_at, kestrel.organization.name) == ("Kestrel", None, "Northwind")


# Teams and settings


def test_the_admin_makes_and_fills_a_team(browse, ada, dev, over_htmx):
    client = browse(ada)

    client.post(f"{TEAMS}create/", {"name": "Heron"}, headers=over_htmx)
    heron = Team.objects.get(name="Heron")
    client.post(f"{TEAMS}{heron.pk}/members/", {"user": dev.pk, "role": "developer"}, headers=over_htmx)
    client.post(f"{TEAMS}{heron.pk}/members/{dev.pk}/role/", {"role": "scrum_master"}, headers=over_htmx)
    client.post(f"{TEAMS}{heron.pk}/rename/", {"name": "Wren"}, headers=over_htmx)
    page = client.get(TEAMS).content.decode()

    assert list(heron.memberships.values_list("user", "role")) == [(dev.pk, "scrum_master")]
    assert "Wren" in page
    assert "What may be done with Dev Patel in Wren" in page


def test_a_team_name_that_is_taken_comes_back_with_the_reason(browse, kestrel, ada):
    response = browse(ada).post(f"{TEAMS}create/", {"name": "Kestrel"})

    assert response.status_code == 422
    assert "There is a team of that name already." in response.content.decode()


def test_the_settings_are_saved(browse, organization, ada):
    response = browse(ada).post(SETTINGS, {"name": "Northwind AS", "time_zone": "Europe/Oslo"})

    organization.refresh_from_db()
    assert response.status_code == 303
    assert (organization.name, organization.time_zone) == ("Northwind AS", "Europe/Oslo")


# Profile, sessions, tokens


def test_the_profile_is_saved(browse, dev):
    response = browse(dev).post(PROFILE, {"name": "Dev P.", "theme": "dark"})

    dev.refresh_from_db()
    assert response.status_code == 303
    assert (dev.name, dev.theme, dev.has_shortcuts) == ("Dev P.", "dark", False)


def test_the_profile_shows_what_it_will_save(browse, dev):
    dev.theme = "dark"
    dev.save(update_fields=["theme"])

    form = browse(dev).get(PROFILE).context["form"]

    assert {name: form[name].value() for name in form.fields} == {
        "name": "Dev Patel",
        "theme": "dark",
        "has_shortcuts": True,
    }


def test_the_theme_switches(browse, dev):
    client = browse(dev)

    client.post(f"{PROFILE}theme/", {"theme": "dark"})
    dev.refresh_from_db()
    assert dev.theme == "dark"
    response = client.post(f"{PROFILE}theme/", headers={"Referer": "https://elsewhere.example/"})

    dev.refresh_from_db()
    assert (dev.theme, response["Location"]) == ("light", "/")
    assert client.post(f"{PROFILE}theme/", {"theme": "pink"}).status_code == 422


def test_ending_other_sessions_keeps_this_one(browse, dev):
    here, elsewhere = browse(dev), browse(dev)

    here.post(f"{PROFILE}sessions/end/")

    assert here.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302


def test_making_a_token_asks_whether_it_is_still_you(signs_in, dev):
    client = signs_in(dev)

    for response in (
        client.get(f"{PROFILE}tokens/create/"),
        client.post(f"{PROFILE}tokens/create/", {"name": "CI", "days": "90", "scopes": ["item:write"]}),
    ):
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")

    assert not ApiToken.objects.exists()


def test_a_token_is_shown_in_one_answer_only(steps_up, dev):
    client = steps_up(dev)

    response = client.post(f"{PROFILE}tokens/create/", {"name": "CI", "days": "30", "scopes": ["item:write"]})

    token = ApiToken.objects.get()
    page = response.content.decode()
    secret = page[page.index("upn_") :][:47]
    assert ApiToken.hash(secret) == token.token_hash
    assert "no-store" in response["Cache-Control"]
    assert secret not in client.get(PROFILE).content.decode()
    assert secret not in str(list(client.session.items()))


def test_a_token_without_scopes_comes_back_with_the_reason(steps_up, dev):
    response = steps_up(dev).post(f"{PROFILE}tokens/create/", {"name": "CI", "days": "30"})

    assert response.status_code == 422
    assert "Choose at least one thing the token may do." in response.content.decode()


def test_a_token_is_limited_to_the_products_that_are_ticked(steps_up, dev, payments):
    client = steps_up(dev)
    factories.ProductFactory(name="Hidden")
    offered = client.get(f"{PROFILE}tokens/create/").content.decode()

    client.post(
        f"{PROFILE}tokens/create/",
        {"name": "CI", "days": "30", "scopes": ["item:write"], "product_ids": [payments.pk]},
    )

    assert "Payments (PAY)" in offered
    assert "Hidden" not in offered
    assert ApiToken.objects.get().product_ids == [payments.pk]
    assert "only in Payments (PAY)" in client.get(PROFILE).content.decode()


def test_a_token_is_not_limited_to_a_product_of_others(steps_up, dev):
    product = factories.ProductFactory(name="Hidden")

    response = steps_up(dev).post(
        f"{PROFILE}tokens/create/",
        {"name": "CI", "days": "30", "scopes": ["item:write"], "product_ids": [product.pk]},
    )

    assert response.status_code == 422
    assert "Hidden" not in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_only(browse, dev, ada):
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token

    assert browse(ada).post(f"{PROFILE}tokens/{token.pk}/revoke/").status_code == 404
    assert browse(dev).post(f"{PROFILE}tokens/{token.pk}/revoke/").status_code == 303

    token.refresh_from_db()
    assert token.revoked_at is not None


# Invitations


def test_a_new_person_joins_and_is_signed_in(client, organization, ada, token_in):
    invitations.invite(organization, by=ada, email="new@northwind.example")

    opened = client.get(f"/invitations/{token_in()}/", follow=True)
    joined = client.post("/invitations/accept/", {"name": "New Person", "password": factories.PASSWORD})

    assert "Join Northwind" in opened.content.decode()
    assert token_in() not in opened.content.decode()
    assert (joined.status_code, joined["Location"]) == (303, "/")
    assert client.get(PROFILE).context["page"].person.email == "new@northwind.example"
    assert client.get(f"/invitations/{token_in()}/", follow=True).status_code == 410


def test_a_weak_password_comes_back_with_the_reason(client, organization, ada, token_in):
    invitations.invite(organization, by=ada, email="new@northwind.example")
    client.get(f"/invitations/{token_in()}/")

    response = client.post("/invitations/accept/", {"name": "New Person", "password": "12345678"})

    assert response.status_code == 422
    assert "too common" in response.content.decode()


def test_who_has_an_account_signs_in_and_joins(signs_in, invited, newcomer):
    client = Client()
    opened = client.get(f"/invitations/{invited.token}/", follow=True).content.decode()
    assert "Sign in to join" in opened
    signs_in(newcomer, client)

    response = client.post("/invitations/accept/")

    assert response.status_code == 303
    assert Membership.objects.filter(user=newcomer).exists()


def test_somebody_else_can_not_join(browse, invited, eve):
    client = browse(eve)
    opened = client.get(f"/invitations/{invited.token}/", follow=True).content.decode()

    response = client.post("/invitations/accept/")

    assert f"You are signed in as {eve.email}." in opened
    assert response.status_code == 422
    assert not Membership.objects.filter(user=eve, organization=invited.invitation.organization).exists()


def test_an_unknown_link_is_over(client, db):
    response = client.get("/invitations/no-such-token/", follow=True)

    assert response.status_code == 410


# First run


def test_on_a_new_installation_sign_in_leads_to_the_first_run(client, db):
    assert client.get("/accounts/login/")["Location"] == "/welcome/"
    form = {
        "name": "Northwind",
        "time_zone": "Europe/Oslo",
        "admin_name": "Ada Byron",
        "email": "ada@northwind.example",
        "password": factories.PASSWORD,
    }

    response = client.post("/welcome/", form)

    assert (response.status_code, response["Location"]) == (303, MEMBERS)
    assert User.objects.get().is_superuser
    assert client.get(MEMBERS).status_code == 200
    assert client.get("/welcome/")["Location"] == "/"


def test_there_is_no_first_run_once_somebody_is_here(client, ada):
    assert client.get("/welcome/").status_code == 302
    assert client.post("/welcome/", {"name": "Mine", "email": "e@x.example"}).status_code == 302
    assert client.get("/accounts/login/").status_code == 200
    assert User.objects.count() == 1
