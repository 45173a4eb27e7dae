"""Digests: once a person and night, in their rhythm, about what needs them and nothing that they may not see."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from accounts.actions import preferences
from accounts.models import NotificationPreference, User
from accounts.unsubscribing import opened
from backlog.models import Item, Question
from core import jobs
from core.models import Event, JobRun, OutboxMessage, OutgoingMail
from nightly import tasks
from nightly.actions import digests, nights, proposals, reports
from nightly.models import Digest, HealthReport, Night, OrderingProposal
from nightly.queries import schedule
from nightly.queries.addressees import addressees, is_due
from nightly.queries.digests import house, letter
from tests import factories

pytestmark = pytest.mark.django_db

# A Tuesday, after a Monday.
ON = date(2031, 6, 10)
MONDAY = ON - timedelta(days=1)
TWO = datetime(2031, 6, 10, 2, tzinfo=UTC)


@pytest.fixture
def night(db):
    return User.objects.service("night")


@pytest.fixture
def old_products(payments):
    type(payments).objects.update(created_at=datetime(2030, 1, 1, tzinfo=UTC))


def finding(key="inversions", urgency="now", owner=None, items=(), **numbers):
    return {"key": key, "urgency": urgency, "owner": owner, "items": items, "numbers": numbers, "count": len(items)}


def reported(product, *findings, on=ON):
    return HealthReport.objects.create(
        product=product,
        on=on,
        fingerprint="x",
        verdict={"key": "ready_too_little", "sprints": 0.8},
        findings=list(findings),
    )


def told(organization, on=ON):
    """By receiver's first name, what would be written to whom."""
    found = {to.person.name.split()[0]: letter(house(organization, on), to) for to in addressees(organization, on)}
    return {name: one for name, one in found.items() if one}


def daily(*people):
    for person in people:
        preferences.set_mails(person, {"digest": True}, rhythm="daily", by=person)


@pytest.mark.parametrize(
    ("rhythm", "on", "last", "due"),
    [
        ("daily", ON, ON - timedelta(days=1), True),
        ("daily", ON, ON, False),
        (None, ON, None, False),
        ("monday", MONDAY, None, True),
        ("monday", MONDAY, MONDAY, False),
        ("monday", ON, MONDAY, False),
        ("tuesday", ON, ON - timedelta(days=7), True),
        # No night came on Monday: it is made up for on Tuesday. Who never got one waits for Monday.
        ("monday", ON, ON - timedelta(days=8), True),
        ("monday", ON, None, False),
        # From Wednesday to Sunday there is nothing to make up for.
        ("sunday", ON, ON - timedelta(days=2), False),
        ("wednesday", ON, ON - timedelta(days=6), False),
    ],
)
def test_a_digest_comes_in_its_rhythm(rhythm, on, last, due):
    assert is_due(rhythm, on, last) == due


def test_owners_of_products_and_components_and_scrum_masters_get_one(
    payments, ines, marek, mia, dev, stan, ada, eve, organization
):
    reported(payments, on=MONDAY)

    assert set(told(organization, MONDAY)) == {"Ines", "Marek", "Mia"}
    assert told(organization) == {}

    preferences.set_mails(ines, {"digest": False}, by=ines)
    preferences.set_mails(marek, {}, rhythm="tuesday", by=marek)
    assert set(told(organization, MONDAY)) == {"Mia"}
    assert set(told(organization)) == {"Marek"}

    mia.memberships.update(deactivated_at=timezone.now(), deactivated_by=ada)
    assert told(organization, MONDAY) == {}


