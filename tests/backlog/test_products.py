"""Products: made, agreed on, renamed, archived, handed over."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import members
from accounts.models import Membership, User
from backlog import tasks
from backlog.actions import items, products
from backlog.models import ComponentOwner, HandOver, Product, ProductRole, ProductTeam
from backlog.permissions import product_roles
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event, OutboxMessage
from tests import factories
from tests.backlog.test_permissions import lend


def last_event(product):
    return Event.objects.about(product).newest_first().first()


def test_a_new_product_can_be_used_at_once(organization, ada, dev):
    product = products.create(organization, key="led", name="Ledger", owner=dev, by=ada)

    item = items.create(product, by=dev, title="Book a fee", kind="functional", type="story")

    assert (item.key, product_roles(dev, product)) == ("LED-1", {"product_owner"})
    assert Event.objects.about(product).get().data == {"key": "LED", "name": "Ledger", "owner": dev.pk}


@pytest.mark.parametrize("who", ["ines", "marek", "mia", "dev", "stan", "eve"])
def test_only_the_organization_admin_creates_products(who, organization, request):
    with pytest.raises(PermissionDenied):
        products.create(organization, key="LED", name="Ledger", by=request.getfixturevalue(who))


def test_a_key_belongs_to_one_product_for_ever(payments, organization, ada, ines):
    products.rename_key(payments, "MON", by=ines)

    for taken in ("MON", "PAY"):
        with pytest.raises(products.KeyTaken):
            products.create(organization, key=taken, name="Ledger", by=ada)
    assert [Product.objects.by_key(key).get() for key in ("MON", "pay")] == [payments, payments]
    assert last_event(payments).data == {"changes": {"key": ["PAY", "MON"]}}
    assert products.rename_key(payments, "PAY", by=ines).key == "PAY"


@pytest.mark.parametrize("key", ["", "P", "1PAY", "PAY-MENT", "PAYMENTS123", "PÄY", "PAY\n"])
def test_a_key_has_a_form(key, organization, ada):
    if key == "PAY\n":
        assert products.create(organization, key=key, name="Ledger", by=ada).key == "PAY"
        return
    with pytest.raises(InvalidInput) as refusal:
        products.create(organization, key=key, name="Ledger", by=ada)

    assert refusal.value.field == "key"


def test_an_owner_belongs_to_the_organization(organization, ada, eve):
    with pytest.raises(products.NoMember):
        products.create(organization, key="LED", name="Ledger", owner=eve, by=ada)


def test_the_working_agreement_is_changed(payments, ines):
    ready = {"functional": [{"key": "lead", "label": "Outcome stated", "rule": "outcome_stated"}]}

    product = products.edit(
        payments,
        by=ines,
        version=1,
        technical_share_min=25,
        technical_share_max="35",
        debt_share=15,
        definition_of_ready=ready,
    )

    assert (product.technical_share_min, product.technical_share_max, product.version) == (25, 35, 2)
    assert last_event(payments).data == {
        "changes": {
            "technical_share_min": [20, 25],
            "technical_share_max": [40, 35],
            "debt_share": [None, 15],
            "definition_of_ready": [{}, ready],
        }
    }
    with pytest.raises(PreconditionFailed):
        products.edit(payments, by=ines, version=1, name="Money")


def test_another_definition_of_ready_counts_the_items_again(payments, ines):
    item = items.create(payments, by=ines, title="Retry", kind="functional", type="story", plain_lead="Paid today.")
    assert (item.checks_met, item.checks_total) != (1, 1)

    ready = {"functional": [{"key": "lead", "label": "Outcome stated", "rule": "outcome_stated"}]}
    products.edit(payments, by=ines, definition_of_ready=ready)

    item.refresh_from_db()
    assert (item.checks_met, item.checks_total) == (1, 1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"technical_share_min": 50}, "technical_share_min"),
        ({"technical_share_max": 101}, "technical_share_min"),
        ({"debt_share": 41}, "debt_share"),
        ({"debt_share": 30, "technical_share_max": 25}, "debt_share"),
        ({"sprint_length_days": 0}, "sprint_length_days"),
        ({"sprint_length_days": 61}, "sprint_length_days"),
        ({"hours_per_point": 0}, "hours_per_point"),
        ({"definition_of_ready": []}, "definition_of_ready"),
        ({"definition_of_ready": {"other": []}}, "definition_of_ready"),
        ({"definition_of_ready": {"spike": [{"key": "a", "label": "A", "rule": "magic"}]}}, "definition_of_ready"),
        (
            {"definition_of_done": {"technical": [{"key": "a", "label": "A", "rule": "has_value"}]}},
            "definition_of_done",
        ),
    ],
)
def test_an_agreement_that_cant_be_right_is_refused(values, field, payments, ines):
    with pytest.raises(InvalidInput) as refusal:
        products.edit(payments, by=ines, **values)

    assert refusal.value.field == field


def test_a_product_is_archived_and_restored(payments, ada):
    assert products.archive(payments, by=ada).archived_at is not None
    with pytest.raises(products.AlreadyArchived):
        products.archive(payments, by=ada)
    assert products.restore(payments, by=ada).archived_at is None
    with pytest.raises(products.NotArchived):
        products.restore(payments, by=ada)
    names = list(Event.objects.about(payments).order_by("id").values_list("name", flat=True))
    assert names == ["product.archived", "product.restored"]


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("ines", {"edit", "rename_key", "offer", "add_stakeholder", "link_team"}),
        ("ada", {"rename_key", "archive", "add_stakeholder", "link_team"}),
        ("marek", set()),
        ("mia", set()),
        ("dev", set()),
        ("stan", set()),
        ("eve", set()),
    ],
)
def test_each_role_changes_its_own_part(who, allowed, payments, ines, marek, request):
    user = request.getfixturevalue(who)
    team = factories.TeamFactory(organization=payments.organization)
    attempts = {
        "edit": lambda: products.edit(payments, name="Money", by=user),
        "rename_key": lambda: products.rename_key(payments, "MON", by=user),
        "offer": lambda: products.offer(payments, marek, by=user),
        "archive": lambda: products.archive(payments, by=user),
        "appoint_owner": lambda: products.appoint_owner(payments, marek, by=user),
        "add_stakeholder": lambda: products.add_stakeholder(payments, marek, by=user),
        "link_team": lambda: products.link_team(payments, team, by=user),
        "end_roles": lambda: products.end_roles(payments.organization, marek, by=user),
    }

    done = set()
    for name, attempt in attempts.items():
        try:
            attempt()
        except PermissionDenied:
            continue
        done.add(name)

    assert done == allowed


def test_the_admin_appoints_an_owner_where_there_is_none(payments, ada, dev):
    products.appoint_owner(payments, dev, by=ada)

    assert "product_owner" in product_roles(dev, payments)
    assert (last_event(payments).name, last_event(payments).data) == ("product.owner_appointed", {"owner": dev.pk})
    with pytest.raises(PermissionDenied):
        products.appoint_owner(payments, ada, by=ada)


def test_handing_over_takes_an_offer_and_its_acceptance(payments, payouts, ines, marek, dev):
    lent = lend(payouts, "refine", to=dev, by=ines)
    held = lend(payouts, "order", to=marek, by=ines)

    hand_over = products.offer(payments, marek, by=ines)
    assert "product_owner" in product_roles(ines, payments)
    products.accept_offer(hand_over, by=marek)

    assert [product_roles(user, payments) for user in (ines, marek)] == [set(), {"product_owner", "technical_owner"}]
    lent.refresh_from_db()
    held.refresh_from_db()
    assert (lent.suspended_at is None, lent.revoked_at, held.revoked_at is None) == (False, None, False)
    assert not HandOver.objects.exists()
    event = last_event(payments)
    assert (event.name, event.by, event.data) == (
        "product.handed_over",
        marek,
        {"changes": {"owner": [ines.pk, marek.pk]}},
    )


def test_an_offer_is_accepted_by_whom_it_was_made_to(payments, ines, marek, mia, ada):
    hand_over = products.offer(payments, marek, by=ines)

    for user in (mia, ada, ines):
        with pytest.raises(PermissionDenied):
            products.accept_offer(hand_over, by=user)
    with pytest.raises(products.AlreadyOffered):
        products.offer(payments, mia, by=ines)
    with pytest.raises(PermissionDenied):
        products.withdraw_offer(hand_over, by=mia)


def test_a_withdrawn_offer_is_gone(payments, ines, marek):
    hand_over = products.offer(payments, marek, by=ines)

    products.withdraw_offer(hand_over, by=ines)

    with pytest.raises(products.OfferGone):
        products.accept_offer(hand_over, by=marek)


def test_an_offer_goes_to_somebody_else_with_a_role(payments, ines, eve):
    stranger = factories.MemberFactory(organization=payments.organization)

    with pytest.raises(products.AlreadyOwner):
        products.offer(payments, ines, by=ines)
    for user in (stranger, eve):
        with pytest.raises(products.NoRoleYet):
            products.offer(payments, user, by=ines)


def test_stakeholders_come_and_go(payments, ines):
    person = factories.MemberFactory(organization=payments.organization)

    products.add_stakeholder(payments, person, by=ines)
    products.add_stakeholder(payments, person, by=ines)
    assert product_roles(person, payments) == {"stakeholder"}
    products.remove_stakeholder(payments, person, by=ines)

    assert product_roles(person, payments) == set()
    names = list(Event.objects.about(payments).order_by("id").values_list("name", flat=True))
    assert names == ["product.stakeholder_added", "product.stakeholder_removed"]


def test_teams_come_and_go(payments, kestrel, ines, eve):
    heron = factories.TeamFactory(organization=payments.organization, name="Heron")

    products.link_team(payments, heron, by=ines)
    products.unlink_team(payments, kestrel, by=ines)

    assert [link.team for link in ProductTeam.objects.filter(product=payments)] == [heron]
    with pytest.raises(products.OtherOrganization):
        products.link_team(payments, factories.TeamFactory(), by=ines)


def test_who_left_the_organization_loses_every_role(payments, payouts, ines, marek, ada):
    service = User.objects.service("membership")
    lent = lend(payouts, "order", to=marek, by=ines)
    organization = payments.organization
    Membership.objects.filter(user__in=[ines, marek]).update(deactivated_at=timezone.now(), deactivated_by=ada)

    for _ in range(2):
        products.end_roles(organization, ines, by=service)
        products.end_roles(organization, marek, by=service)

    lent.refresh_from_db()
    assert (lent.suspended_at is None, lent.revoked_by) == (False, service)
    assert not ProductRole.objects.filter(user=ines).exists()
    assert not ComponentOwner.objects.filter(user=marek).exists()
    assert Event.objects.filter(name="product.roles_ended").count() == 2


def test_who_is_back_keeps_their_roles(payments, ines):
    products.end_roles(payments.organization, ines, by=User.objects.service("membership"))

    assert product_roles(ines, payments) == {"product_owner"}


def test_deactivating_a_member_ends_their_roles_when_the_event_arrives(payments, ines, ada):
    membership = Membership.objects.get(user=ines)
    members.deactivate(membership, by=ada)
    event = Event.objects.get(name="member.deactivated")
    message = OutboxMessage.objects.get(topic="backlog.tasks.end_roles")
    assert message.payload == {"event_id": event.pk}

    tasks.end_roles.apply(kwargs=message.payload).get()

    assert not ProductRole.objects.filter(user=ines).exists()
    assert last_event(payments).data["roles"] == ["product_owner"]
