"""Suggestions for items: learnt from people's choices, shown while one writes, never set."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import User
from backlog.actions import items, learning
from backlog.models import LearnedChoices
from backlog.queries.hints import hints_for
from tests import factories
from tests.planning.test_classify import titles


@pytest.fixture
def classifier(db):
    return User.objects.service("classifier")


@pytest.fixture
def chosen(payments, payouts, ines):
    """Sixty items, debt of Payouts and stories of none; each word speaks for one of them."""
    return [
        items.create(
            payments,
            title=title,
            kind="technical" if label == "debt" else "functional",
            type=label,
            component=payouts if label == "debt" else None,
            tags=["old"] if label == "debt" else [],
            by=ines,
        )
        for label, title in titles(60)
    ]


def test_choices_are_learnt_and_suggested(organization, payments, payouts, ines, chosen, classifier, client):
    assert learning.learn(organization, by=classifier) == 60
    assert learning.learn(organization, by=classifier) == 0
    assert LearnedChoices.objects.count() == 3

    found = hints_for(payments, ines, "Rewrite the ugly copied mapper")

    said = {hint.question: (hint.value, hint.label) for hint in found.choices}
    assert said["type"] == ("debt", "Debt")
    assert hints_for(payments, ines, "mapper").choices == ()
    client.force_login(ines)
    page = client.get(reverse("backlog:hints", args=["PAY"]), {"title": "Rewrite the ugly copied mapper"})
    assert 'data-value="debt"' in page.content.decode()

    # A correction is a choice, and an edit of something else is none.
    items.edit(chosen[0], type="spike", kind="technical", by=ines)
    items.edit(chosen[1], description="More", by=ines)
    assert learning.learn(organization, by=classifier) == 1
    with pytest.raises(PermissionDenied):
        learning.learn(organization, by=ines)


def test_what_is_nearly_the_same_is_named_as_far_as_one_may_see_it(
    payments, ines, dev, client, django_assert_max_num_queries
):
    twin = items.create(payments, title="Weekend payouts for merchants", kind="functional", type="story", by=ines)
    factories.ItemFactory(product=payments, title="Payouts on weekends for merchants", is_restricted=True)
    items.create(payments, title="Rotate the certificate", kind="technical", type="security", by=ines)

    with django_assert_max_num_queries(6):
        found = hints_for(payments, dev, "Weekend payouts to merchants")

    assert [hit.title for hit in found.similar] == ["Weekend payouts for merchants"]
    assert len(hints_for(payments, ines, "Weekend payouts to merchants").similar) == 2
    # On its page the whole text is compared, with the newest 2,000.
    told = factories.ItemFactory(product=payments, title="Sunday money", description="Merchants want weekend payouts")
    likest, *_ = hints_for(payments, dev, told.title, told.description, item=told).similar
    assert likest.title == twin.title
    security = hints_for(payments, ines, "Rotate the certificate of the bank")
    assert [(hint.value, hint.percent, hint.words) for hint in security.choices] == [
        ("security", None, ("certificate",))
    ]
    client.force_login(dev)
    page = client.get(reverse("backlog:item-hints", args=["PAY", twin.number]))
    assert page.status_code == 200
    answer = client.get("/api/v1/products/PAY/hints", {"title": "Weekend payouts to merchants"})
    assert [one["key"] for one in answer.json()["similar"]] == [twin.key]
