"""Due dates in the order: value lost a week, plus a penalty for each week past the date."""

from dataclasses import replace

import numpy as np

from planning import cores, problem, sidney

WINDOW = 80
# Rounds, and passes of insertions: up to sidney.FULL_ITEM_LIMIT items, and above.
_MANY, _FEW = (12, 6), (3, 1)


def order(backlog: problem.Problem, effort: cores.Effort | None = None) -> sidney.Order:
    """Order a backlog by Σ w C + Σ u max(0, C - d), dependencies kept; without due dates as `sidney.order`.

    Each round orders by the weights w + u θ, where θ in 0 … 1 says how late the item was on average so far (Frank and
    Wolfe's method with Sidney's decomposition as its linear oracle); single insertions then lower the true cost.
    As u max(0, C - d) ≥ u θ (C - d), each round also bounds the cost of every order from below.
    effort: of the rounds; by default cores.QUICK up to 20,000 items, cores.LIGHT above.
    Source: Frank and Wolfe, "An algorithm for quadratic programming" (1956).
    """
    if not backlog.has_due_dates:
        return sidney.order(backlog, effort)
    is_large = backlog.count > sidney.FULL_ITEM_LIMIT
    rounds, passes = _FEW if is_large else _MANY
    best, bound = _best_of_rounds(backlog, effort or (cores.LIGHT if is_large else cores.QUICK), rounds)
    sequence = _improve(backlog, best.sequence, passes)
    cost = problem.cost(backlog, sequence)
    return sidney.Order(sequence, best.blocks, best.weights, cost, min(bound, cost))


def order_at_a_glance(backlog: problem.Problem) -> sidney.Order:
    """Order by the weights that hold where the items stand at present: one round of `order`, for an answer at once.

    A date weighs in full where the present order is past it, and not at all long before. No certificate with dates.
    """
    if not backlog.has_due_dates:
        return sidney.order(backlog, cores.QUICK)
    dated = np.isfinite(backlog.due)
    due = np.where(dated, backlog.due, 0.0)
    lateness = _lateness(problem.finish_points(backlog, np.arange(backlog.count)), due, backlog)
    weights = backlog.weights + np.where(dated, backlog.penalties, 0.0) * lateness
    return sidney.order(replace(backlog, weights=weights), cores.QUICK)


def _best_of_rounds(backlog, effort, rounds):
    due = np.where(np.isfinite(backlog.due), backlog.due, 0.0)
    penalties = np.where(np.isfinite(backlog.due), backlog.penalties, 0.0)
    lateness = np.zeros(backlog.count)
    best, best_cost, bound, average = None, np.inf, 0.0, None
    for round_number in range(rounds + 1):
        pull = penalties * lateness
        found = sidney.order(replace(backlog, weights=backlog.weights + pull), effort)
        bound = max(bound, found.lower_bound - float(pull @ due))
        cost = problem.cost(backlog, found.sequence)
        if cost < best_cost:
            best, best_cost = found, cost
        finish = problem.finish_points(backlog, found.sequence)
        average = finish if average is None else average + 2 / (round_number + 2) * (finish - average)
        lateness = _lateness(average, due, backlog)
    return best, bound


def _lateness(finish, due, backlog):
    softness = 2 * backlog.sizes.mean()
    return 1 / (1 + np.exp(-np.clip((finish - due) / softness, -30, 30)))


def _improve(backlog, sequence, passes):
    def delay_cost(items, finish):
        return backlog.weights[items] * finish + backlog.penalties[items] * np.maximum(finish - backlog.due[items], 0)

    return cores.improve_by_insertion(
        sequence, backlog.sizes, backlog.enablers, backlog.enabled, delay_cost, window=WINDOW, passes=passes
    )
