"""Components and their owners."""

import pytest
from django.core.exceptions import PermissionDenied

from backlog.actions import components
from backlog.models import ComponentOwner, Product
from core.errors import InvalidInput, PreconditionFailed
from core.models import Event
from tests import factories
from tests.backlog.test_permissions import lend


def last_event(target):
    return Event.objects.about(target).newest_first().first()


@pytest.mark.parametrize("who", ["ines", "ada"])
def test_a_component_is_created(who, payments, request):
    user = request.getfixturevalue(who)

    component = components.create(payments, name=" Cards ", type="feature", by=user)

    assert (component.name, component.type, component.organization) == ("Cards", "feature", payments.organization)
    assert (last_event(component).name, last_event(component).data) == (
        "component.created",
        {"name": "Cards", "type": "feature"},
    )


@pytest.mark.parametrize("who", ["marek", "mia", "dev", "stan", "eve"])
def test_others_set_up_no_components(who, payments, payouts, request):
    user = request.getfixturevalue(who)

    for attempt in (
        lambda: components.create(payments, name="Cards", by=user),
        lambda: components.edit(payouts, name="Cards", by=user),
        lambda: components.archive(payouts, by=user),
        lambda: components.add_owner(payouts, user, by=user),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_two_components_have_two_names(payments, payouts, ines):
    with pytest.raises(components.ComponentNameTaken):
        components.create(payments, name="payouts", by=ines)


def test_renaming_records_old_and_new_and_reaches_the_feed(payments, payouts, ines):
    item = factories.ItemFactory(product=payments, component=payouts)

    component = components.edit(payouts, name="Payments out", version=1, by=ines)

    assert (component.name, component.version) == ("Payments out", 2)
    assert last_event(component).data == {"changes": {"name": ["Payouts", "Payments out"]}}
    item.order_entry.refresh_from_db()
    assert item.order_entry.changed_version == 1
    with pytest.raises(PreconditionFailed):
        components.edit(payouts, name="Other", version=1, by=ines)


def test_a_component_is_no_part_of_itself(payments, payouts, ines):
    middle = components.create(payments, name="Middle", parent=payouts, by=ines)
    low = components.create(payments, name="Low", parent=middle, by=ines)

    for parent in (low, payouts):
        with pytest.raises(components.ComponentCycle):
            components.edit(payouts, parent=parent, by=ines)


def test_a_parent_belongs_to_the_same_product(payouts, ines, eve):
    foreign = factories.ComponentFactory(product=Product.objects.get(key="EVE"))

    with pytest.raises(InvalidInput) as refusal:
        components.edit(payouts, parent=foreign, by=ines)

    assert refusal.value.field == "parent"


def test_a_component_in_use_is_not_archived(payments, payouts, ines):
    factories.ItemFactory(product=payments, component=payouts)

    with pytest.raises(components.ComponentInUse):
        components.archive(payouts, by=ines)


def test_archiving_ends_what_was_lent_and_can_be_undone(payouts, ines, marek):
    lent = lend(payouts, "order", to=marek, by=ines)

    component = components.archive(payouts, by=ines)

    lent.refresh_from_db()
    assert (component.archived_at is None, lent.revoked_by) == (False, ines)
    assert last_event(component).data == {"delegations": [lent.pk]}
    with pytest.raises(components.ComponentArchived):
        components.archive(payouts, by=ines)
    assert components.restore(payouts, by=ines).archived_at is None


def test_an_owner_is_a_member_of_the_organization(payouts, ines, dev, eve):
    components.add_owner(payouts, dev, by=ines)
    components.add_owner(payouts, dev, by=ines)

    assert list(ComponentOwner.objects.values_list("user", flat=True)) == [dev.pk]
    assert Event.objects.filter(name="component.owner_added").count() == 1
    with pytest.raises(InvalidInput):
        components.add_owner(payouts, eve, by=ines)


def test_an_owner_who_goes_loses_lent_order_and_acceptance(payouts, ines, marek):
    lent = {power: lend(payouts, power, to=marek, by=ines) for power in ("order", "accept", "refine")}

    components.remove_owner(payouts, marek, by=ines)

    running = [power for power, row in lent.items() if type(row).objects.live().filter(pk=row.pk).exists()]
    assert running == ["refine"]
    assert not ComponentOwner.objects.exists()
    assert last_event(payouts).name == "component.owner_removed"
