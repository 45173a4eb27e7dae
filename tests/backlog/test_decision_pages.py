"""What people get on the pages of decisions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlog.actions import decisions, questions
from backlog.models import Decision
from backlog.queries.decision_page import decision_list, decision_page, decisions_about
from tests import factories

LIST = "/products/PAY/decisions/"
FORM = {"option-TOTAL_FORMS": "1", "option-INITIAL_FORMS": "0", "chosen": ""}


@pytest.fixture
def item(payments, payouts):
    return factories.ItemFactory(product=payments, component=payouts, number=1000, title="Outbox for payouts")


@pytest.fixture
def decision(payments, payouts, item, ines, dev):
    return decisions.propose(
        payments,
        title="Send events through an outbox",
        context="Events about PAY-1000 get lost.",
        options=[{"title": "Outbox table", "good": ["nothing is lost"], "bad": ["one more table"]}],
        chosen="Outbox table",
        plain_summary="No payment is forgotten.",
        deciders=[ines],
        informed=[dev],
        items=[item],
        components=[payouts],
        by=ines,
    )


def page_of(client, user, address=LIST, **query):
    client.force_login(user)
    response = client.get(address, query)
    return response, response.content.decode()


def test_the_list_shows_what_waits_and_is_filtered(client, payments, payouts, decision, ines):
    second = decisions.propose(payments, title="Log tailing", decision="No", by=ines)
    decisions.accept(second, by=ines)

    _, text = page_of(client, ines)
    assert "To decide" in text and "Ines Falkner to decide" in text and "Decided" in text
    assert 'data-do="go-decisions"' in text

    for query, shown in (
        ({"text": "outbox"}, [decision]),
        ({"text": "adr-2"}, [second]),
        ({"status": "accepted"}, [second]),
        ({"component": payouts.pk}, [decision]),
        ({"text": "nowhere"}, []),
    ):
        _, text = page_of(client, ines, **query)
        assert [each for each in (decision, second) if each.title in text] == shown, query


def test_an_empty_list_teaches(client, payments, ines, stan):
    assert "Propose one, or import" in page_of(client, ines)[1]
    assert "put in plain words" in page_of(client, stan)[1]


def test_a_stakeholder_reads_the_plain_words_only(client, payments, decision, ines, stan):
    hidden = decisions.propose(payments, title="Not for stakeholders", by=ines)

    _, listed = page_of(client, stan)
    response, text = page_of(client, stan, f"{LIST}1/")

    assert response.status_code == 200 and "No payment is forgotten." in text
    for words in ("Outbox table", "get lost", "Outbox for payouts", "Markdown", "Accept"):
        assert words not in text
    assert hidden.title not in listed and "get lost" not in listed
    assert page_of(client, stan, f"{LIST}{hidden.number}/")[0].status_code == 404
    assert page_of(client, stan, f"{LIST}1/file/")[0].status_code == 403


def test_a_decision_is_proposed_from_a_question_and_decided(client, payments, item, ines, dev, marek):
    question = questions.ask(item, "Which queue?", by=dev)
    address = f"{LIST}new/?question={question.pk}"
    _, text = page_of(client, marek, address)
    assert "Which queue?" in text and 'value="PAY-1000"' in text

    sent = FORM | {"title": "Redis", "items": "PAY-9", "informed": "dev patel, Guest", "question": question.pk}
    sent |= {"option-0-title": "Redis", "option-0-good": "we run it\n\nit is fast", "chosen": "0"}
    refused = client.post(address, sent)
    assert refused.status_code == 422 and b"There is no PAY-9 here." in refused.content
    assert b"we run it" in refused.content
    made = client.post(address, sent | {"items": "pay-1000"})

    decision = Decision.objects.get()
    assert made["Location"] == f"{LIST}1/"
    assert (decision.chosen, decision.options[0]["good"]) == ("Redis", ["we run it", "it is fast"])
    assert [(str(row), row.user) for row in decision.people.order_by("pk")] == [("Dev Patel", dev), ("Guest", None)]
    assert decision.question_links.get().question == question
    client.post(f"{LIST}1/accept/")
    client.force_login(dev)
    told = client.get("/for-you/").content.decode()
    assert "decided on" in told and f'href="{LIST}1/"' in told


def test_two_who_write_at_once_see_both_texts(client, decision, ines, marek):
    sent = FORM | {
        "title": decision.title,
        "context": "Mine",
        "plain_summary": decision.plain_summary,
        "items": "PAY-1000",
        "components": [decision.component_links.get().component_id],
        "deciders": "Ines Falkner",
        "informed": "Dev Patel",
        "version": "1",
    }
    sent |= {"option-0-title": "Mine only", "option-0-bad": "slow"}
    decisions.edit(decision, context="Theirs", deciders=[marek], by=marek)
    client.force_login(ines)

    conflict = client.post(f"{LIST}1/edit/", sent)
    text = conflict.content.decode()

    assert conflict.status_code == 409
    assert {pair.name for pair in conflict.context["pairs"]} == {"context", "deciders", "options"}
    for words in ("Mine", "Theirs", "Marek Osei", "Outbox table (chosen)", "Bad, because slow"):
        assert words in text
    hidden = dict(conflict.context["hidden"])
    again = hidden | {"version": "2", "context": "Both", "take-context": "mine"}
    again |= {"take-deciders": "theirs", "take-options": "theirs"}
    saved = client.post(f"{LIST}1/edit/", again)

    assert saved.status_code == 303
    decision.refresh_from_db()
    assert (decision.context, decision.chosen) == ("Both", "Outbox table")
    assert [person.user for person in decision.people.filter(part="decider")] == [marek]


def test_the_file_comes_back_over_the_pages(client, decision, ines):
    response, text = page_of(client, ines, f"{LIST}1/file/")
    assert response["Content-Disposition"] == 'attachment; filename="0001-send-events-through-an-outbox.md"'
    assert text.startswith("---\nstatus: proposed\n")
    assert client.get(f"{LIST}export/").content[:2] == b"PK"


def test_statements_stay_the_same_for_more_rows(payments, payouts, item, decision, ines):
    def statements():
        Decision.objects.get(pk=decision.pk)
        counts = []
        for read in (
            lambda: decision_list(payments, ines),
            lambda: decision_page(Decision.objects.select_related("product").get(pk=decision.pk), ines),
            lambda: decisions_about(item=item, user=ines),
        ):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                read()
            counts.append(len(captured))
        return counts

    before = statements()
    for n in range(2):
        more = factories.ItemFactory(product=payments)
        decisions.propose(payments, title=f"More {n}", deciders=[ines], components=[payouts], items=[item], by=ines)
        decisions.edit(decision, items=[item, more], informed=[ines, f"Guest {n}"], by=ines)

    assert statements() == before
