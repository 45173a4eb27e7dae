"""Pages that only a product with something in it has: no barriers, and nothing for the browser to complain about."""

import itertools
import re
from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile

from accounts.actions import invitations
from accounts.models import User
from backlog.actions import components, dependencies, importing, items
from backlog.models import Item, Question
from nightly.actions import reports
from sprints.actions import inspections, sprints
from sprints.models import Inspection, Sprint
from tests import factories, worlds

pytestmark = pytest.mark.usefixtures("own_media")

EXPORT = (
    b"Issue key,Issue Type,Status,Summary,Due Date\n"
    b"OLD-1,Story,Open,One,13/04/2026\nOLD-2,Research,Closed,Two,\nOLD-3,Story,Elsewhere,,soon\n"
)


@pytest.fixture
def furnished(world):
    worlds.enlarge(world)
    components.edit(world.component, engagement="architectural", by=world.owner)
    return world


@pytest.fixture
def jira_run(payments, ines):
    file = ContentFile(EXPORT, name="jira.csv")
    return importing.upload(file, source="jira", organization=payments.organization, product=payments, by=ines)


@pytest.fixture
def invited(payments, ada, mailoutbox):
    """The link that an address gets by mail."""

    def invited(email):
        invitations.invite(payments.organization, email=email, by=ada)
        return re.search(r"/invitations/[\w-]+/", mailoutbox[-1].body)[0]

    return invited


@pytest.mark.parametrize(
    "path",
    [
        "history/",
        "history/?version=1",
        "print/",
        "settings/",
        "components/",
        "components/{component}/",
        "sprints/",
        "sprints/teams/{team}/metrics/",
        "status/",
        "items/{number}/",
        "items/{number}/split/",
        "items/{number}/suggest/",
        "backlog/propose/?type=security",
        "../../for-you/acceptance/",
        "../../profile/calendar/",
        "import/",
        "nights/",
        "proposal/",
        "roadmap/",
        "roadmap/releases/{release}/",
        "tags/",
        "technical/",
        "decisions/",
        "decisions/{decision}/",
        "debt/",
    ],
)
def test_a_page_of_a_furnished_product(barriers, session_of, furnished, path):
    address = "/products/PAY/" + path.format(
        number=furnished.first.number,
        release=furnished.release.pk,
        component=furnished.first.component_id,
        team=furnished.sprint.team_id,
        decision=furnished.decision.number,
    )

    assert barriers(address, session_of(furnished.ines)) == []


def test_a_health_report_with_findings_and_trends(barriers, session_of, furnished):
    sprints.start(furnished.sprint, by=furnished.mia)
    sprints.close(furnished.sprint, {furnished.second.pk: "returned"}, by=furnished.mia)
    Sprint.objects.filter(pk=furnished.sprint.pk).update(delivered_points=20)
    Question.objects.update(asked_at=datetime(2026, 1, 1, tzinfo=UTC))
    dependencies.add(furnished.third, furnished.first, by=furnished.ines)
    for on in (date(2031, 3, 1), date(2031, 3, 8)):
        reports.write(furnished.product, on, by=User.objects.service("night"))

    def look(page):
        page.get_by_role("link", name="Look at").first.wait_for()
        page.locator(".spark").first.wait_for()

    assert barriers("/products/PAY/health/2031-03-08/", session_of(furnished.ines), look) == []


def test_pages_of_those_who_run_the_nights(barriers, session_of, furnished):
    root = factories.UserFactory(is_superuser=True)

    assert (
        barriers(f"/organizations/{furnished.product.organization.slug}/operations/", session_of(furnished.ada)) == []
    )
    assert barriers("/operations/", session_of(root)) == []


