"""What people suggest who may not do it, and what becomes of it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import items, ordering, suggestions
from backlog.actions.ordering import Place
from backlog.models import Item, Notification, Suggestion
from backlog.queries.activity import activity
from backlog.queries.for_you import count_for_you, for_you
from core.errors import InvalidInput
from core.models import Event, OutgoingMail
from sprints.actions import sprints
from sprints.actions import suggestions as sprint_suggestions
from sprints.models import SprintItem
from tests import factories
from tests.backlog.test_permissions import lend


@pytest.fixture
def story(payments, ines):
    return items.create(payments, by=ines, title="Pay twice", kind="functional", type="story")


@pytest.fixture
def debt(payments, payouts, ines):
    return items.create(payments, by=ines, title="Old queue", kind="technical", type="debt", component=payouts)


def listed(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def waiting(user):
    return [row.id for row in for_you(user).suggestions]


def test_a_text_is_suggested_taken_and_told_with_both_names(story, dev, ines):
    suggestion = suggestions.suggest_edit(story, by=dev, title="Pay once", plain_lead="", reason="Clearer")

    assert suggestion.payload == {"changes": {"title": "Pay once"}}
    assert waiting(ines) == [suggestion.pk]
    assert count_for_you(ines) == 1

    suggestions.take(suggestion, by=ines)

    story.refresh_from_db()
    suggestion.refresh_from_db()
    assert story.title == "Pay once"
    assert (suggestion.verdict, suggestion.verdict_by) == ("taken", ines)
    assert waiting(ines) == []
    edited, taken = Event.objects.about(story).filter(name__in=["item.edited", "suggestion.taken"]).order_by("pk")
    assert (edited.by, taken.by, taken.data["suggested_by"]) == (ines, ines, dev.pk)
    assert [(deed.words, deed.detail) for deed in activity(story, ines)][:1] == [
        ("took what was suggested by", "Dev Patel")
    ]
    told = Notification.objects.get(user=dev)
    assert (told.kind, told.suggestion, told.by) == ("suggestion_taken", suggestion, ines)
    assert [mail.to for mail in OutgoingMail.objects.all()] == [dev.email]
    with pytest.raises(suggestions.AlreadyDecided):
        suggestions.take(suggestion, by=ines)


def test_a_suggestion_is_declined_with_a_reason_or_withdrawn(story, dev, mia, ines):
    declined = suggestions.suggest_edit(story, by=dev, title="One")
    withdrawn = suggestions.suggest_edit(story, by=mia, title="Two")

    with pytest.raises(InvalidInput):
        suggestions.decline(declined, by=ines, reason=" ")
    for somebody in (dev, mia):
        with pytest.raises(PermissionDenied):
            suggestions.decline(declined, by=somebody, reason="No")
    with pytest.raises(PermissionDenied):
        suggestions.withdraw(withdrawn, by=dev)
    suggestions.decline(declined, by=ines, reason="Not now")
    suggestions.withdraw(withdrawn, by=mia)

    (told,) = for_you(dev).told
    assert (told.words, told.excerpt) == ("declined what you suggested about", "Not now")
    assert for_you(mia).told == ()
    assert [row.verdict for row in Suggestion.objects.order_by("pk")] == ["declined", "withdrawn"]
    assert listed(story.product) == ["Pay twice"]


def test_nobody_takes_their_own_or_asks_for_what_they_may_do(story, debt, payouts, marek, ines):
    with pytest.raises(PermissionDenied):
        suggestions.suggest_edit(story, by=ines, title="One")
    own = suggestions.suggest_move(debt, Place.top(), by=marek)
    lend(payouts, "order", to=marek, by=ines)

    with pytest.raises(suggestions.OwnSuggestion):
        suggestions.take(own, by=marek)
    with pytest.raises(suggestions.MayDoIt):
        suggestions.suggest_move(debt, Place.top(), by=marek)
    with pytest.raises(InvalidInput):
        suggestions.suggest_edit(story, by=marek, title="Pay twice")


@pytest.mark.parametrize(
    ("who", "item", "values", "is_refused"),
    [
        ("dev", "story", {"title": "One"}, False),
        ("dev", "debt", {"title": "One"}, True),
        ("mia", "debt", {"title": "One"}, False),
        ("marek", "debt", {"type": "architecture"}, False),
        ("mia", "debt", {"type": "architecture"}, True),
        ("stan", "story", {"title": "One"}, True),
        ("ada", "story", {"title": "One"}, True),
        ("eve", "story", {"title": "One"}, True),
    ],
)
def test_who_may_suggest_what(who, item, values, is_refused, request):
    user, item = request.getfixturevalue(who), request.getfixturevalue(item)

    if is_refused:
        with pytest.raises(PermissionDenied):
            suggestions.suggest_edit(item, by=user, **values)
    else:
        suggestions.suggest_edit(item, by=user, **values)

    assert Suggestion.objects.exists() is not is_refused


def test_what_has_changed_since_is_not_overwritten(story, debt, payouts, marek, dev, ines):
    text = suggestions.suggest_edit(story, by=dev, title="One")
    kind = suggestions.suggest_edit(debt, by=marek, type="architecture", component=None)
    items.edit(story, by=ines, title="Two")

    with pytest.raises(suggestions.Outdated):
        suggestions.take(text, by=ines)
    suggestions.take(kind, by=ines)

    debt.refresh_from_db()
    story.refresh_from_db()
    assert (debt.type, debt.component, story.title) == ("architecture", None, "Two")


def test_a_place_is_suggested_and_taken_by_whom_the_order_is_lent(payments, payouts, story, debt, dev, ines, marek):
    second = items.create(payments, by=ines, title="Newer", kind="technical", type="debt", component=payouts)
    lend(payouts, "order", to=marek, by=ines)
    swap = suggestions.suggest_move(second, Place.before(debt.pk), by=dev, reason="It blocks us")
    top = suggestions.suggest_move(story, Place.top(), by=dev)

    assert waiting(marek) == [swap.pk]
    assert waiting(ines) == [swap.pk, top.pk]
    assert [row.words for row in for_you(ines).suggestions] == [
        f"Move it before {debt.key} Old queue",
        "Move it to the top",
    ]
    with pytest.raises(PermissionDenied):
        suggestions.take(top, by=marek)
    suggestions.take(swap, by=marek)

    assert listed(payments) == ["Pay twice", "Newer", "Old queue"]


def test_an_item_is_suggested_for_a_sprint(payments, kestrel, story, marek, mia, dev, ines):
    today = story.created_at.date()
    sprint = sprints.plan(kestrel, starts_on=today, ends_on=today, by=mia)
    suggestion = sprint_suggestions.suggest(sprint, story, by=marek)
    ordering.move(payments, [story.pk], Place.top(), by=ines)

    with pytest.raises(PermissionDenied):
        sprint_suggestions.suggest(sprint, story, by=dev)
    with pytest.raises(PermissionDenied):
        suggestions.take(suggestion, by=marek)
    assert waiting(mia) == waiting(dev) == [suggestion.pk]
    suggestions.take(suggestion, by=dev)

    assert SprintItem.objects.get(sprint=sprint).added_by == dev
    with pytest.raises(sprints.InAnotherSprint):
        sprint_suggestions.suggest(sprint, story, by=marek)


def test_outsiders_see_none_and_statements_stay_flat(payments, story, debt, dev, ines, eve):
    suggestions.suggest_edit(story, by=dev, title="One")
    suggestions.suggest_move(debt, Place.before(story.pk), by=dev)
    with CaptureQueriesContext(connection) as few:
        for_you(ines)
    for title in ("Two", "Three"):
        suggestions.suggest_edit(story, by=dev, title=title)
        suggestions.suggest_move(debt, Place.top(), by=dev)

    with CaptureQueriesContext(connection) as many:
        page = for_you(ines)

    assert len(page.suggestions) == 6
    assert len(few) == len(many)
    assert not Suggestion.objects.visible_to(eve).exists()
    assert not Suggestion.objects.visible_to(factories.UserFactory(is_superuser=True)).exists()
