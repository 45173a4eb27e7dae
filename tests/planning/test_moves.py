"""Proposed moves: gains that add up, dependencies and pins that hold, and nothing for luck."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import graph, moves, problem, sidney
from planning.moves import Direction
from tests.planning import backlogs


def propose(backlog, **options):
    return moves.propose(backlog, **{"rng": np.random.default_rng(0), **options})


def propose_all(backlog, **options):
    return propose(backlog, limit=1_000, least_share=0, least_robustness=0, **options)


def by_hand(backlog, proposal):
    """Make the moves one by one on a plain list, by their anchors."""
    listed = list(range(backlog.count))
    for move in proposal.moves:
        assert listed.index(move.item) == move.from_place
        rest = [item for item in listed if item not in move.bundle]
        at = rest.index(move.anchor) + (0 if move.direction is Direction.EARLIER else 1)
        listed = [*rest[:at], *move.bundle, *rest[at:]]
        assert listed.index(move.item) == move.to_place
    return listed


def in_feasible_order(backlog):
    order = graph.topological_order(backlog.count, backlog.enablers.tolist(), backlog.enabled.tolist())
    return backlogs.in_order(backlog, order)


@settings(max_examples=60)
@given(backlogs.small(most=9))
def test_gains_add_up_and_the_moves_lead_where_they_say(backlog):
    proposal = propose_all(backlog)

    assert by_hand(backlog, proposal) == proposal.sequence.tolist()
    assert problem.is_feasible(backlog, proposal.sequence)
    assert proposal.cost_after == pytest.approx(problem.cost(backlog, proposal.sequence))
    gains = sum(move.gain for move in proposal.moves)
    assert proposal.cost_before - proposal.cost_after == pytest.approx(gains, abs=1e-6)


@settings(max_examples=60)
@given(backlogs.small(most=9))
def test_when_all_moves_are_made_there_are_no_more(backlog):
    proposal = propose_all(backlog)

    assert propose_all(backlogs.in_order(backlog, proposal.sequence)).moves == ()


@settings(max_examples=60)
@given(backlogs.small(most=9), st.data())
def test_any_part_of_a_proposal_can_be_made(backlog, data):
    listed = in_feasible_order(backlog)
    proposal = propose_all(listed)
    chosen = [move for move in proposal.moves if data.draw(st.booleans())]

    effect = moves.effect(listed, chosen)

    assert problem.is_feasible(listed, effect.sequence)
    assert len(effect.gains) == len(chosen)
    gains = sum(gain for gain in effect.gains if gain is not None)
    assert effect.cost_before - effect.cost_after == pytest.approx(gains, abs=1e-6)
    assert effect.cost_after == pytest.approx(problem.cost(listed, effect.sequence))


@settings(max_examples=60)
@given(backlogs.small(most=9))
def test_a_proposal_made_whole_has_the_effect_it_promised(backlog):
    listed = in_feasible_order(backlog)
    proposal = propose_all(listed)

    effect = moves.effect(listed, proposal.moves)

    assert effect.sequence.tolist() == proposal.sequence.tolist()
    assert effect.gains == pytest.approx([move.gain for move in proposal.moves])


@settings(max_examples=60)
@given(backlogs.small(most=9), st.data())
def test_locked_items_keep_their_places(backlog, data):
    flags = data.draw(st.lists(st.booleans(), min_size=backlog.count, max_size=backlog.count))
    listed = in_feasible_order(backlog)
    pairs = np.c_[listed.enablers, listed.enabled]
    listed = problem.build(listed.sizes, listed.weights, pairs, is_locked=flags)

    proposal = propose_all(listed)

    assert problem.is_feasible(listed, proposal.sequence)
    locked = np.flatnonzero(flags)
    assert (proposal.sequence[locked] == locked).all()
    assert proposal.cost_after <= proposal.cost_before + 1e-9
    gains = sum(move.gain for move in proposal.moves)
    assert proposal.cost_before - proposal.cost_after == pytest.approx(gains, abs=1e-6)


@settings(max_examples=40)
@given(backlogs.small(most=7), st.data())
def test_due_dates_count_in_the_gain(backlog, data):
    numbers = st.lists(st.integers(0, 12), min_size=backlog.count, max_size=backlog.count)
    listed = in_feasible_order(backlog)
    dated = problem.build(
        listed.sizes,
        listed.weights,
        np.c_[listed.enablers, listed.enabled],
        due=data.draw(numbers),
        penalties=data.draw(numbers),
    )

    proposal = propose_all(dated)

    gains = sum(move.gain for move in proposal.moves)
    assert proposal.cost_before - proposal.cost_after == pytest.approx(gains, abs=1e-6)
    assert all(move.gain > 0 for move in proposal.moves)
    assert proposal.cost_after == pytest.approx(problem.cost(dated, proposal.sequence))


def test_a_move_takes_along_what_its_item_needs():
    # 0 and 1 are small fry, 3 is worth much and needs 2.
    backlog = problem.build([5, 5, 1, 1], [1, 1, 0, 50], [(2, 3)])

    (move,) = propose(backlog).moves

    assert (move.item, move.bundle, move.direction, move.anchor) == (3, (2, 3), Direction.EARLIER, 0)
    assert (move.from_place, move.to_place) == (3, 1)
    assert move.gain == 50 * 10 - 2 * 2
    assert move.robustness == 1
    assert move.reason == moves.Reason(
        "earlier_with_needs",
        {
            "passed": 2,
            "passed_points": 10,
            "lever": 3,
            "lever_points": 10,
            "lever_saving": 500,
            "date_saving": 0,
            "saved": 500,
            "lost": 4,
        },
    )


@pytest.mark.parametrize(
    ("weights", "key", "expected"),
    [
        ([9, 9, 9], "needs_first", [2, 0, 1]),
        ([9, 1, 0], "needs_first", [2, 0, 1]),
        ([1, 9, 0], "behind_its_need", [1, 2, 0]),
    ],
)
def test_an_item_above_what_it_needs_is_put_right(weights, key, expected):
    proposal = propose(problem.build([1, 1, 1], weights, [(2, 0)]))

    assert proposal.moves[0].reason.key == key
    assert proposal.sequence.tolist() == expected


def test_repairs_leave_room_for_moves_that_gain():
    rng = np.random.default_rng(0)
    pairs = [(40 + k, k) for k in range(40)]
    backlog = problem.build(rng.integers(1, 9, 80), rng.integers(1, 99, 80), pairs)

    proposal = propose(backlog, limit=8)

    repairs = [move.reason.key in ("needs_first", "behind_its_need") for move in proposal.moves]
    assert repairs == [True] * 4 + [False] * 4
    assert by_hand(backlog, proposal) == proposal.sequence.tolist()
    gains = sum(move.gain for move in proposal.moves)
    assert proposal.cost_before - proposal.cost_after == pytest.approx(gains)


def test_a_date_is_the_reason_where_it_saves_most():
    backlog = problem.build([4, 4, 4], [3, 3, 3], due=[np.inf, np.inf, 4], penalties=[0, 0, 50])

    (move,) = propose(backlog).moves

    assert (move.reason.key, move.bundle, move.anchor) == ("earlier_for_date", (2,), 0)


def test_what_gains_only_by_luck_is_not_proposed():
    backlog = problem.build([5, 5], [10, 10.2])

    assert propose(backlog, least_robustness=0).moves[0].gain == pytest.approx(1)
    assert propose(backlog).moves == ()


def test_refused_moves_are_not_repeated():
    backlog = problem.build([5, 5, 5], [1, 1, 50])
    (move,) = propose(backlog).moves

    proposal = propose(backlog, refused={(move.item, move.direction)})

    assert (move.item, move.direction) == (2, Direction.EARLIER)
    assert all((other.item, other.direction) != (2, Direction.EARLIER) for other in proposal.moves)


@pytest.mark.parametrize(
    ("now", "days", "expected"),
    [
        ([(10, 3), (5, 2)], 29, True),
        ([(10, 3), (5, 2)], 30, False),
        ([(12, 3), (4, 2)], 1, True),
        ([(12.1, 3), (5, 2)], 1, False),
        ([(10, 3), (5, 1)], 1, False),
        ([(10, 3)], 1, False),
    ],
)
def test_a_refusal_ends_with_time_or_with_its_inputs(now, days, expected):
    then = [(10, 3), (5, 2)]
    refused_on = date(2026, 1, 1)

    assert moves.is_still_refused(then, now, refused_on, refused_on + timedelta(days=days)) == expected


def test_the_inputs_of_a_move_are_those_of_its_items_and_its_anchor():
    backlog = problem.build([5, 5, 1, 1], [1, 1, 0, 50], [(2, 3)])
    (move,) = propose(backlog).moves

    assert moves.inputs(backlog, move) == ((0, 1), (50, 1), (1, 5))


def test_a_move_whose_item_has_gone_past_its_anchor_no_longer_applies():
    backlog = problem.build([5, 5, 5], [1, 1, 50])
    (move,) = propose(backlog).moves

    assert moves.effect(backlog, [move, move]).gains == (move.gain, None)


def test_a_large_backlog_is_looked_at_from_the_top():
    backlog = backlogs.made_up(3_000, 1, 1)
    backlog = backlogs.in_order(backlog, backlogs.present_order(backlog, 1))

    proposal = propose(backlog, horizon=200)

    before = graph.neighbours(backlog.count, backlog.enabled.tolist(), backlog.enablers.tolist())
    assert len(proposal.moves) == 20
    assert {move.item for move in proposal.moves} <= graph.closure(before, range(200))
    assert problem.is_feasible(backlog, proposal.sequence)
    assert by_hand(backlog, proposal) == proposal.sequence.tolist()


def test_equal_input_gives_equal_moves():
    backlog = backlogs.made_up(150, 1, 4)

    assert propose(backlog).moves == propose(backlog).moves


def test_twenty_moves_bring_most_of_the_gain():
    shares = []
    for seed in range(6):
        backlog = backlogs.made_up(200, 1, seed)
        backlog = backlogs.in_order(backlog, backlogs.present_order(backlog, seed))
        proposal = propose(backlog)
        possible = proposal.cost_before - sidney.order(backlog).cost
        shares.append((proposal.cost_before - proposal.cost_after) / possible)

    assert np.mean(shares) >= 0.8


def test_small_changes_of_estimates_move_little():
    backlog = backlogs.made_up(200, 1, 5)
    rng = np.random.default_rng(0)
    present = sidney.order(backlog).sequence
    weights = backlog.weights.copy()
    counts, gaps = [], []
    for _ in range(10):
        weights[rng.choice(backlog.count, 3, replace=False)] *= np.exp(rng.normal(0, 0.5, 3))
        noisy = weights * np.exp(rng.normal(0, 0.03, backlog.count))
        tonight = problem.build(backlog.sizes, noisy, np.c_[backlog.enablers, backlog.enabled])
        proposal = propose(backlogs.in_order(tonight, present))
        present = present[proposal.sequence]
        counts.append(len(proposal.moves))
        gaps.append(proposal.cost_after / sidney.order(tonight).lower_bound - 1)

    assert np.mean(counts) <= 3
    assert max(gaps) <= 0.005


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_the_items_kept_are_the_most_that_are_in_order_already(present, target):
    kept = moves.kept_items(present, target)

    assert kept == [item for item in present if item in kept]
    assert kept == [item for item in target if item in kept]
    longest = {}
    for item in present:
        before = [longest[other] for other in longest if target.index(other) < target.index(item)]
        longest[item] = 1 + max(before, default=0)
    assert len(kept) == max(longest.values())
