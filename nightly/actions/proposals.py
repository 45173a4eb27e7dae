"""Propose an order, take the verdicts on its moves, and make those that are accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backlog.actions import feed, ordering
from backlog.models import Move, OrderedList
from backlog.queries import slots
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require
from nightly.models import OrderingProposal, ProposalPolicy, ProposedMove
from nightly.queries import effects
from nightly.queries.proposed import is_among, pending, rejected_lately
from planning import deadlines, moves, problem
from roadmap.queries.order_problem import order_problem

# So many moves a person may look at in the morning.
LIMIT = 8
LONGEST_REASON = ProposedMove._meta.get_field("verdict_reason").max_length

Verdict = ProposedMove.Verdict
_DIRECTION = {
    moves.Direction.EARLIER: ProposedMove.Direction.EARLIER,
    moves.Direction.LATER: ProposedMove.Direction.LATER,
}


class Superseded(RuleViolation):
    code = "proposal_superseded"
    message = "A newer proposal has taken this one's place. Decide on that one."


class AlreadyApplied(RuleViolation):
    code = "move_applied"
    message = "That move is made already. Undo it in the history if it was wrong."


class OwnerDecided(RuleViolation):
    code = "owner_decided"
    message = "The product owner has decided on that move already. Ask them if you see it otherwise."


class NothingAccepted(RuleViolation):
    code = "nothing_accepted"
    message = "No move is accepted. Accept the moves that you want made, then apply them."


class NothingLeft(RuleViolation):
    code = "moves_stale"
    message = "The backlog has changed, and none of the accepted moves fits any more. Nothing was moved."


@dataclass(frozen=True)
class Applied:
    """step: in the order's log; None where the items stood so already. stale: accepted moves that were left out."""

    step: Move | None
    made: tuple[ProposedMove, ...]
    stale: tuple[ProposedMove, ...]


def prepare(product, *, on: date, by) -> OrderingProposal:
    """Propose moves for a product as of the morning of a day; the same input again changes nothing.

    Verdicts stay: a move that is proposed again keeps its acceptance, one that was rejected stays away for 30 days
    unless its inputs change, what is made is made. Then the product's policy is applied, if it has one.
    Equal input gives equal moves. Raises PermissionDenied.
    """
    require(by, "proposal.make", product)
    version = OrderedList.objects.values_list("version", flat=True).get(product=product)
    given = order_problem(product, today=on)
    refused = _refused(product, given, on)
    fingerprint = _fingerprint(given, refused)
    kept = OrderingProposal.objects.filter(product=product, on=on).first()
    if kept is None or fingerprint not in (kept.input_hash, kept.settled_hash):
        latest = OrderingProposal.objects.filter(product=product, on__lt=on).latest_first().first()
        values, drafts = _worked_out(product, given, refused, on, fingerprint, latest)
        kept = _keep(product, on, values | {"list_version": version, "input_hash": fingerprint, "made_by": by}, drafts)
    _follow_policy(kept, by)
    return kept


@transaction.atomic
def decide(proposal, verdicts: Mapping[int, tuple[str, str]], *, by) -> OrderingProposal:
    """Accept or reject moves, or leave them open again.

    Who may not arrange everything decides on moves among the technical slots lent to them, unless others have.

    verdicts: by id of the move, a `ProposedMove.Verdict` and the reason, which only a rejection keeps.
    Raises PermissionDenied, Superseded, OwnerDecided, AlreadyApplied, InvalidInput.
    """
    proposal = OrderingProposal.objects.select_for_update().get(pk=proposal.pk)
    require(by, "proposal.decide", proposal)
    _require_latest(proposal)
    known = {move.pk: move for move in proposal.moves.order_by("position")}
    waiting = {move.pk for move in pending(proposal, known.values())}
    lent = None if can(by, "order.arrange", proposal) else slots.lent_items(by)
    told = []
    for pk, (verdict, reason) in verdicts.items():
        move = known.get(pk)
        if move is None:
            raise InvalidInput("This proposal has no such move.", field="move")
        if lent is not None:
            _require_lent(proposal, move, lent, verdict, by)
        if _give(move, verdict, reason.strip(), is_waiting=pk in waiting, by=by):
            told.append({"move": pk, "item": move.item_id, "verdict": move.verdict, "reason": move.verdict_reason})
    if told:
        events.record("proposal.decided", target=proposal, by=by, on=proposal.on, verdicts=told)
    return proposal


