"""Questions, comments and tags."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from backlog import tasks
from backlog.actions import comments, items, questions, tags
from backlog.models import Comment, ItemTag, Notification, Tag
from backlog.queries.questions import questions_for
from core import jobs
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event, OutgoingMail
from tests import factories

TEAM = ["ines", "marek", "mia", "dev"]
OUTSIDE = ["stan", "ada", "eve"]


@pytest.fixture
def item(payments, ines):
    return items.create(payments, by=ines, title="Retry", kind="functional", type="story")


def last_event(target):
    event = Event.objects.about(target).newest_first().first()
    return event.name, event.data


@pytest.mark.parametrize("who", TEAM)
def test_the_team_asks_and_answers(who, item, marek, request):
    user = request.getfixturevalue(who)

    question = questions.ask(item, "Which bank?", addressee=marek, by=user)
    assert last_event(item) == (
        "question.asked",
        {"question": question.pk, "text": "Which bank?", "addressee": marek.pk},
    )
    question = questions.answer(question, "All of them.", by=user)

    assert (question.answer, question.answered_by) == ("All of them.", user)
    assert last_event(item) == (
        "question.answered",
        {"question": question.pk, "changes": {"answer": ["", "All of them."]}},
    )


@pytest.mark.parametrize("who", OUTSIDE)
def test_outside_the_team_nobody_joins_the_discussion(who, item, dev, request):
    user = request.getfixturevalue(who)
    question, comment = questions.ask(item, "Which bank?", by=dev), comments.add(item, "Seen.", by=dev)
    tag = tags.add(item, "cards", by=dev).tag_links.get().tag

    for attempt in (
        lambda: questions.ask(item, "Why?", by=user),
        lambda: questions.answer(question, "No.", by=user),
        lambda: questions.reopen(question, by=user),
        lambda: comments.add(item, "Hello", by=user),
        lambda: comments.edit(comment, "Hello", by=user),
        lambda: comments.remove(comment, by=user),
        lambda: tags.add(item, "mine", by=user),
        lambda: tags.remove(item, "cards", by=user),
        lambda: tags.rename(tag, "mine", by=user),
        lambda: tags.drop(tag, by=user),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_question_is_answered_once_until_it_is_opened_again(item, dev):
    question = questions.ask(item, "Which bank?", by=dev)
    with pytest.raises(questions.NotAnswered):
        questions.reopen(question, by=dev)
    questions.answer(question, "All.", by=dev)
    with pytest.raises(questions.AlreadyAnswered):
        questions.answer(question, "One.", by=dev)

    question = questions.reopen(question, by=dev)

    assert (question.answer, question.answered_at) == ("", None)
    assert last_event(item) == ("question.reopened", {"question": question.pk, "changes": {"answer": ["All.", ""]}})
    item.refresh_from_db()
    assert item.open_question_count == 1


def test_a_question_goes_to_somebody_with_a_role(item, dev, eve):
    with pytest.raises(InvalidInput) as refusal:
        questions.ask(item, "Which bank?", addressee=eve, by=dev)

    assert refusal.value.field == "addressee"


def test_a_comment_mentions_people_by_their_full_name(item, dev, marek, mia, eve):
    text = "@Marek Osei and @mia dahl, see this. Not @Eve Moss, not me@Dev Patel, not @Mia."

    comment = comments.add(item, text, by=dev)

    assert set(comment.mentions.values_list("user", flat=True)) == {marek.pk, mia.pk}
    assert last_event(item) == ("comment.added", {"comment": comment.pk, "mentions": sorted([marek.pk, mia.pk])})


def test_the_longer_name_is_meant(item, dev, kestrel):
    ann, ann_lee = (
        factories.MemberFactory(name=name, organization=kestrel.organization) for name in ("Ann", "Ann Lee")
    )
    for user in (ann, ann_lee):
        factories.TeamMembershipFactory(team=kestrel, user=user)

    comment = comments.add(item, "@Ann Lee knows.", by=dev)

    assert list(comment.mentions.values_list("user", flat=True)) == [ann_lee.pk]


def test_nobody_hears_of_an_item_they_cannot_see(item, ines, dev, marek):
    items.edit(item, by=ines, is_restricted=True)

    comment = comments.add(item, "@Marek Osei @Ines Falkner", by=dev)

    assert list(comment.mentions.values_list("user", flat=True)) == [ines.pk]


def test_an_edited_comment_says_so_and_mentions_anew(item, dev, marek, mia):
    comment = comments.add(item, "@Marek Osei", by=dev)

    comment = comments.edit(comment, "@Mia Dahl", version=1, by=dev)

    assert (comment.text, comment.edited_at is None, comment.version) == ("@Mia Dahl", False, 2)
    assert list(comment.mentions.values_list("user", flat=True)) == [mia.pk]
    assert last_event(item)[1]["changes"] == {"text": ["@Marek Osei", "@Mia Dahl"]}
    with pytest.raises(PreconditionFailed):
        comments.edit(comment, "Other", version=1, by=dev)


def test_comments_are_changed_by_their_author_and_the_product_owner(item, dev, mia, ines):
    comment = comments.add(item, "Seen.", by=dev)

    for attempt in (lambda: comments.edit(comment, "Mine", by=mia), lambda: comments.remove(comment, by=mia)):
        with pytest.raises(PermissionDenied):
            attempt()
    comments.remove(comment, by=ines)

    assert Comment.objects.get().removed_at is not None
    assert last_event(item) == ("comment.removed", {"comment": comment.pk})
    with pytest.raises(comments.CommentRemoved):
        comments.edit(comment, "Again", by=dev)


@pytest.mark.parametrize("text", ["", "  ", "a\x00b"])
def test_an_empty_comment_is_refused(text, item, dev):
    with pytest.raises(InvalidInput):
        comments.add(item, text, by=dev)


def test_tags_are_added_and_taken_off(item, dev):
    tags.add(item, "cards", by=dev)
    tags.add(item, " Cards ", by=dev)
    assert (Tag.objects.count(), Event.objects.filter(name="item.edited").count()) == (1, 1)
    assert last_event(item) == ("item.edited", {"changes": {"tags": [[], ["cards"]]}})

    tags.remove(item, "CARDS", by=dev)

    assert last_event(item) == ("item.edited", {"changes": {"tags": [["cards"], []]}})
    assert not ItemTag.objects.exists()


def test_a_tag_is_renamed_for_every_item(item, dev, ines):
    tag = tags.add(item, "cards", by=dev).tag_links.get().tag
    tags.add(item, "audit", by=dev)

    tags.rename(tag, "payment cards", by=ines)

    assert set(item.tag_links.values_list("tag__name", flat=True)) == {"payment cards", "audit"}
    assert last_event(tag) == ("tag.renamed", {"changes": {"name": ["cards", "payment cards"]}})
    with pytest.raises(tags.TagNameTaken):
        tags.rename(tag, "Audit", by=ines)


def test_two_tags_become_one(payments, item, dev, ines):
    other = items.create(payments, by=ines, title="Other", kind="functional", type="story", tags=["card", "cards"])
    items.edit(item, by=ines, tags=["card"])
    card, cards = Tag.objects.get(name="card"), Tag.objects.get(name="cards")

    gone = tags.merge(card, cards, by=ines)

    assert list(Tag.objects.all()) == [cards]
    assert set(cards.item_links.values_list("item", flat=True)) == {item.pk, other.pk}
    event = Event.objects.get(name="tag.merged")
    assert event.data == {"name": "card", "into": cards.pk, "item_count": 2}
    with pytest.raises(tags.OtherProduct):
        tags.merge(cards, Tag.objects.create(product=factories.ProductFactory(), name="x"), by=ines)

    card = tags.restore(gone, by=ines)

    assert set(card.item_links.values_list("item", flat=True)) == {item.pk, other.pk}
    # The other had both; the first was given "cards" by the merging alone.
    assert list(cards.item_links.values_list("item", flat=True)) == [other.pk]
    assert last_event(card) == ("tag.restored", {"name": "card", "item_count": 2})


def test_a_dropped_tag_leaves_its_items(item, dev, ines):
    tag = tags.add(item, "cards", by=dev).tag_links.get().tag

    gone = tags.drop(tag, by=ines)

    assert not Tag.objects.exists()
    assert Event.objects.get(name="tag.dropped").data == {"name": "cards", "items": [item.pk]}

    with pytest.raises(PermissionDenied):
        tags.restore(gone, by=dev)
    tags.add(item, "Cards", by=dev)
    with pytest.raises(tags.TagNameTaken):
        tags.restore(gone, by=ines)
    tags.rename(Tag.objects.get(), "other", by=ines)
    assert tags.restore(gone, by=ines).item_links.get().item == item


def test_developers_rename_and_drop_no_tags(item, dev):
    tag = tags.add(item, "cards", by=dev).tag_links.get().tag

    for attempt in (lambda: tags.rename(tag, "x", by=dev), lambda: tags.drop(tag, by=dev)):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_question_waits_for_who_may_answer_and_reminds_once(payments, payouts, item, ines, marek, dev, mia):
    lent = items.create(payments, by=ines, title="Batch", kind="technical", type="debt", component=payouts)
    now = timezone.now()
    to_mia, to_anybody, to_owner = (
        questions.ask(about, text, by=dev, addressee=addressee, at=now - timedelta(days=4))
        for about, text, addressee in ((item, "When?", mia), (lent, "How?", None), (item, "Why?", None))
    )
    questions.ask(item, "Since yesterday?", by=dev, addressee=mia, at=now - timedelta(days=1))
    service = User.objects.service("questions")

    counts = [questions.remind(payments, now=now + timedelta(hours=n), by=service) for n in (0, 1)]

    told = [(row.user, row.question) for row in Notification.objects.filter(kind="reminded").order_by("question")]
    assert (counts, told) == ([3, 0], [(mia, to_mia), (marek, to_anybody), (ines, to_owner)])
    assert [list(questions_for(user)) for user in (marek, ines, dev)] == [[to_anybody], [to_owner], []]
    mails = OutgoingMail.objects.order_by("pk")
    assert {(mail.to, "Why?" in mail.text) for mail in mails} == {
        (mia.email, False),
        (marek.email, False),
        (ines.email, True),
    }


def test_a_question_that_is_open_again_reminds_again(item, ines, dev, marek):
    question = questions.ask(item, "Which bank?", by=dev, addressee=ines, at=timezone.now() - timedelta(days=9))
    later, service = timezone.now() + questions.PATIENCE, User.objects.service("questions")
    questions.remind(item.product, now=later, by=service)
    questions.answer(question, "All of them.", by=ines)
    questions.reopen(question, by=dev)

    assert Notification.objects.filter(user=ines, kind="reopened").count() == 1
    assert questions.remind(item.product, now=later, by=service) == 1
    with pytest.raises(PermissionDenied):
        questions.remind(item.product, now=later, by=ines)


def test_the_job_reminds_of_every_product(item, ines, dev):
    question = questions.ask(item, "Which bank?", by=dev, addressee=ines, at=timezone.now() - timedelta(days=9))
    jobs.ask("remind_of_questions", "2031-03-01T00:00Z")

    tasks.remind_of_questions(slot="2031-03-01T00:00Z")

    question.refresh_from_db()
    assert question.reminded_at is not None


@pytest.mark.parametrize("who, status", [("marek", "accepted"), ("dev", "proposed")])
def test_an_answer_becomes_a_decision_linked_both_ways(item, ines, who, status, request):
    question = questions.ask(item, "Which bank?", by=ines)

    question = questions.answer_as_decision(
        question, "All of them.", title="Pay from every bank", by=request.getfixturevalue(who)
    )

    decision = question.decisions.get()
    assert (question.answer, decision.status, decision.decision) == ("All of them.", status, "All of them.")
    assert (decision.context, [link.item for link in decision.item_links.all()]) == ("Which bank?", [item])
    with pytest.raises(questions.AlreadyAnswered):
        questions.answer_as_decision(question, "None.", title="No bank", by=ines)
    assert item.product.decisions.count() == 1