def test_each_reads_a_verdict_first_and_at_most_two_things_that_need_them(payments, payouts, ines, marek, mia, night):
    daily(ines, marek, mia)
    ids = factories.enter_items(payments, 12, by=ines, points=3)
    Item.objects.filter(pk__in=ids[6:]).update(business_value=13)
    proposals.prepare(payments, on=ON, by=night)
    count = OrderingProposal.objects.get().moves.filter(verdict="open").count()
    upper, asked = Item.objects.filter(pk__in=ids[:2]).order_by("number")
    Item.objects.filter(pk=asked.pk).update(component=payouts)
    Question.objects.create(
        product=payments, item=asked, text="Which?", asked_by=ines, asked_at=TWO - timedelta(days=4)
    )
    factories.ItemFactory(product=payments, status="done", status_at=TWO, done_at=TWO)
    Night.objects.create(product=payments, on=ON, error="The dates of the forecast are those of an earlier night.")
    reported(
        payments,
        finding(owner=ines.pk, items=[upper.number]),
        finding("sprint_overdue", owner=mia.pk, sprint=4, team="Kestrel", days=2),
        finding("stale", "later", owner=ines.pk, items=[upper.number]),
    )

    letters = told(payments.organization)

    assert count > 0
    ines_reads = letters["Ines"]
    assert ines_reads.headline == "Work for only 0.8 sprints is ready. Four things need you."
    assert ines_reads.subject == "Payments on 10 June: four things need you"
    assert [(need.title, need.url) for need in ines_reads.needs] == [
        ("The night of Payments was not worked out whole", "/products/PAY/nights/"),
        (f"PAY-{upper.number} stands above something it needs", f"/products/PAY/items/{upper.number}/"),
    ]
    assert ines_reads.needs[0].hint == "The dates of the forecast are those of an earlier night."
    assert (ines_reads.more, ines_reads.standings[0].others) == (2, 2)
    assert [(need.title, need.hint) for need in letters["Marek"].needs] == [
        (
            "One question in Payments waits for your answer",
            f"Others can't go on with PAY-{asked.number} before; the oldest was asked 4 days ago.",
        )
    ]
    assert [need.title for need in letters["Mia"].needs] == ["Sprint 4 of Kestrel should have ended 2 days ago"]


def test_nothing_restricted_stands_in_it(payments, payouts, ines, marek):
    daily(ines, marek)
    open_item = factories.ItemFactory(product=payments, component=payouts)
    secret = factories.ItemFactory(product=payments, component=payouts, is_restricted=True, title="Leak")
    factories.ItemFactory(product=payments, is_restricted=True, status="done", status_at=TWO, done_at=TWO)
    marked = {"product": payments, "component": payouts, "status": "done", "done_at": TWO, "engagement": "large_scale"}
    large, _ = (factories.ItemFactory(**marked, is_restricted=is_restricted) for is_restricted in (False, True))
    for item in (open_item, secret):
        Question.objects.create(product=payments, item=item, text="Leak?", asked_by=ines, asked_at=TWO, addressee=marek)
    # Restricted since the report was written.
    reported(payments, finding(owner=ines.pk, items=[open_item.number, secret.number]))

    letters = told(payments.organization)

    assert "Leak" not in repr(letters)
    assert secret.key not in repr(letters)
    assert [(need.title, need.hint) for need in letters["Marek"].needs[1:]] == [
        (
            "One item of Payments lacks your word",
            f"{large.key}: architectural or large-scale work is planned and accepted with it.",
        )
    ]
    assert letters["Marek"].needs[0].title == "One question in Payments waits for your answer"
    # Who accepts it is not asked for the word besides.
    assert [need.title for need in letters["Ines"].needs] == [
        *(f"{open_item.key} stands above something it needs", "One item of Payments is done and waits for your word")
    ]


def test_somebody_with_several_products_gets_one(payments, ines, night):
    daily(ines)
    organization = payments.organization
    ledger = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=ledger, user=ines, role="product_owner")
    reported(payments, finding(owner=ines.pk, items=[]))
    reported(ledger, on=MONDAY)

    digests.send(organization, ON, by=night)

    (mail,) = OutgoingMail.objects.all()
    assert mail.subject == "Northwind on 10 June: one thing needs you"
    assert "One thing needs you in your two products." in mail.text
    assert "Payments: Work for only 0.8 sprints is ready." in mail.text
    assert "Ledger: Work for only 0.8 sprints is ready. That was on 9 June; there is no later report." in mail.text