@transaction.atomic
def apply(proposal, *, by) -> Applied:
    """Make the accepted moves as one step of the order, which one undo takes back.

    They are made on the order as it stands now, by the same arithmetic as `effects.effect_of`; what no longer fits, or
    whose item somebody has moved since, is left out. Who may not arrange everything makes the moves among the technical
    slots lent to them: nothing else changes its place.
    Raises PermissionDenied, Superseded, NothingAccepted, NothingLeft.
    """
    return _apply(proposal, ProposedMove.objects.all(), f"Proposed order of {proposal.on:%-d %B}", by)


@transaction.atomic
def set_policy(product, classes: list[str], *, by) -> ProposalPolicy:
    """Choose which classes of moves the night makes without being asked; none ends it.

    Raises PermissionDenied, InvalidInput.
    """
    require(by, "proposal.set_policy", product)
    if unknown := set(classes) - set(ProposalPolicy.Class.values):
        raise InvalidInput(f"There is no class of moves named {min(unknown)}.", field="classes")
    wanted = [name for name in ProposalPolicy.Class.values if name in classes]
    policy, _ = ProposalPolicy.objects.update_or_create(
        product=product, defaults={"classes": wanted, "set_by": by, "set_at": timezone.now()}
    )
    events.record("proposal_policy.set", target=policy, by=by, classes=wanted)
    return policy


def _refused(product, given, on):
    """The moves of rejections that still hold, as the decision core names them: place and direction."""
    place = {pk: at for at, pk in enumerate(given.ids)}
    found = set()
    for move in rejected_lately(product, on):
        members = (*move.bundle, move.anchor_id)
        if given.backlog is None or any(pk not in place for pk in members):
            continue
        now = [(float(given.backlog.weights[place[pk]]), float(given.backlog.sizes[place[pk]])) for pk in members]
        if moves.is_still_refused(move.inputs, now, timezone.localdate(move.verdict_at), on):
            found.add((place[move.item_id], _direction_of(move)))
    return found


def _direction_of(move):
    return next(core for core, own in _DIRECTION.items() if own == move.direction)


def _fingerprint(given, refused):
    backlog = given.backlog
    told = sha256(repr((list(given.ids), sorted(given.cycle), sorted(refused))).encode())
    if backlog is not None:
        for name in (
            "sizes",
            "weights",
            "enablers",
            "enabled",
            "due",
            "penalties",
            "is_technical",
            "teams",
            "is_locked",
        ):
            told.update(getattr(backlog, name).tobytes())
    return told.hexdigest()


def _worked_out(product, given, refused, on, fingerprint, latest):
    """The values of the proposal and its moves, new or, where the input is that of the latest one, as they were."""
    values = {
        "item_count": len(given.ids),
        "looked_at": min(len(given.ids), moves.HORIZON),
        "cycle": list(given.cycle),
    }
    if given.backlog is None:
        return values, []
    values |= {
        "pinned_count": int(given.backlog.is_locked.sum()),
        "unestimated_count": int((~given.is_estimated).sum()),
        "unvalued_count": int((given.backlog.weights <= 0).sum()),
    }
    if latest and latest.input_hash == fingerprint:
        values |= {name: getattr(latest, name) for name in ("cost_before", "cost_after", "lower_bound")}
        # A move that was made and taken back again is proposed as it was; dates and pace are this night's.
        drafts = [_copied(move, given) for move in latest.moves.order_by("position")]
        return values | {"figures": _told(product, on, drafts)}, drafts
    rng = np.random.default_rng(product.pk)
    found = moves.propose(given.backlog, rng=rng, limit=LIMIT, refused=refused)
    drafts = [_draft(given, move) for move in found.moves]
    present = np.arange(given.backlog.count)
    before, after = (
        problem.cost(given.backlog, problem.as_it_comes(given.backlog, sequence))
        for sequence in (present, found.sequence)
    )
    values |= {
        "cost_before": before,
        "cost_after": after,
        "lower_bound": min(deadlines.order(given.backlog).lower_bound, before, after),
        "figures": _told(product, on, drafts),
    }
    return values, drafts


