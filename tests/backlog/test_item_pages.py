"""The page of an item and everything that can be done there."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import comments, criteria, delegations, dependencies, items, life_cycle, questions
from backlog.models import Item, Question

HTMX = {"HX-Request": "true"}
PAGE = "/products/PAY/items/1/"


@pytest.fixture
def browse(db):
    """A signed-in client: browse(ines)."""

    def browse(user):
        client = Client()
        client.force_login(user)
        return client

    return browse


@pytest.fixture
def item(payments, ines):
    return items.create(payments, by=ines, title="Retry a failed payout", kind="functional", type="story")


@pytest.fixture
def other(payments, ines, item):
    return items.create(payments, by=ines, title="Idempotency keys", kind="technical", type="enabler")


def url(name, *arguments):
    return reverse(f"backlog:{name}", args=["PAY", 1, *arguments])


def shown(client):
    return client.get(PAGE).context["page"]


# Reading


@pytest.mark.parametrize(
    ("person", "status"),
    [("ines", 200), ("marek", 200), ("mia", 200), ("dev", 200), ("stan", 403), ("ada", 403), ("eve", 404)],
)
def test_who_may_read_the_backlog_reads_an_item(browse, item, person, status, request):
    assert browse(request.getfixturevalue(person)).get(PAGE).status_code == status


def test_a_restricted_item_is_not_there_for_others(browse, item, ines, dev):
    items.edit(item, by=ines, is_restricted=True)

    assert browse(ines).get(PAGE).status_code == 200
    assert browse(dev).get(PAGE).status_code == 404


def test_a_page_takes_as_many_statements_with_much_around_the_item(browse, item, other, payments, ines):
    def fill():
        criteria.add(item, "It works", by=ines)
        comments.add(item, "Good", by=ines)
        questions.ask(item, "Why?", by=ines)
        needed = items.create(payments, by=ines, title="Needed", kind="technical", type="enabler")
        dependencies.add(needed, item, by=ines)
        dependencies.link(item, needed, "relates", by=ines)

    client = browse(ines)
    fill()
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    fill()
    fill()

    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(few)


def test_a_source_key_leads_to_the_item(browse, item, ines):
    item.source_keys.create(organization=item.organization, source="jira", key="DURA-7")

    assert browse(ines).get("/items/DURA-7/")["Location"] == PAGE
    assert browse(ines).get("/items/nothing/").status_code == 404


def test_neighbours_lead_through_the_list(browse, item, other, ines):
    page = shown(browse(ines))

    assert (page.position, page.previous, page.next) == (1, None, 2)


# Text


def text_of(item, **changes):
    values = {"title": item.title, "plain_lead": item.plain_lead, "description": item.description}
    return values | {"plain_title": "", "discipline": "", "version": item.version} | changes


def test_text_is_edited_on_its_own_page(browse, item, ines):
    response = browse(ines).post(url("item-edit"), text_of(item, description="**Twice**, never paid twice."))

    assert response["Location"] == PAGE
    assert "<strong>Twice</strong>" in browse(ines).get(PAGE).content.decode()


def test_two_who_write_at_once_see_both_texts(browse, item, ines):
    sent = text_of(item, description="Mine")
    items.edit(item, by=ines, description="Theirs")

    response = browse(ines).post(url("item-edit"), sent)

    html = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in html
    assert "Mine" in html
    item.refresh_from_db()
    assert item.description == "Theirs"

    browse(ines).post(url("item-edit"), sent | {"version": item.version})
    item.refresh_from_db()
    assert item.description == "Mine"


def test_a_title_is_needed(browse, item, ines):
    response = browse(ines).post(url("item-edit"), text_of(item, title=""))

    assert response.status_code == 422


@pytest.mark.parametrize(("person", "status"), [("dev", 403), ("stan", 403), ("eve", 404)])
def test_others_edit_no_text(browse, item, person, status, request):
    client = browse(request.getfixturevalue(person))

    assert client.get(url("item-edit")).status_code == status
    assert client.post(url("item-edit"), text_of(item, title="Mine")).status_code == status


# Facts


def test_facts_are_changed_group_by_group(browse, item, payments, payouts, kestrel, ines, dev):
    client = browse(ines)
    for name, sent in [
        ("item-classify", {"type": "security", "component": payouts.pk, "team": kestrel.pk, "goal": ""}),
        ("item-estimate", {"points": "5"}),
        ("item-value", {"business_value": 8, "time_criticality": 5, "risk_reduction": 2}),
        ("item-debt", {"debt_principal": 3, "debt_interest": 1, "debt_interest_unit": "hours"}),
        ("item-tag", {"tags": "payouts, retry"}),
        ("item-assign", {"assignee": dev.pk}),
    ]:
        assert client.post(url(name), sent, headers=HTMX).status_code == 204, name

    page = shown(client)
    found = page.item
    assert (found.kind, found.type, found.component, found.team) == ("technical", "security", payouts, kestrel)
    assert (found.points, found.assignee, page.tags) == (5, dev, ("payouts", "retry"))
    assert (page.cost_of_delay, page.wsjf) == (15, 3.0)


@pytest.mark.parametrize(
    ("name", "sent"),
    [("item-estimate", {"points": "many"}), ("item-value", {"penalty_per_week": "5"}), ("item-classify", {"type": ""})],
)
def test_what_can_not_be_right_is_told_and_changes_nothing(browse, item, ines, name, sent):
    response = browse(ines).post(url(name), sent, headers=HTMX)

    assert response.status_code == 422
    assert "toast" in response["HX-Trigger"]
    assert Item.objects.get(pk=item.pk).version == item.version


def test_a_developer_estimates_but_does_not_classify(browse, item, dev):
    client = browse(dev)

    assert client.post(url("item-estimate"), {"points": "3"}, headers=HTMX).status_code == 204
    assert client.post(url("item-classify"), {"type": "bug"}, headers=HTMX).status_code == 403


# Life


def test_an_item_lives_from_open_to_accepted(browse, item, ines, dev):
    for client, name in [(browse(dev), "item-begin"), (browse(dev), "item-finish"), (browse(ines), "item-accept")]:
        assert client.post(url(name), headers=HTMX).status_code == 204, name

    item.refresh_from_db()
    assert item.status == "accepted"


def test_the_page_offers_only_the_steps_a_person_may_take(browse, item, ines, dev):
    assert [step.label for step in shown(browse(ines)).steps] == ["Begin", "Drop"]
    assert [step.label for step in shown(browse(dev)).steps] == ["Begin"]


def test_sending_back_needs_a_reason(browse, item, ines):
    client = browse(ines)
    client.post(url("item-begin"))
    client.post(url("item-finish"))

    assert client.post(url("item-send-back"), {"reason": ""}, headers=HTMX).status_code == 422
    client.post(url("item-send-back"), {"reason": "The fee is missing"})

    item.refresh_from_db()
    assert (item.status, item.status_reason) == ("in_progress", "The fee is missing")


def test_dropping_is_taken_back_from_the_toast(browse, item, ines):
    response = browse(ines).post(url("item-drop"), headers=HTMX)
    browse(ines).post(json.loads(response["HX-Trigger"])["toast"]["undo_url"])

    item.refresh_from_db()
    assert item.status == "open"


def test_a_step_out_of_turn_is_told(browse, item, ines):
    response = browse(ines).post(url("item-accept"), headers=HTMX)

    assert response.status_code == 409
    assert "The item is open" in response["HX-Trigger"]


# Criteria and readiness


def test_criteria_are_added_met_moved_and_removed(browse, item, ines):
    client = browse(ines)
    for text in ("First", "Second"):
        client.post(url("criterion-add"), {"text": text})
    first, second = item.criteria.order_by("position")
    client.post(url("criterion-shift", second.pk), {"to": "up"})
    client.post(url("criterion-meet", first.pk))
    client.post(url("criterion-edit", second.pk), {"text": "Second, better"})

    assert [(one.text, one.met_by) for one in shown(client).criteria] == [("Second, better", None), ("First", ines)]

    client.post(url("criterion-unmeet", first.pk))
    client.post(url("criterion-remove", second.pk))
    assert [(one.text, one.met_by) for one in shown(client).criteria] == [("First", None)]


def test_a_check_by_hand_is_ticked_and_taken_back(browse, item, ines):
    client = browse(ines)
    before = shown(client).met
    client.post(url("check-tick", "design"))
    assert shown(client).met == before + 1

    client.post(url("check-untick", "design"))
    assert shown(client).met == before


def test_a_rule_is_not_ticked_by_hand(browse, item, ines):
    assert browse(ines).post(url("check-tick", "criteria"), headers=HTMX).status_code == 422


# Questions and comments


def test_questions_are_asked_answered_and_opened_again(browse, item, ines, dev):
    browse(dev).post(url("question-ask"), {"text": "How often?", "addressee": ines.pk, "is_blocking": "on"})
    question = Question.objects.get()
    browse(ines).post(url("question-answer", question.pk), {"text": "Three times."})
    page = shown(browse(ines))
    assert [one.answer for one in page.answered_questions] == ["Three times."]

    browse(dev).post(url("question-reopen", question.pk))
    assert [one.text for one in shown(browse(ines)).open_questions] == ["How often?"]


def test_comments_are_their_writers(browse, item, ines, dev, mia):
    browse(dev).post(url("comment-add"), {"text": "Looks **good**"})
    remark = shown(browse(dev)).remarks[0]
    assert remark.may_edit
    assert not shown(browse(mia)).remarks[0].may_edit
    assert browse(mia).post(url("comment-edit", remark.id), {"text": "Bad"}, headers=HTMX).status_code == 403

    browse(dev).post(url("comment-edit", remark.id), {"text": "Looks fine"})
    assert [(one.text, one.is_edited) for one in shown(browse(ines)).remarks] == [("Looks fine", True)]
    browse(ines).post(url("comment-remove", remark.id))
    assert shown(browse(ines)).remarks == ()


def test_files_are_attached_and_removed(browse, item, ines, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = browse(ines)
    client.post(url("attachment-add"), {"file": SimpleUploadedFile("plan.txt", b"First this, then that.")})
    (file,) = shown(client).files
    assert file.name == "plan.txt"

    client.post(url("attachment-remove", file.id))
    assert shown(client).files == ()
    assert client.post(url("attachment-add"), headers=HTMX).status_code == 422


# Dependencies


def test_dependencies_are_added_by_key_and_an_inversion_is_shown(browse, item, other, ines):
    client = browse(ines)
    client.post(url("dependency-add"), {"key": "PAY-2", "words": "needs"})

    page = shown(client)
    assert [(tie.key, tie.is_wrong) for tie in page.needs] == [("PAY-2", True)]
    assert "Move PAY-2 to 1" in client.get(PAGE).content.decode()

    client.post(url("dependency-remove", page.needs[0].id))
    assert shown(client).needs == ()


def test_a_circle_is_explained_by_its_items(browse, item, other, ines):
    dependencies.add(other, item, by=ines)

    response = browse(ines).post(url("dependency-add"), {"key": "2", "words": "enables"}, headers=HTMX)
    plain = browse(ines).post(url("dependency-add"), {"key": "2", "words": "enables"})

    html = response.content.decode()
    assert (response.status_code, plain.status_code) == (422, 409)
    assert all(f"{each.key}</a> {each.title}" in html for each in (item, other))
    assert "PAY-1 enables PAY-2" in plain.content.decode()


def test_links_say_which_way_they_go(browse, item, other, ines):
    client = browse(ines)
    client.post(url("dependency-add"), {"key": "PAY-2", "words": "duplicates"})
    (link,) = shown(client).links
    assert (link.key, link.words) == ("PAY-2", "duplicates")
    assert [tie.words for tie in client.get("/products/PAY/items/2/").context["page"].links] == ["is duplicated by"]

    client.post(url("link-remove", link.id))
    assert shown(client).links == ()


@pytest.mark.parametrize("key", ["PAY-99", "EVE-1", ""])
def test_an_item_that_is_not_there_is_told(browse, item, ines, eve, key):
    response = browse(ines).post(url("dependency-add"), {"key": key, "words": "needs"}, headers=HTMX)

    assert response.status_code == 422


# Nobody else


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("item-estimate", {"points": 1}),
        ("item-begin", {}),
        ("criterion-add", {"text": "Mine"}),
        ("question-ask", {"text": "Mine?"}),
        ("comment-add", {"text": "Mine"}),
        ("item-tag", {"tags": "mine"}),
        ("item-drop", {}),
    ],
)
@pytest.mark.parametrize(("person", "status"), [("stan", 403), ("eve", 404)])
def test_who_has_no_part_in_the_backlog_changes_nothing(browse, item, name, sent, person, status, request):
    response = browse(request.getfixturevalue(person)).post(url(name), sent)

    assert response.status_code == status


def test_a_lent_power_is_named_in_the_history(browse, payments, payouts, ines, marek):
    owned = items.create(payments, by=ines, title="Batch files", kind="technical", type="debt", component=payouts)
    delegations.grant(payouts, "refine", marek, by=ines)

    browse(marek).post(reverse("backlog:criterion-add", args=["PAY", owned.number]), {"text": "In one file"})

    html = browse(ines).get(reverse("backlog:item", args=["PAY", owned.number])).content.decode()
    assert "under delegation from Ines Falkner" in html


# Writing


def test_a_preview_shows_what_will_be_shown(browse, item, other, ines, stan):
    response = browse(ines).post(url("item-preview"), {"text": "**Fast**, after PAY-2"})

    html = response.content.decode()
    assert "<strong>Fast</strong>" in html
    assert '<a href="/products/PAY/items/2/" title="Idempotency keys"' in html
    assert browse(stan).post(url("item-preview"), {"text": "x"}).status_code == 403


def test_people_who_may_see_the_item_are_completed(browse, item, ines, marek, mia, stan, eve):
    def names(start):
        return [person["name"] for person in browse(ines).get(url("item-people"), {"start": start}).json()["people"]]

    assert names("ma") == ["Marek Osei"]
    assert names("dah") == ["Mia Dahl"]
    assert names("Stan") == names("Eve") == []
    assert set(names("")) == {"Ines Falkner", "Marek Osei", "Mia Dahl"}


@pytest.mark.usefixtures("own_media")
def test_a_file_that_is_put_into_a_text_gets_an_address(browse, item, ines, settings):
    client, json_only = browse(ines), {"Accept": "application/json"}
    sent = client.post(url("attachment-add"), {"file": SimpleUploadedFile("a.png", b"\x89PNG")}, headers=json_only)
    settings.ATTACHMENT_MAX_BYTES = 2
    refused = client.post(url("attachment-add"), {"file": SimpleUploadedFile("b.png", b"xyz")}, headers=json_only)

    assert (sent.status_code, sent.json()["name"]) == (201, "a.png")
    assert client.get(sent.json()["url"]).status_code == 200
    assert refused.status_code == 413
    assert "at most" in refused.json()["detail"]


def test_of_two_texts_one_is_chosen(browse, item, ines):
    sent = text_of(item, title="My title", description="Mine")
    items.edit(item, by=ines, title="Their title", description="Theirs")

    html = browse(ines).post(url("item-edit"), sent).content.decode()

    assert all(text in html for text in ("My title", "Their title", "Mine", "Theirs", "Ines Falkner changed"))
    item.refresh_from_db()
    chosen = sent | {"version": item.version, "take-title": "theirs", "take-description": "mine"}
    browse(ines).post(url("item-edit"), chosen | {"description": "Mine and Theirs"})
    item.refresh_from_db()
    assert (item.title, item.description) == ("Their title", "Mine and Theirs")


def test_the_figures_tell_what_they_come_to(browse, item, ines):
    items.edit(item, by=ines, points=5)
    figures = {"business_value": 8, "time_criticality": 5, "risk_reduction": 2}

    html = browse(ines).get(url("item-wsjf"), figures).content.decode()

    assert "15</b>" in html
    assert "3.0</b>" in html
    assert "not complete" in browse(ines).get(url("item-wsjf"), {"time_criticality": 21}).content.decode()


# Splitting


def test_an_item_is_split_and_put_back_together(browse, item, other, ines):
    first, second = (criteria.add(item, text, by=ines) for text in ("It retries", "It reports"))
    items.edit(item, by=ines, points=8, business_value=13)
    client = browse(ines)
    item.refresh_from_db()
    met = item.checks_met
    sent = {
        "version": item.version,
        "count": 2,
        "title-1": "Retry once",
        "points-1": "3",
        "title-2": "Report what failed",
        "points-2": "5",
        f"part-of-{second.pk}": 2,
    }

    grown = client.post(url("item-split"), sent | {"do": "more"}).content.decode()
    assert "Report what failed" in grown
    assert "Part 3" in grown
    assert client.post(url("item-split"), sent | {"do": "split", "title-2": " "}).status_code == 422
    response = client.post(url("item-split"), sent | {"do": "split"})

    item.refresh_from_db()
    part = Item.objects.get(title="Report what failed")
    assert response["Location"] == PAGE
    assert (item.title, item.points, item.business_value) == ("Retry once", 3, 13)
    assert (part.points, part.business_value, part.split_from, part.status) == (5, None, item, "open")
    assert [each.text for each in part.criteria.all()] == ["It reports"]
    assert list(Item.objects.ranked().values_list("number", flat=True)) == [1, 3, 2]
    assert [tie.key for tie in shown(client).split_off] == ["PAY-3"]
    assert client.get("/products/PAY/items/3/").context["page"].split_from.key == "PAY-1"
    assert "split the item: PAY-3 Report what failed" in client.get(PAGE).content.decode().replace("</b> ", "")

    client.post(url("item-split-back"))

    item.refresh_from_db()
    part.refresh_from_db()
    assert (item.title, item.points, part.status) == ("Retry a failed payout", 8, "dropped")
    assert [each.text for each in item.criteria.order_by("position")] == ["It retries", "It reports"]
    assert list(Item.objects.ranked().values_list("number", flat=True)) == [1, 2]
    assert client.post(url("item-split-back")).status_code == 409
    assert item.checks_met == met
    assert first.item_id == item.pk


def test_a_split_stays_once_somebody_works_on_a_part(browse, item, ines, dev):
    client = browse(ines)
    client.post(url("item-split"), {"do": "split", "title-1": "One", "title-2": "Two", "version": item.version})
    life_cycle.begin(Item.objects.get(title="Two"), by=dev)

    response = client.post(url("item-split-back"))

    assert response.status_code == 409
    assert "PAY-2 went on already" in response.content.decode()


def test_a_split_of_a_changed_item_asks_again(browse, item, ines):
    sent = {"do": "split", "title-1": "One", "title-2": "Two", "version": item.version}
    items.edit(item, by=ines, points=3)

    response = browse(ines).post(url("item-split"), sent)

    assert response.status_code == 409
    assert "Two" in response.content.decode()
    assert Item.objects.count() == 1