def test_a_digest_is_written_once_and_ends_with_one_click(payments, ines, mia, night, client):
    daily(ines)
    reported(payments)
    organization = payments.organization

    assert digests.send(organization, ON, by=night) == 1
    assert digests.send(organization, ON, by=night) == 0

    (mail,) = OutgoingMail.objects.all()
    assert (mail.to, Digest.objects.get().user) == (ines.email, ines)
    assert Event.objects.filter(name="digests.written").count() == 1
    assert opened(mail.unsubscribe_url.rstrip("/").rpartition("/")[2]) == (ines, "digest")
    for part in (mail.text, mail.html):
        assert mail.unsubscribe_url in part
        assert "/products/PAY/health/" in part
    # The same night for the same person is the same mail, whatever has become of the row.
    Digest.objects.all().delete()
    digests.send(organization, ON, by=night)
    assert OutgoingMail.objects.get().message_id == mail.message_id

    client.post("/" + mail.unsubscribe_url.split("/", 3)[3])
    Digest.objects.all().delete()
    assert digests.send(organization, ON + timedelta(days=1), by=night) == 0
    # Who comes back comes back to their rhythm.
    preferences.set_mails(ines, {"digest": True}, by=ines)
    assert NotificationPreference.objects.get(user=ines).rhythm == "daily"


def test_only_the_night_sends_them(payments, ines, ada):
    for person in (ines, ada):
        with pytest.raises(PermissionDenied):
            digests.send(payments.organization, ON, by=person)


def test_one_that_fails_keeps_no_other_back_and_is_tried_again(payments, ines, mia, night, monkeypatch):
    daily(ines, mia)
    reported(payments)
    real = digests.mails.send_digest

    def failing(organization, person, letter):
        if person == ines:
            raise ValueError("no such template")
        real(organization, person, letter)

    monkeypatch.setattr(digests.mails, "send_digest", failing)
    with pytest.raises(digests.DigestsUnfinished):
        digests.send(payments.organization, ON, by=night)
    assert list(OutgoingMail.objects.values_list("to", flat=True)) == [mia.email]

    monkeypatch.undo()
    digests.send(payments.organization, ON, by=night)
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {mia.email, ines.email}


def test_they_wait_until_every_product_has_ended_its_night_well_or_not(payments, ines, old_products):
    ledger = factories.ProductFactory(organization=payments.organization, key="LED")
    type(payments).objects.update(created_at=datetime(2030, 1, 1, tzinfo=UTC))
    slot, sent = f"{payments.organization_id}:{ON}", OutboxMessage.objects.filter(topic="nightly.tasks.send_digests")

    def after_a_tick():
        jobs.tick(TWO + timedelta(minutes=5))
        return [message.payload["slot"] for message in sent.all()]

    def ended(product, state):
        JobRun.objects.filter(name="night", slot=f"{product.pk}:{ON}").update(state=state, finished_at=timezone.now())

    assert schedule.due_digests(TWO - timedelta(days=400)) == []
    assert after_a_tick() == []
    ended(payments, "done")
    assert after_a_tick() == []
    ended(ledger, "failed")
    assert after_a_tick() == [slot]
    assert after_a_tick() == [slot]


def test_a_night_that_takes_for_ever_holds_up_no_digest(payments, ines, old_products):
    jobs.tick(TWO + timedelta(minutes=1))
    assert schedule.due_digests(TWO + timedelta(minutes=2)) == []
    JobRun.objects.update(created_at=timezone.now() - schedule.DIGEST_WAITS - timedelta(minutes=1))

    assert schedule.due_digests(TWO + timedelta(minutes=2)) == [f"{payments.organization_id}:{ON}"]