def _told(product, on, drafts):
    """The figures before and after, as they were told in the morning."""
    besides = {pk for draft in drafts for pk in (*draft.bundle, draft.anchor_id)}
    now = effects.situation(product, today=on, besides=besides)
    if now.given.backlog is None:
        return {}
    found = effects.effect_of(now, drafts)
    titles = {goal.pk: goal.title for goal in now.goals}
    told = {}
    for name, sequence in (("before", now.present), ("after", found.sequence)):
        figures = effects.figures(now, sequence)
        told[name] = {
            "cost": figures.cost,
            "inverted": figures.inverted,
            "technical_share": figures.technical_share,
            "dates": [{"goal": titles[pk], "on": on.isoformat()} for pk, on in figures.dates.items()],
        }
    return told | {"points_a_week": now.given.points_a_week}


def _draft(given, move):
    lever = int(move.reason.numbers["lever"])
    return ProposedMove(
        item_id=given.ids[move.item],
        anchor_id=given.ids[move.anchor],
        bundle=[given.ids[member] for member in move.bundle],
        direction=_DIRECTION[move.direction],
        from_position=move.from_place + 1,
        to_position=move.to_place + 1,
        gain=move.gain,
        share=move.share,
        robustness=move.robustness,
        reason_key=move.reason.key,
        numbers={**move.reason.numbers, "lever": given.ids[lever]} | _own_numbers(given, move),
        inputs=moves.inputs(given.backlog, move),
    )


def _own_numbers(given, move):
    backlog, bundle = given.backlog, list(move.bundle)
    return {
        "weight": float(backlog.weights[bundle].sum()),
        "size": float(backlog.sizes[bundle].sum()),
        "points_a_week": given.points_a_week,
        "is_guessed": bool(not given.is_estimated[bundle].all()),
    }


def _copied(move, given):
    names = (
        *("item_id", "anchor_id", "bundle", "direction", "from_position", "to_position", "gain", "share", "robustness"),
        *("reason_key", "inputs"),
    )
    numbers = move.numbers | {"points_a_week": given.points_a_week}
    return ProposedMove(numbers=numbers, **{name: getattr(move, name) for name in names})


@transaction.atomic
def _keep(product, on, values, drafts):
    proposal, is_new = OrderingProposal.objects.get_or_create(product=product, on=on, defaults=values)
    proposal = OrderingProposal.objects.select_for_update().get(pk=proposal.pk)
    if not is_new:
        if proposal.input_hash == values["input_hash"]:
            # Two workers may have come this far at once.
            return proposal
        for name, value in (values | {"settled_hash": "", "made_at": timezone.now()}).items():
            setattr(proposal, name, value)
        proposal.save()
    _carry_acceptance(product, drafts)
    proposal.moves.filter(applied_version=None).exclude(verdict=Verdict.REJECTED).delete()
    start = proposal.moves.aggregate(last=Max("position"))["last"] or 0
    for position, draft in enumerate(drafts, start + 1):
        draft.proposal, draft.position = proposal, position
    ProposedMove.objects.bulk_create(drafts)
    events.record(
        "proposal.made",
        target=proposal,
        by=values["made_by"],
        on=on,
        moves=len(drafts),
        share=1 - values["cost_after"] / values["cost_before"] if values.get("cost_before") else 0,
    )
    feed.tell_news(product.pk, "proposal")
    return proposal


def _carry_acceptance(product, drafts):
    accepted = ProposedMove.objects.filter(
        proposal__product=product, verdict=Verdict.ACCEPTED, applied_version=None, is_by_policy=False
    )
    known = {(move.item_id, move.anchor_id, move.direction): move for move in accepted.order_by("proposal__on")}
    for draft in drafts:
        if former := known.get((draft.item_id, draft.anchor_id, draft.direction)):
            draft.verdict, draft.verdict_by, draft.verdict_at = Verdict.ACCEPTED, former.verdict_by, former.verdict_at


