"""What a filter finds in a product, and what it says where it can't."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backlog.actions import dependencies, goals, ordering
from backlog.models import Item, ItemComponent, ItemTag, SourceKey, Tag
from backlog.queries import filters, lists
from backlog.queries.filter_language import FilterUnreadable
from backlog.queries.readers import reader
from sprints.actions import sprints
from tests import factories


def understood(product, user, text):
    return filters.understand(product, reader(product, user), text, named=Item.objects.readable_by(user))


@pytest.fixture
def found(payments, ines, items):
    """The items that a filter finds for Ines, as letters in the order of the list; the ids agree."""

    def find(text, user=ines):
        filter = understood(payments, user, text)
        rows = lists.backlog_page(payments, user, filter=filter).rows
        assert sorted(lists.matching(filter)) == sorted(row.id for row in rows)
        return items.word(row.id for row in rows)

    return find


@pytest.fixture
def furnished(payments, ines, marek, payouts, kestrel, items):
    """A is functional and needs D; B is debt of Payouts, tagged; C is a bug; D is due; E works; F is pinned."""
    today = timezone.localdate()

    def change(letter, **values):
        Item.objects.filter(pk=getattr(items, letter)).update(**values)

    vault = factories.ComponentFactory(product=payments, name="Card vault", type="feature")
    goal = goals.create(payments, title="Instant payouts", by=ines)
    change("A", title="Refund a payment", points=3, goal=goal)
    change("B", title="Old ledger", kind="technical", type="debt", component=payouts, points=8, checks_total=2)
    change("C", title="Wrong total", type="bug", component=vault, points=0.5, open_question_count=2)
    change("D", title="Retry failed payouts", due_on=today + timedelta(days=3), description="The gateway certificate")
    change("E", title="Report", status="in_progress", team=kestrel, assignee=ines, due_on=today - timedelta(days=1))
    change(
        "F",
        title="Certificate of the gateway",
        created_at=timezone.now() - timedelta(days=30),
        is_restricted=True,
        engagement="large_scale",
    )
    for letter, name in (("B", "payday"), ("C", "payday"), ("C", "pay day")):
        tag, _ = Tag.objects.get_or_create(product=payments, name=name)
        ItemTag.objects.create(product=payments, item_id=getattr(items, letter), tag=tag)
    ItemComponent.objects.create(product=payments, item_id=items.A, component=payouts)
    SourceKey.objects.create(organization=payments.organization, item_id=items.E, source="jira", key="OLD-77")
    dependencies.add(Item.objects.get(pk=items.D), Item.objects.get(pk=items.A), by=ines)
    Item.objects.filter(pk__in=items("AD")).update(checks_met=1, checks_total=1)
    ordering.pin(Item.objects.get(pk=items.F), by=ines)
    return items


CASES = [
    ("", "ABCDEF"),
    ("kind:technical", "B"),
    ("type:bug,debt", "BC"),
    ("status:in-progress", "E"),
    ("-status:open", "E"),
    ("ready:no", "AB"),
    ("ready:yes kind:functional", "CDEF"),
    ("component:payouts", "B"),
    ("component:Payouts,'x", None),
    ("component:none", "ADEF"),
    ("component:any", "BC"),
    ("touches:payouts", "AB"),
    ('feature:"card vault"', "C"),
    ("feature:any", "C"),
    ("tag:payday", "BC"),
    ('tag:"pay day"', "C"),
    ("tag:none", "ADEF"),
    ("-tag:payday", "ADEF"),
    ("tag:payday kind:functional", "C"),
    ("team:kestrel", "E"),
    ("assignee:me", "E"),
    ("assignee:ines", "E"),
    ('assignee:"ines falkner"', "E"),
    ("assignee:none", "ABCDF"),
    ("owner:marek", "B"),
    ("owner:none", "ACDEF"),
    ("points:8", "B"),
    ("points:>2", "AB"),
    ("points<=3", "AC"),
    ("points:1..8", "AB"),
    ("points:..3", "AC"),
    ("points:none", "DEF"),
    ("-points:>2", "CDEF"),
    ("needs:PAY-4", "A"),
    ("needs:4", "A"),
    ("needs:any", "A"),
    ("enables:PAY-1", "D"),
    ("enables:none", "ABCEF"),
    ("blocked:yes", "A"),
    ("inverted:yes", "A"),
    ("inverted:no", "BCDEF"),
    ("pinned:yes", "F"),
    ("restricted:yes", "F"),
    ("engaged:yes", "F"),
    ("questions:>0", "C"),
    ("questions:0", "ABDEF"),
    ('goal:"instant payouts"', "A"),
    ("goal:none", "BCDEF"),
    ("due:any", "DE"),
    ("due:overdue", "E"),
    ("due:1w", "D"),
    ("due:>today", "D"),
    ("due:-1d..+3d", "DE"),
    ("due:<2001-01-01", ""),
    ("created:1w", "ABCDE"),
    ("created:<-2w", "F"),
    ("updated:today", "ABCDEF"),
    ("key:PAY-2..PAY-4", "BCD"),
    ("key:2,5", "BE"),
    ("key:OLD-77", "E"),
    ("certificate", "DF"),
    ("gateway certif", "DF"),
    ('"gateway certificate"', "D"),
    ("gatway", "F"),
    ("gatway kind:technical", ""),
    ("-certificate kind:functional", "ACE"),
    ("refund OR ledger", "AB"),
    ("PAY-3", "C"),
    ("pya-3", "C"),
    ("OLD-77", "E"),
    ("kind:technical OR (points:<1 tag:payday)", "BC"),
    ("-(kind:technical OR points:3)", "CDEF"),
    ("sprint:none", "ABCDEF"),
    ("sprint:active", ""),
]


def test_filters_find_what_they_say(furnished, found):
    wrong = {}
    for text, expected in CASES:
        try:
            letters = found(text)
        except FilterUnreadable as refusal:
            letters = None if expected is None else refusal.message
        if letters != expected:
            wrong[text] = letters

    assert not wrong, wrong


def test_sprints_are_asked_by_number_and_by_state(payments, ines, furnished, found, kestrel):
    sprint = sprints.plan(kestrel, starts_on=date(2031, 3, 3), ends_on=date(2031, 3, 14), by=ines)
    sprints.add(sprint, [Item.objects.get(pk=furnished.B)], by=ines)

    assert found("sprint:planned") == found(f"sprint:{sprint.number}") == found("sprint:any") == "B"
    assert found("-sprint:none") == "B"
    sprints.start(sprint, by=ines)
    assert found("sprint:any") == ""
    assert [hit.key for hit in lists.outside(understood(payments, ines, "sprint:active"))] == ["PAY-2"]


UNKNOWN = [
    ("kinds:technical", "kinds", "There is no “kinds” to filter by. Did you mean kind?", "kind"),
    ("kind:tecnical", "tecnical", "“tecnical” is no kind. Did you mean technical?", "technical"),
    ("ready:1", "1", "“1” is no ready. It is yes or no.", ""),
    ("x tag:paday", "paday", "There is no tag “paday”. Did you mean payday?", "payday"),
    ("component:payuots", "payuots", "There is no component “payuots”. Did you mean Payouts?", "Payouts"),
    ("points:many", "many", "“many” is no number. Write points:5, points:>5 or points:3..8.", "any"),
    ("due:soon", "soon", None, ""),
    ("due:2026-13", "2026-13", "There is no day 2026-13.", ""),
    ("created:<7d", "7d", "Say from where: created:<-7d or created:>-7d.", ""),
    ("kind:>technical", "kind:>", "kind is this or that, not more or less: write kind: and a value.", ""),
    ("needs:PAY-99", "PAY-99", "There is no item PAY-99 that you may see.", ""),
    ("sprint:next", "next", "“next” is no sprint. Write its number, active, planned, none or any.", ""),
    ("a !!!", "!!!", "There is no word in !!! to look for.", ""),
]


def test_a_mistake_is_told_at_its_place_with_the_nearest_word(payments, ines, furnished):
    wrong = []
    for text, marked, message, nearest in UNKNOWN:
        with pytest.raises(FilterUnreadable) as refused:
            understood(payments, ines, text)
        extra = refused.value.extra
        at = text[extra["position"] : extra["position"] + extra["length"]]
        if at != marked or (message and message != refused.value.message) or extra["nearest"] != nearest:
            wrong.append((text, at, refused.value.message, extra["nearest"]))

    assert not wrong, wrong


def test_restricted_items_do_not_show_through_a_filter(payments, ines, dev, furnished, found):
    dependencies.add(Item.objects.get(pk=furnished.F), Item.objects.get(pk=furnished.B), by=ines)

    assert (found("needs:PAY-6"), found("inverted:yes"), found("blocked:yes")) == ("B", "AB", "AB")
    seen = {text: found(text, user=dev) for text in ("gateway", "pinned:yes", "restricted:yes", "key:6", "PAY-6")}
    assert seen == {"gateway": "D", "pinned:yes": "", "restricted:yes": "", "key:6": "", "PAY-6": ""}
    assert (found("needs:any", user=dev), found("blocked:yes", user=dev)) == ("A", "A")
    assert found("inverted:yes OR needs:any", user=dev) == "A"
    messages = set()
    for key in ("PAY-6", "PAY-99"):
        with pytest.raises(FilterUnreadable) as refused:
            understood(payments, dev, f"needs:{key}")
        messages.add(refused.value.message.replace(key, "…"))
    assert len(messages) == 1


def test_conditions_can_be_lifted_one_by_one(payments, ines, furnished):
    filter = understood(payments, ines, "kind:technical AND (tag:payday OR refund) -points:>5 old")

    assert filter.text == "kind:technical (tag:payday OR refund) -points:>5 old"
    assert [(each.name, each.value) for each in filter.conditions] == [
        ("kind", "technical"),
        ("", "tag:payday OR refund"),
        ("not points", ">5"),
        ("", "old"),
    ]
    assert filter.conditions[1].without == "kind:technical -points:>5 old"
    again = understood(payments, ines, "a OR b")
    assert filters.together(again, filter).startswith("(a OR b) kind:technical (tag:payday OR refund)")


def test_a_filter_takes_as_many_statements_for_many_items(payments, ines, furnished):
    text = "kind:functional (tag:payday OR needs:any) team:kestrel,none -blocked:yes total"

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            lists.backlog_page(payments, ines, filter=understood(payments, ines, text))
        return len(captured)

    before = statements()
    ids = factories.enter_items(payments, 8, by=ines)
    Item.objects.filter(pk__in=ids).update(title="Total")
    tag = Tag.objects.get(name="payday")
    ItemTag.objects.bulk_create(ItemTag(product=payments, item_id=pk, tag=tag) for pk in ids)

    assert len(lists.backlog_page(payments, ines, filter=understood(payments, ines, text)).rows) == 9
    # Fewer than five asked for words that are only similar.
    assert statements() <= before
    assert statements() == 5


def test_known_words_are_what_may_be_written(payments, ines, furnished):
    known = {each["name"]: each["values"] for each in filters.known_words(payments)}

    assert known["kind"] == ["functional", "technical"]
    assert known["tag"] == ["none", "any", "pay day", "payday"]
    assert known["component"] == ["none", "any", "Card vault", "Payouts"]
    assert known["feature"] == ["none", "any", "Card vault"]
    assert "Marek Osei" in known["owner"]
    assert known["sprint"] == ["active", "planned", "none", "any"]
