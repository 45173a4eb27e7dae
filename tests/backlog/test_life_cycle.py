"""From proposed to accepted or dropped."""

import pytest
from django.core.exceptions import PermissionDenied

from backlog.actions import items, life_cycle
from backlog.actions.ordering import Place
from backlog.models import Item, Move
from core.errors import InvalidInput
from core.models import Event
from tests import factories
from tests.backlog.test_permissions import lend

STORY = {"title": "Retry failed payouts", "kind": "functional", "type": "story"}
DEBT = {"title": "Old card vault", "kind": "technical", "type": "debt"}

STEPS = {
    "accept_proposal": {},
    "decline": {"reason": "Not now."},
    "begin": {},
    "stop": {},
    "finish": {},
    "accept": {},
    "send_back": {"reason": "No logging."},
    "drop": {"reason": "Nobody needs it."},
    "restore": {},
}
FROM = {
    "accept_proposal": {"proposed", "declined"},
    "decline": {"proposed"},
    "begin": {"open"},
    "stop": {"in_progress"},
    "finish": {"in_progress"},
    "accept": {"done"},
    "send_back": {"done"},
    "drop": {"proposed", "open", "in_progress", "done"},
    "restore": {"dropped"},
}
PATH_TO = {
    "proposed": [],
    "declined": ["decline"],
    "open": ["accept_proposal"],
    "in_progress": ["accept_proposal", "begin"],
    "done": ["accept_proposal", "begin", "finish"],
    "accepted": ["accept_proposal", "begin", "finish", "accept"],
    "dropped": ["accept_proposal", "drop"],
}


def item_in(status, product, by, **values):
    item = items.propose(product, by=by, **(STORY | values))
    for step in PATH_TO[status]:
        item = take(step, item, by)
    return item


def take(step, item, by):
    return getattr(life_cycle, step)(item, by=by, **STEPS[step])


def ranked(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


@pytest.mark.parametrize("status", Item.Status.values)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_possible_only_from_where_it_belongs(step, status, payments, ines):
    item = item_in(status, payments, ines)
    events_before = Event.objects.count()

    if status in FROM[step]:
        take(step, item, ines)
        return

    with pytest.raises(life_cycle.WrongStatus):
        take(step, item, ines)
    item.refresh_from_db()
    assert (item.status, Event.objects.count()) == (status, events_before)


@pytest.mark.parametrize(
    ("start", "step", "status", "event"),
    [
        ("proposed", "accept_proposal", "open", "item.opened"),
        ("proposed", "decline", "declined", "item.declined"),
        ("open", "begin", "in_progress", "item.begun"),
        ("in_progress", "stop", "open", "item.stopped"),
        ("in_progress", "finish", "done", "item.finished"),
        ("done", "accept", "accepted", "item.accepted"),
        ("done", "send_back", "in_progress", "item.sent_back"),
        ("open", "drop", "dropped", "item.dropped"),
        ("dropped", "restore", "open", "item.restored"),
    ],
)
def test_a_step_records_who_when_and_why(start, step, status, event, payments, ines):
    item = item_in(start, payments, ines)
    version = item.version

    item = take(step, item, ines)

    item.refresh_from_db()
    reason = STEPS[step].get("reason", "")
    assert (item.status, item.status_by, item.status_reason, item.version) == (status, ines, reason, version + 1)
    recorded = Event.objects.about(item).newest_first().first()
    assert (recorded.name, recorded.by) == (event, ines)
    assert recorded.data == {"changes": {"status": [start, status]}, "reason": reason}


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("ines", set(STEPS)),
        ("marek", {"begin", "stop", "finish"}),
        ("mia", {"begin", "stop", "finish"}),
        ("dev", {"begin", "stop", "finish"}),
        ("stan", set()),
        ("ada", {"restore"}),
        ("eve", set()),
    ],
)
def test_each_role_takes_its_own_steps(who, allowed, payments, ines, request):
    user = request.getfixturevalue(who)

    taken = set()
    for step in STEPS:
        item = item_in(min(FROM[step]), payments, ines)
        try:
            take(step, item, user)
        except PermissionDenied:
            continue
        taken.add(step)

    assert taken == allowed


def test_each_sees_the_steps_that_they_may_take(payments, ines, dev, stan):
    item = item_in("in_progress", payments, ines)

    steps = {user.name: life_cycle.possible(item, user) for user in (ines, dev, stan)}

    assert steps == {"Ines Falkner": ["stop", "finish", "drop"], "Dev Patel": ["stop", "finish"], "Stan Berg": []}