def test_a_night_again_by_hand_or_by_the_command_sends_no_second_digest(payments, ines, old_products, night):
    """Beat comes late, the night is caught up, the product owner and an admin run it again."""
    daily(ines)
    late = TWO + timedelta(hours=9)

    def work():
        jobs.tick(late)
        for run in JobRun.objects.filter(name="night", state="waiting"):
            tasks.run_night(slot=run.slot)
        jobs.tick(late)
        for run in JobRun.objects.filter(name="digest", state="waiting"):
            tasks.send_digests(slot=run.slot)

    work()
    first = list(OutgoingMail.objects.values_list("message_id", "to"))
    nights.ask(payments, ON, by=ines)
    work()
    call_command("run_night", date=ON)
    work()
    # A run of an old date, whose slots were thrown away since.
    JobRun.objects.filter(name="digest").delete()
    work()

    assert [to for _, to in first] == [ines.email]
    assert list(OutgoingMail.objects.values_list("message_id", "to")) == first
    assert Night.objects.get().runs == 3


def test_digests_that_fail_leave_the_night_as_it_is(payments, ines, old_products, monkeypatch):
    daily(ines)
    jobs.tick(TWO)
    tasks.run_night(slot=f"{payments.pk}:{ON}")
    jobs.tick(TWO + timedelta(minutes=1))
    monkeypatch.setattr(digests.mails, "send_digest", None)

    with pytest.raises(digests.DigestsUnfinished):
        tasks.send_digests(slot=f"{payments.organization_id}:{ON}")

    assert Night.objects.get().state == "done"
    assert JobRun.objects.get(name="digest").state == "waiting"
    assert reports.HealthReport.objects.count() == 1


def test_digests_are_worked_out_in_fixed_statements(payments, payouts, ines, marek, night, django_assert_num_queries):
    daily(ines, marek)
    organization = payments.organization
    factories.enter_items(payments, 1, by=ines)
    proposals.prepare(payments, on=ON, by=night)
    for number in (1, 3):
        for _ in range(number):
            item = factories.ItemFactory(product=payments, component=payouts)
            Question.objects.create(product=payments, item=item, text="?", asked_by=ines, asked_at=TWO)
        HealthReport.objects.all().delete()
        reported(payments, *[finding(owner=ines.pk, items=[item.number])] * number)
        with django_assert_num_queries(7):
            people = addressees(organization, ON)
        with django_assert_num_queries(4):
            found = house(organization, ON)
        for to in people:
            with django_assert_num_queries(7):
                letter(found, to)


def test_the_profile_and_the_api_choose_the_rhythm(client, ines):
    client.force_login(ines)
    assert '<option value="monday" selected>On Mondays</option>' in client.get("/profile/").content.decode()

    client.post("/profile/mails/", {"digest": "friday", "mention": "on"})
    others = dict.fromkeys(set(NotificationPreference.Kind.values) - {"mention", "digest"}, False)
    assert client.get("/api/v1/me/mails").json() == {"mention": True, "digest": "friday"} | others

    answer = client.patch(
        "/api/v1/me/mails", {"digest": "never", "sprint_close": True}, content_type="application/json"
    )
    assert (answer.json()["digest"], answer.json()["sprint_close"]) == ("never", True)
    wrong = client.patch("/api/v1/me/mails", {"digest": "hourly"}, content_type="application/json")
    assert wrong.status_code == 422
    assert '<option value="never" selected>Never</option>' in client.get("/profile/").content.decode()


@pytest.mark.parametrize("on", [date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29)])
def test_where_clocks_change_or_go_back_each_date_has_its_digests_once(payments, ines, old_products, on):
    """Berlin leaps over 02:00, has it twice, has a leap day; and the server's clock goes back an hour (R18)."""
    type(payments.organization).objects.update(time_zone="Europe/Berlin")
    midnight = datetime.combine(on, datetime.min.time(), UTC)
    minutes = [*range(-120, 240, 15), *range(180, 300, 15)]

    for minute in minutes:
        jobs.tick(midnight + timedelta(minutes=minute))
        JobRun.objects.filter(name="night").update(state="done", finished_at=timezone.now())

    slots = list(JobRun.objects.filter(name="digest").order_by("slot").values_list("slot", flat=True))
    assert slots == [f"{payments.organization_id}:{day}" for day in (on - timedelta(days=1), on)]
