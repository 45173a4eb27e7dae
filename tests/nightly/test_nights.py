"""A night leaves each of its effects once, whatever happens while it runs."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.errors import RuleViolation
from core.models import Event, JobRun, OutboxMessage
from nightly import tasks
from nightly.actions import nights, steps
from nightly.models import Night
from nightly.queries import nights as night_pages
from nightly.queries import operations, schedule
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

ON = date(2031, 6, 10)
Step = Night.Step


class Kitchen:
    """Steps that note who called them, and fail as long as they are told to."""

    def __init__(self):
        self.calls, self.failures = [], {}
        self.steps = (
            steps.Step(Step.PROPOSE, "The order could not be worked out.", self.of(Step.PROPOSE)),
            steps.Step(Step.FORECAST, "The dates could not be forecast.", self.of(Step.FORECAST)),
            steps.Step(Step.REPORT, "The report could not be written.", self.of(Step.REPORT), needs=(Step.FORECAST,)),
        )

    def of(self, name):
        def run(product, *, on, by):
            self.calls.append((product.key, name.value))
            if failure := self.failures.get((product.key, name)):
                raise failure

        return run


@pytest.fixture
def kitchen(monkeypatch):
    kitchen = Kitchen()
    monkeypatch.setattr(steps, "STEPS", kitchen.steps)
    return kitchen


@pytest.fixture
def ledger(payments):
    return factories.ProductFactory(organization=payments.organization, key="LED", name="Ledger")


def slot(product):
    return f"{product.pk}:{ON.isoformat()}"


def run(product):
    jobs.ask(schedule.JOB, slot(product))
    tasks.run_night(slot=slot(product))


def again(product):
    """What the tick does once the time for another try has come, and the worker then."""
    JobRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs._revive()
    tasks.run_night(slot=slot(product))


def states(night):
    return {name: entry["state"] for name, entry in night.steps.items()}


def test_a_night_does_its_steps_in_their_order_once(kitchen, payments):
    run(payments)
    run(payments)
    tasks.run_night(slot=slot(payments))

    night = Night.objects.get()
    assert kitchen.calls == [("PAY", name.value) for name in Step]
    assert (night.on, night.state, night.error, night.step) == (ON, "done", "", "")
    assert states(night) == dict.fromkeys(Step.values, "done")
    assert all(entry["seconds"] >= 0 for entry in night.steps.values())
    assert JobRun.objects.get().state == "done"
    event = Event.objects.get(name="night.done")
    assert (event.by, event.via) == (User.objects.service("night"), "job")


def test_a_step_that_fails_holds_up_only_what_needs_it_and_no_other_product(kitchen, payments, ledger):
    kitchen.failures["PAY", Step.FORECAST] = ValueError("a column is missing")
    with pytest.raises(nights.NightUnfinished):
        run(payments)
    run(ledger)

    night = Night.objects.get(product=payments)
    assert states(night) == {"propose": "done", "forecast": "failed", "report": "held_up"}
    assert (night.state, Night.objects.get(product=ledger).state) == ("waiting", "done")
    # In words for the product owner: what did not happen, where the cause is found, nothing of the program's.
    assert night.error == (
        "The dates could not be forecast. Something unexpected happened; "
        f"the log of the server says what, under night {night.pk}."
    )

    kitchen.failures.clear()
    kitchen.calls.clear()
    again(payments)

    night.refresh_from_db()
    assert kitchen.calls == [("PAY", "forecast"), ("PAY", "report")]
    assert (night.state, night.error) == ("done", "")


def test_a_rule_says_in_its_own_words_why(kitchen, payments):
    kitchen.failures["PAY", Step.FORECAST] = RuleViolation("No team works on this product.")
    with pytest.raises(nights.NightUnfinished):
        run(payments)

    assert Night.objects.get().error == "The dates could not be forecast. No team works on this product."


def test_three_clocks_and_three_workers_make_one_night_of_each_product(kitchen, payments, ledger):
    def at_once(work):
        threads = [threading.Thread(target=lambda: (work(), connection.close())) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    at_once(lambda: jobs.tick(datetime(2031, 6, 10, 2, 0, 5, tzinfo=UTC)))
    sent = [message.payload["slot"] for message in OutboxMessage.objects.filter(topic="nightly.tasks.run_night")]
    for each in sent:
        at_once(lambda each=each: tasks.run_night(slot=each))

    assert sorted(sent) == sorted([slot(payments), slot(ledger)])
    assert sorted(kitchen.calls) == sorted((key, name.value) for key in ("PAY", "LED") for name in Step)
    assert set(Night.objects.values_list("product__key", "state")) == {("PAY", "done"), ("LED", "done")}


def test_a_night_that_is_delivered_again_while_it_runs_goes_on_alone(kitchen, payments, monkeypatch):
    """As a broker does whose patience is shorter than the step (R8)."""
    delivered = []

    def long(product, *, on, by):
        kitchen.calls.append((product.key, "long"))
        for _ in range(3):
            jobs.tick(datetime(2031, 6, 10, 3, tzinfo=UTC))
            again = threading.Thread(target=lambda: (tasks.run_night(slot=slot(payments)), connection.close()))
            again.start()
            again.join(30)
            delivered.append(again)

    monkeypatch.setattr(steps, "STEPS", (steps.Step(Step.PROPOSE, "Long.", long), *kitchen.steps[1:]))
    run(payments)

    assert len(delivered) == 3
    assert kitchen.calls == [("PAY", "long"), ("PAY", "forecast"), ("PAY", "report")]
    assert JobRun.objects.get(name="night").attempts == 1
    assert Event.objects.filter(name="night.done").count() == 1


def test_a_night_that_fails_each_time_is_given_up(kitchen, payments, ines):
    kitchen.failures["PAY", Step.PROPOSE] = ValueError()
    with pytest.raises(nights.NightUnfinished):
        run(payments)
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        with pytest.raises(nights.NightUnfinished):
            again(payments)
    again(payments)

    night = Night.objects.get()
    assert (night.state, JobRun.objects.get().state) == ("failed", "failed")
    assert night.finished_at is not None
    assert Event.objects.filter(name="night.failed").count() == 1

    kitchen.failures.clear()
    asked = nights.ask(payments, ON, by=ines)
    tasks.run_night(slot=asked.slot)

    assert (Night.objects.get().state, Night.objects.get().runs) == ("done", 2)


def test_a_night_whose_worker_dies_each_time_says_so(kitchen, payments):
    jobs.ask(schedule.JOB, slot(payments))
    for _ in range(jobs.MAX_ATTEMPTS):
        claim = jobs.claim(schedule.JOB, slot(payments))
        nights._begin(payments, ON, User.objects.service("night"))
        JobRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        jobs._revive()

    assert claim.attempt == jobs.MAX_ATTEMPTS
    message = OutboxMessage.objects.get(topic="nightly.tasks.give_up_night")
    tasks.give_up_night(**message.payload)
    tasks.give_up_night(**message.payload)

    night = Night.objects.get()
    assert (night.state, night.error) == ("failed", nights.INTERRUPTED)
    assert Event.objects.filter(name="night.failed").count() == 1


def test_a_worker_that_lost_the_night_says_nothing_more(kitchen, payments):
    """Its lease ran out in a step; another began and ended the night meanwhile."""

    def overtaken(product, *, on, by):
        JobRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        tasks.run_night(slot=slot(payments))
        raise ValueError("too late")

    slow = steps.Step(Step.PROPOSE, "Late.", overtaken)
    steps.STEPS, quick = (slow, *kitchen.steps[1:]), kitchen.steps
    original = nights._take

    def once(night, step, by):
        steps.STEPS = quick
        original(night, step, by)

    nights._take = once
    try:
        run(payments)
    finally:
        nights._take = original

    night = Night.objects.get()
    assert (night.state, night.error, JobRun.objects.get().attempts) == ("done", "", 2)
    assert Event.objects.filter(name__startswith="night.").count() == 1


def test_only_the_product_owner_and_the_service_run_it(kitchen, payments, ines, marek, mia, dev, stan, ada):
    for person in (marek, mia, dev, stan, ada):
        with pytest.raises(PermissionDenied):
            nights.ask(payments, ON, by=person)
    assert not Night.objects.exists()

    night = nights.ask(payments, ON, by=ines)

    assert (night.state, night.runs, OutboxMessage.objects.get().payload) == ("waiting", 1, {"slot": slot(payments)})
    with pytest.raises(nights.NightRunning):
        nights.ask(payments, ON, by=ines)
    tasks.run_night(slot=night.slot)
    second = nights.ask(payments, ON, by=ines)
    assert second.slot == f"{slot(payments)}#2"
    tasks.run_night(slot=second.slot)
    assert len(kitchen.calls) == 2 * len(kitchen.steps)
    assert Night.objects.get().state == "done"


def test_a_product_put_away_meanwhile_has_no_night(kitchen, payments):
    payments.archived_at = timezone.now()
    payments.save(update_fields=["archived_at"])

    run(payments)

    assert (kitchen.calls, JobRun.objects.get().state) == ([], "done")


def test_the_command_works_out_all_or_one_and_says_what_failed(kitchen, payments, ledger, capsys):
    call_command("run_night", date=ON)
    kitchen.failures["PAY", Step.PROPOSE] = ValueError()
    with pytest.raises(SystemExit):
        call_command("run_night", date=ON)
    call_command("run_night", product="led")

    told = capsys.readouterr()
    assert told.out.count("LED: done") == 3
    assert "PAY: The order could not be worked out." in told.err
    assert "Not worked out: PAY." in told.err
    last = schedule.latest_due("UTC", timezone.now())
    assert set(Night.objects.values_list("product__key", "on", "runs")) == {
        *(("PAY", ON, 2), ("LED", ON, 2), ("LED", last, 1))
    }


def test_pages_tell_how_it_went_in_a_fixed_number_of_statements(
    kitchen, payments, ledger, ines, ada, client, django_assert_num_queries
):
    now = timezone.now()
    today = schedule.latest_due("UTC", now)
    kitchen.failures["LED", Step.REPORT] = ValueError()
    call_command("run_night", product="PAY")
    for number in (1, 3):
        for day in range(number):
            on = today - timedelta(days=day + 1)
            Night.objects.get_or_create(product=payments, on=on, defaults={"state": "done", "finished_at": now})
        with django_assert_num_queries(2):
            page = night_pages.nights_page(payments, ines, now=now)
        with django_assert_num_queries(5):
            of_organization = operations.of_organization(payments.organization, now=now)
        with django_assert_num_queries(4):
            of_instance = operations.of_instance(now=now)
    with pytest.raises(SystemExit):
        call_command("run_night", product="LED")

    assert (len(page.nights), page.is_late, page.is_running, page.may_run) == (4, False, False, True)
    assert [step.title for step in page.nights[0].steps] == Step.labels
    assert (of_organization.progress.done, of_organization.progress.waiting) == (1, 0)
    assert {standing.name for standing in of_instance.jobs} >= {"digest", "night", "purge"}
    client.force_login(ada)
    text = client.get(f"/organizations/{payments.organization.slug}/operations/").content.decode()
    assert "The report could not be written." in text
    client.force_login(ines)
    text = client.get("/products/PAY/nights/").content.decode()
    assert "Run now" in text
    assert "done" in text


def test_the_instance_page_is_for_its_admins_alone(payments, ada, client):
    client.force_login(ada)
    assert client.get("/operations/").status_code == 403
    root = factories.UserFactory(name="Rita Root", is_superuser=True)
    client.force_login(root)
    answer = client.get("/operations/")
    assert answer.status_code == 200
    assert payments.name not in answer.content.decode()
