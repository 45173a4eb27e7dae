"""Decisions: proposed, worded, decided, and what they are about."""

import pytest
from django.core.exceptions import PermissionDenied

from backlog.actions import decisions, questions
from backlog.models import Decision, Notification
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event
from tests import factories

OPTIONS = [
    {"title": "Outbox table", "text": "One transaction.", "good": ["nothing is lost"], "bad": ["one more\n table"]},
    {"title": "Two-phase commit"},
]


@pytest.fixture
def item(payments, payouts):
    return factories.ItemFactory(product=payments, component=payouts)


@pytest.fixture
def decision(payments, item, marek, ines, dev):
    return decisions.propose(
        payments,
        title="Send events through  an outbox",
        context="Events get lost\r\nwhen the broker is down.",
        options=OPTIONS,
        chosen="Outbox table",
        deciders=[ines],
        consulted=["Erin Outside"],
        informed=[dev],
        items=[item],
        components=[item.component],
        by=marek,
    )


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", "decision"))


def test_proposing_numbers_cleans_and_tells_who_decides(payments, decision, item, marek, ines, dev):
    second = decisions.propose(payments, title="Second", by=dev)

    assert (decision.key, second.key) == ("ADR-0001", "ADR-0002")
    assert decision.title == "Send events through an outbox"
    assert decision.context == "Events get lost\nwhen the broker is down."
    assert decision.options[0]["bad"] == ["one more table"]
    assert decision.options[1] == {"title": "Two-phase commit", "text": "", "good": [], "neutral": [], "bad": []}
    assert [(row.part, str(row)) for row in decision.people.order_by("pk")] == [
        ("decider", str(ines)),
        ("consulted", "Erin Outside"),
        ("informed", str(dev)),
    ]
    assert list(item.decision_links.values_list("decision", flat=True)) == [decision.pk]
    assert list(item.component.decision_links.values_list("decision", flat=True)) == [decision.pk]
    assert (told(ines), told(dev)) == ([("to_decide", decision.pk)], [])
    assert Event.objects.about(decision).get().data == {"title": decision.title, "key": "ADR-0001"}


def test_deciding_tells_those_informed_and_reopening_takes_it_back(decision, ines, dev, marek):
    accepted = decisions.accept(decision, by=ines)

    assert (accepted.status, accepted.status_by, accepted.version) == ("accepted", ines, 2)
    assert told(dev) == [("decided", decision.pk)]
    with pytest.raises(decisions.NotProposed):
        decisions.accept(decision, by=ines)
    with pytest.raises(decisions.NotProposed):
        decisions.reject(decision, by=ines, reason="Late")

    assert decisions.reopen(decision, by=marek, reason="The broker changed").status == "proposed"
    assert told(ines)[-1] == ("to_decide", decision.pk)
    with pytest.raises(decisions.IsProposed):
        decisions.reopen(decision, by=marek)
    with pytest.raises(InvalidInput):
        decisions.reject(decision, by=ines, reason=" ")
    rejected = decisions.reject(decision, by=ines, reason="Too dear")
    assert (rejected.status, rejected.status_reason) == ("rejected", "Too dear")
    with pytest.raises(decisions.DecisionClosed):
        decisions.edit(decision, title="Other", by=ines)


def test_nothing_is_accepted_that_says_nothing(payments, ines):
    empty = decisions.propose(payments, title="Empty", by=ines)

    with pytest.raises(decisions.NothingDecided):
        decisions.accept(empty, by=ines)


def test_a_decision_is_superseded_by_another_of_its_product(payments, decision, ines, marek):
    successor = decisions.propose(payments, title="Log tailing", by=marek)
    elsewhere = factories.ProductFactory(organization=payments.organization)
    factories.ProductRoleFactory(product=elsewhere, user=ines, role="product_owner")
    foreign = decisions.propose(elsewhere, title="Foreign", by=ines)
    with pytest.raises(decisions.NotAccepted):
        decisions.supersede(decision, successor, by=ines)
    decisions.accept(decision, by=ines)

    for wrong in (decision, foreign):
        with pytest.raises(decisions.NoSuccessor):
            decisions.supersede(decision, wrong, by=ines)
    decisions.supersede(decision, successor, by=ines)

    decision.refresh_from_db()
    assert (decision.status, decision.superseded_by) == ("superseded", successor)
    assert Event.objects.about(decision).newest_first().first().data["by_decision"] == "ADR-0002"
    assert decisions.reopen(decision, by=ines).superseded_by is None


def test_editing_records_what_changed_and_asks_for_the_version(decision, item, ines, mia, dev):
    with pytest.raises(PreconditionFailed):
        decisions.edit(decision, version=7, context="New", by=ines)
    with pytest.raises(InvalidInput, match="among the options"):
        decisions.edit(decision, chosen="Nothing of them", by=ines)
    with pytest.raises(InvalidInput, match="same name"):
        decisions.edit(decision, options=[OPTIONS[1], OPTIONS[1]], chosen="", by=ines)

    edited = decisions.edit(decision, version=1, context="New", informed=[mia, ""], items=[], by=ines)

    assert edited.version == 2
    assert Event.objects.about(decision).newest_first().first().data["changes"] == {
        "context": ["Events get lost\nwhen the broker is down.", "New"],
        "informed": [[str(dev)], [str(mia)]],
        "items": [[item.pk], []],
    }


def test_links_to_what_one_may_not_read_stay(payments, decision, ines, marek):
    hidden = factories.ItemFactory(product=payments, is_restricted=True)
    decisions.edit(decision, items=[hidden], by=ines)

    decisions.edit(decision, items=[], by=marek)

    assert list(decision.item_links.values_list("item", flat=True)) == [hidden.pk]


def test_a_question_is_answered_as_a_decision(payments, item, dev, marek):
    question = questions.ask(item, "Which queue?", by=dev)

    decision = decisions.propose(payments, title="Which queue?", decision="Redis", questions=[question], by=marek)

    assert list(question.decision_links.values_list("decision", flat=True)) == [decision.pk]


def test_who_may_and_who_sees(payments, decision, request, ines, stan, eve):
    may = {"propose": ["ines", "marek", "mia", "dev"], "decide": ["ines", "marek"]}
    for who in ("ines", "marek", "mia", "dev", "stan", "ada", "eve"):
        user = request.getfixturevalue(who)
        for verb, people in may.items():
            try:
                if verb == "propose":
                    decisions.propose(payments, title="By role", by=user)
                else:
                    decisions.deprecate(decision, by=user, reason="x")
            except PermissionDenied:
                assert who not in people, (who, verb)
            except decisions.NotAccepted:
                assert who in people
            else:
                assert who in people

    own = Decision.objects.get(created_by=request.getfixturevalue("dev"))
    decisions.edit(own, context="Mine", by=request.getfixturevalue("dev"))
    with pytest.raises(PermissionDenied):
        decisions.edit(decision, context="Not mine", by=request.getfixturevalue("dev"))
    assert not Decision.objects.visible_to(stan).exists()
    decisions.edit(decision, plain_summary="Events are never lost.", by=ines)
    decisions.edit(own, informed=[stan], by=ines)
    assert set(Decision.objects.visible_to(stan)) == {decision, own}
    assert not Decision.objects.readable_by(stan).exists()
    assert not Decision.objects.visible_to(eve).exists()