def test_an_accepted_proposal_stands_where_the_product_owner_put_it(payments, ines, dev):
    first = factories.ItemFactory(product=payments, title="First")
    item = items.propose(payments, by=dev, **STORY)

    life_cycle.accept_proposal(item, by=ines, place=Place.before(first.pk))

    assert ranked(payments) == [STORY["title"], "First"]


@pytest.mark.parametrize("step", ["finish", "drop"])
def test_what_is_over_leaves_the_order_and_returns_to_its_place(step, payments, ines):
    factories.ItemFactory(product=payments, title="Above")
    item = items.create(payments, by=ines, **STORY)
    factories.ItemFactory(product=payments, title="Below")
    item = life_cycle.begin(item, by=ines)
    back = {"finish": "send_back", "drop": "restore"}[step]

    item = take(step, item, ines)
    assert ranked(payments) == ["Above", "Below"]
    item = take(back, item, ines)

    assert ranked(payments) == ["Above", STORY["title"], "Below"]


@pytest.fixture
def held_back(monkeypatch):
    held = set()
    monkeypatch.setattr(life_cycle, "_holds", [lambda ids: held & set(ids)])
    return held


def test_a_held_item_comes_back_but_stays_out_of_the_order(payments, ines, held_back):
    item = item_in("done", payments, ines)
    held_back.add(item.pk)

    item = life_cycle.send_back(item, by=ines, reason="No logging.")

    assert (item.status, ranked(payments)) == ("in_progress", [])


def test_a_proposal_that_was_dropped_comes_back_as_a_proposal(payments, ines):
    item = life_cycle.drop(items.propose(payments, by=ines, **STORY), by=ines)

    item = life_cycle.restore(item, by=ines)

    assert (item.status, ranked(payments)) == ("proposed", [])


def test_times_of_work_follow_the_status(payments, ines):
    item = item_in("open", payments, ines)

    item = life_cycle.begin(item, by=ines)
    assert (item.started_at is None, item.done_at) == (False, None)
    item = life_cycle.finish(item, by=ines)
    assert item.done_at is not None
    item = life_cycle.send_back(item, by=ines, reason="No logging.")
    assert (item.started_at is None, item.done_at) == (False, None)
    item = life_cycle.stop(item, by=ines)
    assert (item.started_at, item.done_at) == (None, None)


@pytest.mark.parametrize(("start", "step"), [("proposed", "decline"), ("done", "send_back")])
def test_a_no_needs_a_reason(start, step, payments, ines):
    item = item_in(start, payments, ines)

    with pytest.raises(InvalidInput) as refusal:
        getattr(life_cycle, step)(item, by=ines, reason="  ")

    assert refusal.value.field == "reason"


def test_lent_acceptance_is_recorded_for_the_product_owner(payments, payouts, ines, marek):
    technical = item_in("done", payments, ines, component=payouts, **DEBT)
    functional = item_in("done", payments, ines, component=payouts)
    lent = lend(payouts, "accept", to=marek, by=ines)

    life_cycle.accept(technical, by=marek)
    with pytest.raises(PermissionDenied):
        life_cycle.accept(functional, by=marek)

    event = Event.objects.about(technical).newest_first().first()
    assert (event.by, event.on_behalf_of, event.data["delegation"]) == (marek, ines, lent.pk)


def test_a_developer_takes_back_their_own_fresh_proposal(payments, dev):
    item = items.propose(payments, by=dev, **STORY)

    assert life_cycle.drop(item, by=dev).status == "dropped"


def test_many_are_dropped_and_come_back_in_one_step_each(payments, ines, dev):
    """Three of a list and a proposal; the places are kept, and one wrong one leaves all as they are."""
    story = {"kind": "functional", "type": "story"}
    made = items.create_many(payments, [story | {"title": title} for title in "abcd"], by=ines)
    (proposed,) = items.propose_many(payments, [story | {"title": "e"}], by=dev)
    ids = [made[2].pk, made[0].pk, made[1].pk, proposed.pk]

    life_cycle.drop_many(payments, ids, by=ines)

    assert list(Item.objects.ranked().values_list("title", flat=True)) == ["d"]
    with pytest.raises(life_cycle.WrongStatus):
        life_cycle.drop_many(payments, [made[3].pk, made[0].pk], by=ines)
    with pytest.raises(PermissionDenied):
        life_cycle.restore_many(payments, ids, by=dev)
    with pytest.raises(InvalidInput):
        life_cycle.drop_many(payments, [made[3].pk, 10**9], by=ines)
    life_cycle.restore_many(payments, ids, by=ines)
    assert list(Item.objects.ranked().values_list("title", flat=True)) == ["a", "b", "c", "d"]
    assert Item.objects.get(pk=proposed.pk).status == "proposed"
    assert list(Move.objects.order_by("version").values_list("kind", flat=True)) == ["enter", "leave", "enter"]
