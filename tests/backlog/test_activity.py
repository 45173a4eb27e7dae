"""The history of an item, in words."""

from datetime import date

from backlog.actions import comments, criteria, dependencies, items, life_cycle
from backlog.queries.activity import UNSEEN, Change, activity
from tests.backlog.test_permissions import lend


def make(product, by):
    return items.create(product, by=by, title="Retry", kind="functional", type="story")


def test_activity_says_who_did_what_newest_first(payments, ines, dev):
    item = make(payments, ines)
    comments.add(item, "Seen.", by=dev)
    life_cycle.drop(item, by=ines, reason="Nobody needs it.")

    deeds = activity(item, ines)

    assert [(deed.by, deed.words, deed.reason) for deed in deeds] == [
        ("Ines Falkner", "dropped the item", "Nobody needs it."),
        ("Dev Patel", "commented", ""),
        ("Ines Falkner", "created the item", ""),
    ]
    assert deeds[0].changes == (Change("status", "Open", "Dropped"),)
    assert activity(item, ines, before=deeds[0].event_id, count=1) == deeds[1:2]


def test_changes_are_named_for_people(payments, payouts, kestrel, ines, dev):
    item = make(payments, ines)

    items.edit(
        item, by=ines, component=payouts, team=kestrel, assignee=dev, points=3, description="Long.", tags=["cards"]
    )

    assert set(activity(item, ines)[0].changes) == {
        Change("component", "", "Payouts"),
        Change("team", "", "Kestrel"),
        Change("assignee", "", "Dev Patel"),
        Change("points", "", "3"),
        Change("description", "", ""),
        Change("tags", "", "cards"),
    }


def test_edited_fields_are_told_before_and_after(payments, ines):
    item = items.edit(make(payments, ines), by=ines, due_on=date(2031, 3, 1), points=3)
    story = make(payments, ines)

    items.edit(item, by=ines, title="Retry twice", due_on=date(2031, 4, 2), points=5, is_restricted=True, parent=story)

    assert set(activity(item, ines)[0].changes) == {
        Change("title", "Retry", "Retry twice"),
        Change("due on", "1 Mar 2031", "2 Apr 2031"),
        Change("points", "3", "5"),
        Change("is restricted", "no", "yes"),
        Change("parent", "", f"{story.key} Retry"),
    }


def test_an_edited_criterion_tells_both_texts_and_a_comment_none(payments, ines):
    item = make(payments, ines)
    criterion = criteria.add(item, "Retries twice", by=ines)
    comment = comments.add(item, "A secret", by=ines)

    criteria.edit(criterion, "Retries thrice", by=ines)
    comments.edit(comment, "Nothing", by=ines)

    by_comment, by_criterion = activity(item, ines)[:2]
    assert by_criterion.changes == (Change("text", "Retries twice", "Retries thrice"),)
    assert by_comment.changes == (Change("text", "", ""),)


def test_ties_name_the_other_item_and_which_way_they_go(payments, ines):
    item, other = make(payments, ines), items.create(payments, by=ines, title="Queue", kind="technical", type="debt")
    dependency = dependencies.add(other, item, by=ines)
    dependencies.remove(dependency, by=ines)
    dependencies.link(item, other, "relates", by=ines)
    dependencies.link(other, item, "duplicates", by=ines)

    told = [(deed.words, deed.detail) for deed in activity(item, ines)[:4]]
    assert told == [
        ("added a link", f"is duplicated by {other.key} Queue"),
        ("added a link", f"relates to {other.key} Queue"),
        ("removed a dependency", f"needs {other.key} Queue"),
        ("added a dependency", f"needs {other.key} Queue"),
    ]
    assert activity(other, ines)[2].detail == f"enables {item.key} Retry"


def test_items_that_the_reader_may_not_see_have_no_name(payments, ines, dev):
    item, hidden = make(payments, ines), items.create(payments, by=ines, title="Breach", kind="technical", type="debt")
    dependencies.add(hidden, item, by=ines)
    items.edit(hidden, by=ines, is_restricted=True)

    assert activity(item, dev)[0].detail == f"needs {UNSEEN}"


def test_an_act_under_a_delegation_names_both(payments, payouts, ines, marek):
    item = items.edit(make(payments, ines), by=ines, component=payouts)
    lend(payouts, "refine", to=marek, by=ines)

    criteria.add(item, "Retries thrice", by=marek)

    deed = activity(item, ines)[0]
    assert (deed.by, deed.on_behalf_of, deed.words, deed.detail) == (
        "Marek Osei",
        "Ines Falkner",
        "added a criterion",
        "Retries thrice",
    )


def test_activity_takes_the_same_statements_for_any_length(payments, payouts, ines, django_assert_num_queries):
    item = items.edit(make(payments, ines), by=ines, component=payouts)
    with django_assert_num_queries(2):
        activity(item, ines)
    for points in range(5):
        items.edit(item, by=ines, points=points, component=None if points % 2 else payouts)

    with django_assert_num_queries(2):
        assert len(activity(item, ines)) == 7