@pytest.mark.parametrize("state", ["palette", "views", "mistake"])
def test_the_backlog_while_one_finds_and_filters(barriers, session_of, furnished, state):
    def steps(page):
        if state == "palette":
            # What is proposed stands dashed in the list behind it.
            page.locator(".offered").wait_for()
            page.get_by_role("combobox", name="Find or do").fill("first")
            page.get_by_role("option", selected=True).get_by_text("First").wait_for()
        if state == "views":
            page.get_by_role("button", name="Views").click()
            page.locator(".kept summary").first.click()

    query = {
        "palette": "palette",
        "views": "filter=kind:technical",
        "mistake": "filter=kind:technical&add=kind:tecnical",
    }
    assert barriers(f"/products/PAY/backlog/?{query[state]}", session_of(furnished.ines), steps) == []


@pytest.mark.parametrize("person", ["ada", "stan"])
def test_the_settings_as_others_see_them(barriers, session_of, furnished, person):
    assert barriers("/products/PAY/settings/", session_of(getattr(furnished, person))) == []


def test_a_sprint_before_while_and_after_it_runs(barriers, session_of, furnished):
    sprint, state = furnished.sprint, session_of(furnished.ines)
    path = f"/products/PAY/sprints/{sprint.pk}/"
    planned = barriers(path, state)
    sprints.start(sprint, by=furnished.mia)
    Inspection.objects.filter(pk=furnished.inspection.pk).update(is_alert=True)

    active = barriers(path, state)
    seen = inspections.judge(furnished.inspection, "raised", by=furnished.mia)
    daily = barriers(f"{path}?daily=person", state)
    inspections.take(seen, by=furnished.mia)
    sprint.refresh_from_db()
    left = sprint.entries.filter(outcome="").exclude(item__status="done")
    sprints.close(sprint, dict.fromkeys(left.values_list("item", flat=True), "returned"), by=furnished.mia)

    assert (planned, active, daily, barriers(path, state)) == ([], [], [], [])


def test_an_edit_that_met_another(barriers, session_of, world):
    words = (f"Changed meanwhile, {n}" for n in itertools.count())

    def meet(page):
        items.edit(Item.objects.get(pk=world.first.pk), by=world.marek, title=next(words))
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("heading", name="while you wrote").wait_for()

    assert barriers(f"/products/PAY/items/{world.first.number}/edit/", session_of(world.ines), meet) == []


def test_an_import_before_and_after(barriers, session_of, jira_run, ines):
    path, state = f"/products/PAY/import/{jira_run.pk}/", session_of(ines)

    preview = barriers(path, state)
    importing.apply(importing.choose(jira_run, {"date_order": "day_first"}, by=ines), by=ines)

    assert (preview, barriers(path, state)) == ([], [])


def test_an_import_of_any_columns(barriers, session_of, payments, ines):
    file = ContentFile(b"Was,Wert\nOne,8\n", name="any.csv")
    run = importing.upload(file, source="csv", organization=payments.organization, product=payments, by=ines)

    assert barriers(f"/products/PAY/import/{run.pk}/", session_of(ines)) == []


def test_an_invitation_of_somebody_new(barriers, invited):
    assert barriers(invited("nora@northwind.example")) == []


def test_an_invitation_of_somebody_with_an_account(barriers, session_of, invited, eve):
    path = invited(eve.email)

    assert (barriers(path), barriers(path, session_of(eve))) == ([], [])


def test_an_invitation_of_somebody_else(barriers, session_of, invited, eve):
    assert barriers(invited("nora@northwind.example"), session_of(eve)) == []


def test_an_invitation_that_is_gone(barriers, db):
    assert barriers("/invitations/of-nobody/") == []


def test_a_token_that_was_just_made(barriers, session_of, ines):
    ines.set_password(factories.PASSWORD)
    ines.save(update_fields=["password"])
    EmailAddress.objects.create(user=ines, email=ines.email, verified=True, primary=True)

    def make(page):
        page.get_by_label("What it is for").fill("Build server")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Make the token").click()
        page.locator(".secret").wait_for()

    assert barriers("/profile/tokens/create/", session_of(ines), make) == []
