"""The history of an item, in words."""

from backlog.actions import comments, criteria, items, life_cycle
from backlog.queries.activity import Change, activity
from tests.backlog.test_permissions import lend


def make(product, by):
    return items.create(product, by=by, title="Retry", kind="functional", type="story")


def test_activity_says_who_did_what_newest_first(payments, ines, dev):
    item = make(payments, ines)
    comments.add(item, "Seen.", by=dev)
    life_cycle.drop(item, by=ines, reason="Nobody needs it.")

    deeds = activity(item)

    assert [(deed.by, deed.words, deed.reason) for deed in deeds] == [
        ("Ines Falkner", "dropped the item", "Nobody needs it."),
        ("Dev Patel", "commented", ""),
        ("Ines Falkner", "created the item", ""),
    ]
    assert deeds[0].changes == (Change("status", "Open", "Dropped"),)
    assert activity(item, before=deeds[0].event_id, count=1) == deeds[1:2]


def test_changes_are_named_for_people(payments, payouts, kestrel, ines, dev):
    item = make(payments, ines)

    items.edit(
        item, by=ines, component=payouts, team=kestrel, assignee=dev, points=3, description="Long.", tags=["cards"]
    )

    assert set(activity(item)[0].changes) == {
        Change("component", "", "Payouts"),
        Change("team", "", "Kestrel"),
        Change("assignee", "", "Dev Patel"),
        Change("points", "", "3"),
        Change("description", "", ""),
        Change("tags", "", "cards"),
    }


def test_an_act_under_a_delegation_names_both(payments, payouts, ines, marek):
    item = items.edit(make(payments, ines), by=ines, component=payouts)
    lend(payouts, "refine", to=marek, by=ines)

    criteria.add(item, "Retries thrice", by=marek)

    deed = activity(item)[0]
    assert (deed.by, deed.on_behalf_of, deed.words, deed.detail) == (
        "Marek Osei",
        "Ines Falkner",
        "added a criterion",
        "Retries thrice",
    )


def test_activity_takes_the_same_statements_for_any_length(payments, payouts, ines, django_assert_num_queries):
    item = items.edit(make(payments, ines), by=ines, component=payouts)
    with django_assert_num_queries(2):
        activity(item)
    for points in range(5):
        items.edit(item, by=ines, points=points, component=None if points % 2 else payouts)

    with django_assert_num_queries(2):
        assert len(activity(item)) == 7
