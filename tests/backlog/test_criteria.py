"""Acceptance criteria and readiness."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import criteria, items, products, questions, readiness
from backlog.models import AcceptanceCriterion
from core.errors import InvalidInput
from core.models import Event
from tests import factories
from tests.backlog.test_permissions import lend


@pytest.fixture
def item(payments, payouts, ines):
    return items.create(payments, by=ines, title="Retry", kind="functional", type="story", component=payouts)


@pytest.fixture
def criterion(item, ines):
    return criteria.add(item, "Retries thrice", by=ines)


def texts(item):
    return list(item.criteria.order_by("position").values_list("position", "text"))


def last_event(item):
    event = Event.objects.about(item).newest_first().first()
    return event.name, event.data


def test_criteria_are_added_at_the_end(item, criterion, ines):
    second = criteria.add(item, " Gives up after a day ", by=ines)

    assert texts(item) == [(1, "Retries thrice"), (2, "Gives up after a day")]
    assert last_event(item) == ("criterion.added", {"criterion": second.pk, "text": "Gives up after a day"})
    item.refresh_from_db()
    assert item.version == 3


def test_an_edited_criterion_is_looked_at_again(item, criterion, ines, dev):
    criteria.meet(criterion, by=dev)

    edited = criteria.edit(criterion, "Retries four times", by=ines)

    assert (edited.text, edited.met_at, edited.met_by) == ("Retries four times", None, None)
    assert last_event(item) == (
        "criterion.edited",
        {"criterion": criterion.pk, "changes": {"text": ["Retries thrice", "Retries four times"]}},
    )


def test_a_removed_criterion_leaves_no_gap(item, criterion, ines):
    criteria.add(item, "Gives up after a day", by=ines)

    criteria.remove(criterion, by=ines)

    assert texts(item) == [(1, "Gives up after a day")]
    assert last_event(item) == ("criterion.removed", {"criterion": criterion.pk, "text": "Retries thrice"})


def test_criteria_are_reordered(item, criterion, ines):
    second = criteria.add(item, "Gives up after a day", by=ines)

    criteria.reorder(item, [second.pk, criterion.pk], by=ines)

    assert texts(item) == [(1, "Gives up after a day"), (2, "Retries thrice")]
    assert last_event(item)[1] == {"changes": {"criteria": [[criterion.pk, second.pk], [second.pk, criterion.pk]]}}
    with pytest.raises(InvalidInput):
        criteria.reorder(item, [second.pk], by=ines)


def test_a_developer_says_that_a_criterion_is_met(item, criterion, dev):
    met = criteria.meet(criterion, by=dev)
    assert (met.met_by, last_event(item)[0]) == (dev, "criterion.met")

    assert criteria.unmeet(criterion, by=dev).met_at is None
    assert last_event(item)[0] == "criterion.unmet"
    count = Event.objects.count()
    criteria.unmeet(criterion, by=dev)
    assert Event.objects.count() == count


@pytest.mark.parametrize(
    ("who", "writes", "meets"),
    [
        ("ines", True, True),
        ("mia", True, True),
        ("marek", False, True),
        ("dev", False, True),
        ("stan", False, False),
        ("ada", False, False),
        ("eve", False, False),
    ],
)
def test_who_writes_criteria_and_who_meets_them(who, writes, meets, item, criterion, request):
    user = request.getfixturevalue(who)

    def is_allowed(attempt):
        try:
            attempt()
        except PermissionDenied:
            return False
        return True

    assert is_allowed(lambda: criteria.add(item, "Logs it", by=user)) == writes
    assert is_allowed(lambda: criteria.edit(criterion, "Retries", by=user)) == writes
    assert is_allowed(lambda: readiness.tick(item, "design", by=user)) == writes
    assert is_allowed(lambda: criteria.meet(criterion, by=user)) == meets


def test_criteria_written_under_a_delegation_say_so(item, payouts, ines, marek):
    lent = lend(payouts, "refine", to=marek, by=ines)

    criteria.add(item, "Logs it", by=marek)

    event = Event.objects.about(item).newest_first().first()
    assert (event.on_behalf_of, event.data["delegation"]) == (ines, lent.pk)


def test_readiness_is_counted_as_the_item_grows(item, ines):
    def counts():
        item.refresh_from_db()
        return item.checks_met, item.checks_total

    assert counts() == (0, 5)
    items.edit(item, by=ines, plain_lead="A customer is paid the same day.", points=3)
    assert counts() == (3, 5)
    criterion = criteria.add(item, "Retries thrice", by=ines)
    assert counts() == (4, 5)
    readiness.tick(item, "design", by=ines)
    assert counts() == (5, 5)
    readiness.untick(item, "design", by=ines)
    criteria.remove(criterion, by=ines)
    assert counts() == (3, 5)


def test_a_tick_is_recorded_once(item, ines):
    readiness.tick(item, "design", by=ines)
    readiness.tick(item, "design", by=ines)

    assert Event.objects.filter(name="readiness.ticked").count() == 1
    assert last_event(item) == ("readiness.ticked", {"check": "design", "label": "Design and wording agreed"})


@pytest.mark.parametrize("key", ["criteria", "nonsense"])
def test_only_checks_by_hand_are_ticked(key, item, ines):
    with pytest.raises(InvalidInput):
        readiness.tick(item, key, by=ines)


def test_a_blocking_question_keeps_a_technical_item_from_being_ready(payments, ines):
    products.edit(
        payments,
        by=ines,
        definition_of_ready={
            "technical": [{"key": "questions", "label": "None open", "rule": "no_open_blocking_question"}]
        },
    )
    item = items.create(payments, by=ines, title="Vault", kind="technical", type="debt")

    def counts():
        item.refresh_from_db()
        return item.checks_met, item.open_question_count

    assert counts() == (1, 0)
    question = questions.ask(item, "Which vault?", by=ines)
    questions.ask(item, "By the way?", by=ines, is_blocking=False)
    assert counts() == (0, 2)
    questions.answer(question, "The old one.", by=ines)
    assert counts() == (1, 1)


def test_readiness_takes_the_same_statements_for_any_number_of_items(payments, ines):
    rows = [{"title": f"Row {n}", "kind": "functional", "type": "story", "criteria": ["One"]} for n in range(30)]
    made = [item.pk for item in items.create_many(payments, rows, by=ines)]

    with CaptureQueriesContext(connection) as few:
        readiness.refresh(made[:1])
    with CaptureQueriesContext(connection) as many:
        readiness.refresh(made)

    assert (len(few), len(many)) == (3, 3)
    assert AcceptanceCriterion.objects.count() == 30
    assert set(payments.items.values_list("checks_met", "checks_total")) == {(1, 5)}


def test_a_spike_has_a_checklist_of_its_own(payments, ines):
    item = items.create(payments, by=ines, title="How?", kind="technical", type="spike", description="Which vault?")

    item.refresh_from_db()
    assert (item.checks_met, item.checks_total) == (1, 5)


def test_items_of_two_products_are_counted_by_their_own_checklist(payments, ines):
    other = factories.ProductFactory(
        definition_of_ready={"functional": [{"key": "design", "label": "Agreed", "rule": None}]}
    )
    here, there = factories.ItemFactory(product=payments), factories.ItemFactory(product=other)

    readiness.refresh([here.pk, there.pk])

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.checks_total, there.checks_total) == (5, 1)