def _follow_policy(proposal, by):
    policy = ProposalPolicy.objects.filter(product=proposal.product_id).exclude(classes=[]).first()
    if policy is None:
        return
    with transaction.atomic():
        matching = proposal.moves.filter(verdict=Verdict.OPEN, reason_key__in=policy.accepted_reasons)
        accepted = matching.update(
            verdict=Verdict.ACCEPTED, verdict_by=by, verdict_at=timezone.now(), is_by_policy=True
        )
        if not accepted:
            return
        reason = f"Proposed order of {proposal.on:%-d %B}, accepted by policy: {'; '.join(policy.labels).lower()}"
        try:
            _apply(proposal, ProposedMove.objects.filter(is_by_policy=True), reason[:LONGEST_REASON], by)
        except NothingLeft:
            return
    given = order_problem(proposal.product, today=proposal.on)
    settled = _fingerprint(given, _refused(proposal.product, given, proposal.on))
    OrderingProposal.objects.filter(pk=proposal.pk).update(settled_hash=settled)


def _apply(proposal, among, reason, by):
    product = proposal.product
    ordered = ordering.lock(product.pk)
    proposal = OrderingProposal.objects.select_for_update(of=("self",)).select_related("product").get(pk=proposal.pk)
    require(by, "proposal.decide", proposal)
    lent = None if can(by, "order.arrange", proposal) else slots.lent(ordered, by).items
    _require_latest(proposal)
    known = list(proposal.moves.order_by("position"))
    eligible = set(among.filter(proposal=proposal).values_list("pk", flat=True))
    accepted = [move for move in pending(proposal, known) if move.verdict == Verdict.ACCEPTED and move.pk in eligible]
    if lent is not None:
        accepted = [move for move in accepted if is_among(move, lent)]
    if not accepted:
        raise NothingAccepted
    besides = {pk for move in accepted for pk in (*move.bundle, move.anchor_id)}
    now = effects.situation(product, today=product.organization.today(), besides=besides)
    if now.given.backlog is None:
        raise NothingLeft
    by_hand = effects.moved_by_hand(product, proposal.list_version, known)
    found = effects.effect_of(now, accepted, by_hand, lent)
    made = [move for at, move in enumerate(accepted) if at in found.gains]
    if not made:
        raise NothingLeft
    wanted = [now.given.ids[place] for place in found.sequence.tolist()]
    if lent is None:
        step = ordering.arrange(product, wanted, by=by, reason=reason)
    else:
        step = ordering.permute_technical(product, [pk for pk in wanted if pk in lent], by=by, reason=reason)
    version = step.version if step else ordered.version
    ProposedMove.objects.filter(pk__in=[move.pk for move in made]).update(applied_version=version)
    events.record(
        "proposal.applied",
        target=proposal,
        by=by,
        on=proposal.on,
        version=version,
        items=[move.item_id for move in made],
        left_out={accepted[at].item_id: why for at, why in found.stale.items()},
        reason=reason,
    )
    return Applied(step, tuple(made), tuple(accepted[at] for at in found.stale))


def _require_latest(proposal):
    if OrderingProposal.objects.filter(product=proposal.product_id, on__gt=proposal.on).exists():
        raise Superseded


def _require_lent(proposal, move, lent, verdict, by):
    if proposal.made_by_id == by.pk or not is_among(move, lent):
        raise PermissionDenied("You decide only on moves among technical items of components lent to you.")
    if move.verdict_by_id not in (None, by.pk) and verdict != move.verdict:
        raise OwnerDecided


def _give(move, verdict, reason, *, is_waiting, by):
    """Write one verdict; False if it stands already."""
    if verdict not in Verdict.values:
        raise InvalidInput("A verdict is open, accepted or rejected.", field="verdict")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.", field="reason")
    reason = reason if verdict == Verdict.REJECTED else ""
    if (verdict, reason) == (move.verdict, move.verdict_reason):
        return False
    if not is_waiting and move.verdict == Verdict.ACCEPTED:
        raise AlreadyApplied
    is_open = verdict == Verdict.OPEN
    move.verdict, move.verdict_reason, move.is_by_policy = verdict, reason, False
    move.verdict_by, move.verdict_at = (None, None) if is_open else (by, timezone.now())
    # Only a move that was taken back comes this far with a version.
    move.applied_version = None
    move.save(
        update_fields=["verdict", "verdict_reason", "is_by_policy", "verdict_by", "verdict_at", "applied_version"]
    )
    return True
