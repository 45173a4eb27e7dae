"""An order is proposed, decided on and made, and what people do meanwhile counts."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from backlog.actions import delegations, dependencies, ordering
from backlog.actions.ordering import Place
from backlog.models import Dependency, Item, Move, OrderEntry
from core.models import Event, OutboxMessage
from nightly.actions import proposals
from nightly.models import OrderingProposal, ProposedMove
from nightly.queries import effects
from nightly.queries.proposals import own_waiting_count, proposal_page, waiting_count, waiting_for
from tests import factories
from tests.roadmap import pasts

pytestmark = pytest.mark.django_db

ON = date(2031, 6, 10)
# Title, value points a week, points.
ROWS = (
    *(("Login", 1, 5), ("Weekend payouts", 8, 5), ("Fraud scoring", 2, 8), ("Export", 3, 3)),
    *(("Settlement", 0, 3), ("Card tokens", 13, 2), ("Rounding", 1, 8), ("Refund", 20, 5)),
)


@pytest.fixture
def night():
    return User.objects.service("night")


@pytest.fixture
def backlog(payments, ines):
    """By title: the best stand last, and the payouts stand above the settlement that they need."""
    made = {
        title: factories.ItemFactory(product=payments, title=title, business_value=value, points=points)
        for title, value, points in ROWS
    }
    dependencies.add(made["Settlement"], made["Weekend payouts"], by=ines)
    return made


def order(product):
    entries = OrderEntry.objects.filter(list__product=product, is_listed=True).order_by("rank")
    return list(entries.values_list("item__title", flat=True))


def accept(proposal, moves, by):
    return proposals.decide(proposal, {move.pk: ("accepted", "") for move in moves}, by=by)


def told(proposal):
    return [
        (move.item.title, move.direction, move.anchor.title, move.verdict)
        for move in proposal.moves.select_related("item", "anchor").order_by("position")
    ]


def test_a_night_proposes_few_moves_with_reasons_and_moves_nothing(payments, backlog, ines, night):
    before = order(payments)
    proposal = proposals.prepare(payments, on=ON, by=night)
    again = proposals.prepare(payments, on=ON, by=night)
    page = proposal_page(payments, proposal, ines)

    assert (again.pk, OrderingProposal.objects.count()) == (proposal.pk, 1)
    assert Event.objects.filter(name="proposal.made").count() == 1
    assert order(payments) == before
    assert page.change.inverted_before == 1
    assert page.change.inverted_after == 0
    first, second = page.moves[:2]
    assert first.reason == "PAY-2 stands above it and needs it. With this move it comes first."
    assert (first.key, first.direction, second.key) == ("PAY-5", "earlier", "PAY-8")
    assert second.reason.startswith("It brings 20 value points a week for 5\u00a0points of work. The ")
    assert second.lead.startswith("PAY-8 ")
    assert page.gap < page.gap_before
    assert waiting_count(payments, ines) == len(page.moves) == page.open_count
    assert [(row.product_key, row.count) for row in waiting_for(ines)] == [("PAY", page.open_count)]
    assert {"before", "after", "points_a_week"} == set(proposal.figures)


def test_what_is_recalculated_is_what_is_applied_and_one_undo_takes_it_back(payments, backlog, ines, night):
    before = order(payments)
    proposal = proposals.prepare(payments, on=ON, by=night)
    chosen = list(proposal.moves.order_by("position"))[::2]
    accept(proposal, chosen, ines)
    now = effects.situation(payments, today=payments.organization.today())
    found = effects.effect_of(now, chosen)
    wanted = [now.given.ids[place] for place in found.sequence]
    fitting = [chosen[at].pk for at in found.gains]
    page = proposal_page(payments, proposal, ines)

    applied = proposals.apply(proposal, by=ines)

    assert page.is_of_accepted
    assert order(payments) == [Item.objects.get(pk=pk).title for pk in wanted] != before
    assert [move.pk for move in applied.made] == fitting
    assert [row.pk for row in page.moves if row.note] == [chosen[at].pk for at in found.stale]
    assert Move.objects.count() == 1
    assert Event.objects.get(name="proposal.applied").data["version"] == applied.step.version
    assert [row.pk for row in proposal_page(payments, proposal, ines).moves if row.is_applied] == fitting
    with pytest.raises(proposals.AlreadyApplied):
        proposals.decide(proposal, {chosen[0].pk: ("rejected", "")}, by=ines)

    ordering.undo(payments, by=ines)

    assert order(payments) == before
    assert proposal_page(payments, proposal, ines).accepted_count == len(chosen)
    assert [move.pk for move in proposals.apply(proposal, by=ines).made] == fitting
    proposals.decide(proposal, {chosen[at].pk: ("open", "") for at in found.stale}, by=ines)
    with pytest.raises(proposals.NothingAccepted):
        proposals.apply(proposal, by=ines)


def test_whoever_moves_an_item_meanwhile_wins(payments, backlog, ines, night):
    proposal = proposals.prepare(payments, on=ON, by=night)
    accept(proposal, proposal.moves.all(), ines)
    refund, tokens = backlog["Refund"], backlog["Card tokens"]
    ordering.move(payments, [refund.pk], Place.bottom(), by=ines)
    ordering.move(payments, [refund.pk], Place.after(backlog["Fraud scoring"].pk), by=ines)
    Item.objects.filter(pk=tokens.pk).update(business_value=0)

    page = proposal_page(payments, proposal, ines)
    applied = proposals.apply(proposal, by=ines)

    stale = {row.key: row.stale for row in page.moves if row.stale}
    assert stale[refund.key] == "Somebody has moved it since. Their order counts."
    assert stale[tokens.key] == "The backlog has changed, and the move no longer gains anything."
    assert {move.item_id for move in applied.stale} >= {refund.pk, tokens.pk}
    assert order(payments).index("Refund") > order(payments).index("Fraud scoring")
    assert order(payments).index("Settlement") < order(payments).index("Weekend payouts")


@pytest.mark.parametrize("classes", [[], ["repairs", "dates", "gains"]])
def test_what_people_move_while_the_night_works_stays(payments, backlog, ines, night, monkeypatch, classes):
    """Between what the night reads and what it writes (R21), though a policy lets it move things itself."""
    proposals.set_policy(payments, classes, by=ines)
    worked_out, refund, settlement = proposals._worked_out, backlog["Refund"], backlog["Settlement"]

    def interrupted(*given):
        ordering.move(payments, [refund.pk], Place.after(backlog["Login"].pk), by=ines)
        ordering.move(payments, [settlement.pk], Place.bottom(), by=ines)
        return worked_out(*given)

    monkeypatch.setattr(proposals, "_worked_out", interrupted)
    proposal = proposals.prepare(payments, on=ON, by=night)
    stale = {row.title: row.stale for row in proposal_page(payments, proposal, ines).moves if row.stale}
    accept(proposal, [move for move in proposal.moves.all() if move.applied_version is None], ines)
    with suppress(proposals.NothingLeft):
        proposals.apply(proposal, by=ines)

    assert "Refund" in order(payments)[:2]
    assert order(payments)[-1] == "Settlement"
    assert stale["Settlement"] == stale["Refund"] == "Somebody has moved it since. Their order counts."


def test_the_same_backlog_gives_the_same_proposal_ten_times(payments, backlog, ines, night):
    found = []
    for _ in range(10):
        proposal = proposals.prepare(payments, on=ON, by=night)
        found.append((proposal.input_hash, proposal.lower_bound, proposal.cost_after, told(proposal)))
        OrderingProposal.objects.all().delete()

    assert found == [found[0]] * 10


def test_a_move_whose_items_have_left_or_are_pinned_falls_out(payments, backlog, ines, night):
    proposal = proposals.prepare(payments, on=ON, by=night)
    accept(proposal, proposal.moves.all(), ines)
    OrderEntry.objects.filter(item=backlog["Refund"]).update(is_listed=False)
    ordering.pin(backlog["Settlement"], by=ines)

    stale = {row.title: row.stale for row in proposal_page(payments, proposal, ines).moves}
    proposals.apply(proposal, by=ines)

    assert stale["Refund"].startswith("An item that it is about has left")
    assert stale["Settlement"].startswith("It has been pinned since")
    assert order(payments).index("Settlement") == 4


def test_a_rejected_move_stays_away_until_its_inputs_change(payments, backlog, ines, night):
    proposal = proposals.prepare(payments, on=ON, by=night)
    rejected = proposal.moves.get(item=backlog["Refund"])
    proposals.decide(proposal, {rejected.pk: ("rejected", " The bank is not ready ")}, by=ines)
    rejected.refresh_from_db()
    # The verdict's own time is what 30 days are counted from.
    day = rejected.verdict_at.date()

    tomorrow = proposals.prepare(payments, on=day + timedelta(days=1), by=night)
    Item.objects.filter(pk=backlog["Refund"].pk).update(business_value=40)
    after_change = proposals.prepare(payments, on=day + timedelta(days=2), by=night)

    assert rejected.verdict_reason == "The bank is not ready"
    moved = ("Refund", "earlier")
    assert moved not in {row[:2] for row in told(tomorrow)}
    assert moved in {row[:2] for row in told(after_change)}
    Item.objects.filter(pk=backlog["Refund"].pk).update(business_value=20)
    later = proposals.prepare(payments, on=day + timedelta(days=31), by=night)
    assert moved in {row[:2] for row in told(later)}


def test_unchanged_input_is_not_worked_out_again_and_keeps_what_was_accepted(
    payments, backlog, ines, night, monkeypatch
):
    first = proposals.prepare(payments, on=ON, by=night)
    accept(first, first.moves.all()[:1], ines)
    monkeypatch.setattr(proposals.moves, "propose", None)
    pasts.finish(payments, [6] * 8, on=ON)
    Item.objects.filter(status="accepted").update(points=3)

    second = proposals.prepare(payments, on=ON + timedelta(days=1), by=night)

    assert told(second) == told(first)
    assert second.figures["points_a_week"] > first.figures["points_a_week"]
    assert {move.numbers["points_a_week"] for move in second.moves.all()} == {second.figures["points_a_week"]}
    assert second.lower_bound == first.lower_bound
    with pytest.raises(proposals.Superseded):
        accept(first, first.moves.all(), ines)


def test_a_policy_lets_the_night_make_some_moves_and_can_be_undone(payments, backlog, ines, night):
    proposals.set_policy(payments, ["repairs"], by=ines)
    before = order(payments)

    proposal = proposals.prepare(payments, on=ON, by=night)
    again = proposals.prepare(payments, on=ON, by=night)

    step = Move.objects.get()
    assert (step.by, step.reason) == (
        night,
        "Proposed order of 10 June, accepted by policy: items that stand above what they need",
    )
    assert told(again) == told(proposal)
    assert [row[0] for row in told(proposal) if row[3] == "accepted"] == ["Settlement"]
    assert order(payments).index("Settlement") < order(payments).index("Weekend payouts")

    ordering.undo_move(payments, step.version, by=ines)
    assert order(payments) == before
    proposals.set_policy(payments, [], by=ines)
    with pytest.raises(PermissionDenied):
        proposals.apply(proposal, by=night)


def test_only_the_product_owner_decides_applies_and_sets_the_policy(payments, backlog, ines, marek, night):
    proposal = proposals.prepare(payments, on=ON, by=night)
    move = proposal.moves.first()

    for refused in (
        lambda by: proposals.decide(proposal, {move.pk: ("accepted", "")}, by=by),
        lambda by: proposals.apply(proposal, by=by),
        lambda by: proposals.set_policy(payments, ["gains"], by=by),
        lambda by: ordering.arrange(payments, [move.item_id], by=by),
        lambda by: proposals.prepare(payments, on=ON, by=by),
    ):
        with pytest.raises(PermissionDenied):
            refused(marek)
    assert told(proposal)[0][3] == "open"


def test_a_technical_owner_decides_among_the_slots_lent_to_them(payments, payouts, ines, marek, night, client):
    names = ("Login", "Vault", "Export", "Tokens", "Refund")
    values = {"Login": 1, "Vault": 1, "Export": 2, "Tokens": 20, "Refund": 30}
    technical = {"kind": "technical", "type": "enabler", "component": payouts}
    made = {
        name: factories.ItemFactory(
            product=payments,
            title=name,
            business_value=values[name],
            points=3,
            **(technical if name in ("Vault", "Tokens") else {}),
        )
        for name in names
    }
    proposal = proposals.prepare(payments, on=ON, by=night)
    outside = proposal.moves.get(item=made["Refund"])
    proposal.moves.exclude(pk=outside.pk).delete()
    within = ProposedMove.objects.create(
        proposal=proposal,
        position=9,
        item=made["Tokens"],
        anchor=made["Vault"],
        bundle=[made["Tokens"].pk],
        direction="earlier",
        from_position=4,
        to_position=2,
        gain=57,
        share=0.1,
        robustness=1,
        reason_key=outside.reason_key,
        numbers=outside.numbers,
        inputs=[],
    )
    accepted = ("accepted", "")
    with pytest.raises(PermissionDenied):
        proposals.decide(proposal, {within.pk: accepted}, by=marek)
    delegations.grant(payouts, "order", marek, by=ines)
    marek.refresh_from_db()

    with pytest.raises(PermissionDenied):
        proposals.decide(proposal, {outside.pk: accepted}, by=marek)
    assert (own_waiting_count(payments, marek), own_waiting_count(payments, ines)) == (1, 2)
    assert [(row.product_key, row.count) for row in waiting_for(marek)] == [("PAY", 1)]
    page = proposal_page(payments, proposal, marek)
    assert [row.key for row in page.moves if row.may_decide] == [made["Tokens"].key]
    assert (page.open_count, page.change.share > 0) == (1, True)

    client.force_login(marek)
    form = {f"verdict-{within.pk}": "accepted"}
    answer = client.post(f"/products/PAY/proposals/{ON}/apply/", form, follow=True).content.decode()

    assert "1 move is made." in answer
    assert order(payments) == ["Login", "Tokens", "Export", "Vault", "Refund"]
    step = Move.objects.latest("version")
    assert (step.kind, step.by, step.on_behalf_of) == ("permute", marek, ines)
    client.post("/products/PAY/backlog/undo/")
    assert order(payments) == list(names)

    proposals.decide(proposal, {within.pk: ("rejected", "Not now")}, by=ines)
    with pytest.raises(proposals.OwnerDecided):
        proposals.decide(proposal, {within.pk: accepted}, by=marek)


def test_value_that_other_products_wait_for_counts(payments, backlog, ines, night, organization):
    ledger = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    waiting = factories.ItemFactory(product=ledger, title="Monthly statement", business_value=60, points=3)
    Dependency.objects.create(
        organization=organization, enabler=backlog["Rounding"], dependent=waiting, created_by=ines
    )

    given = effects.situation(payments, today=ON).given

    place = given.place_of(backlog["Rounding"].pk)
    assert given.values["abroad"][place] == 60
    assert given.backlog.weights[place] == 61
    assert ("Rounding", "earlier") in {row[:2] for row in told(proposals.prepare(payments, on=ON, by=night))}


def test_items_in_a_circle_and_empty_backlogs_say_so(payments, ines, night):
    empty = proposals.prepare(payments, on=ON, by=night)
    client = Client()
    client.force_login(ines)
    assert "Nothing to put in order" in client.get("/products/PAY/proposal/").content.decode()
    assert not empty.moves.exists()

    factories.ItemFactory.create_batch(2, product=payments)
    proposals.prepare(payments, on=ON, by=night)
    assert "Nothing says what waiting costs" in client.get("/products/PAY/proposal/").content.decode()


def test_the_page_is_read_in_a_fixed_number_of_statements(payments, backlog, ines, night, django_assert_num_queries):
    proposal = proposals.prepare(payments, on=ON, by=night)
    first = proposal.moves.order_by("position").first()
    for count in (1, 3):
        accept(proposal, proposal.moves.order_by("position")[:count], ines)
        with django_assert_num_queries(16):
            proposal_page(payments, proposal, ines)
    proposals.decide(proposal, {first.pk: ("open", "")}, by=ines)


def test_review_works_without_scripts(payments, backlog, ines, marek, night):
    proposal = proposals.prepare(payments, on=ON, by=night)
    moves = list(proposal.moves.order_by("position"))
    client = Client()
    client.force_login(ines)
    address = f"/products/PAY/proposals/{ON}"
    form = {f"verdict-{moves[0].pk}": "rejected", f"reason-{moves[0].pk}": "Not this quarter"}

    kept = client.post(f"{address}/decide/", form, follow=True).content.decode()
    applied = client.post(f"{address}/apply/", form | {f"verdict-{moves[1].pk}": "accepted"}, follow=True)
    client.post(f"{address}/decide/", {f"verdict-{move.pk}": "open" for move in moves} | {"rest": "yes"})

    assert "Not this quarter" in kept
    assert "1 move is made." in applied.content.decode()
    assert {move.verdict for move in proposal.moves.all()} == {"accepted"}
    client.force_login(marek)
    page = client.get("/products/PAY/proposal/").content.decode()
    assert "Apply" not in page.split("What it optimises")[0].replace("apply everything", "")
    assert client.get(f"{address}/").status_code == 200


def test_a_new_proposal_is_told_and_counted_as_far_as_it_is_seen(payments, backlog, ines, dev, night, client):
    proposal = proposals.prepare(payments, on=ON, by=night)
    moves = list(proposal.moves.order_by("position"))
    Item.objects.filter(pk=moves[0].item_id).update(is_restricted=True)

    assert {"news": "proposal"} in OutboxMessage.objects.values_list("payload", flat=True)
    assert waiting_count(payments, ines) == len(moves)
    assert waiting_count(payments, dev) == len(moves) - 1 == len(proposal_page(payments, proposal, dev).moves)
    client.force_login(ines)
    counted = f'<span>Proposal</span><span class="count guess">{len(moves)}</span>'
    assert counted in client.get("/for-you/").content.decode()
    client.force_login(dev)
    assert f"{len(moves) - 1} proposed move" in client.get("/products/PAY/proposal/link/").content.decode()
    assert '<span>Proposal</span><span class="count' not in client.get("/for-you/").content.decode()
