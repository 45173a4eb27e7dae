"""Measures the decision core: how near to the best its orders are, how often its dates hold, how fast it is."""

import csv
import heapq
import resource
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from planning import classify, cores, deadlines, duplicates, forecast, graph, moves, problem, scope, sidney
from tests.planning import backlogs

HORIZONS = (4, 8, 13, 26)
LEVELS = tuple(range(5, 100, 5))
TRIALS = 1_000
FAMILIES = ((200, 40), (2_000, 3), (10_000, 1), (100_000, 1))
DENSITIES = (0.3, 1.0, 2.0)
# Level spread and walk spread, the choices for the leave-one-project-out selection.
SPREADS = ((0.0, 0.0), (0.3, 0.1), (0.4, 0.1), (0.5, 0.1), (0.4, 0.15))


@dataclass(frozen=True)
class Gate:
    """One line of the verdict: what was promised, what was measured, and whether it holds."""

    area: str
    target: str
    measured: str
    holds: bool


def main(data_dir: Path) -> None:
    """Print every table, then the gates. data_dir: the folder of public data; parts without their file are left out."""
    gates = [*_orders(), *_exactness(), *_moves(), *_due_dates(), *_speed(), *_scope()]
    _adversarial()
    _teams()
    for measure, name in (
        (_real_graph, "dependencies.csv"),
        (_dates, "items_done_per_day.csv"),
        (_commitment, "sprints.csv"),
        (_words, "jira_export_duraspace.csv"),
    ):
        if (Path(data_dir) / name).exists():
            gates += measure(Path(data_dir) / name)
        else:
            print(f"\n{name} is not in {data_dir}: left out.")
    print("\nGates")
    for gate in gates:
        print(f"  {'holds ' if gate.holds else 'MISSED'}  {gate.area:<46} {gate.target:<30} {gate.measured}")


def _orders():
    print("Orders: share above the certified bound, %; the longest time; peak memory so far")
    print(
        f"{'items':>9} {'arcs':>5} {'Sidney mean':>12} {'max':>8} {'WSJF + pull':>12} {'value passed':>13}"
        f" {'s':>7} {'MB':>5}"
    )
    worst, times = defaultdict(list), defaultdict(list)
    for count, instances in FAMILIES:
        for density in DENSITIES:
            gaps, pulled, passed = [], [], []
            for seed in range(instances):
                backlog = backlogs.made_up(count, density, seed)
                order, seconds = _timed(sidney.order, backlog)
                gaps.append(100 * order.gap)
                times[count].append(seconds)
                pulled.append(_above(order, backlog, backlogs.wsjf_and_pull(backlog)))
                passed.append(_above(order, backlog, cores.schedule_by_passed_value(_as_core(backlog))))
            worst[count] += gaps
            print(
                f"{count:>9,} {density:>5} {np.mean(gaps):>12.4f} {max(gaps):>8.4f} {np.mean(pulled):>12.1f} "
                f"{np.mean(passed):>13.1f} {max(times[count][-instances:]):>7.2f} {_peak_megabytes():>5.0f}"
            )
    yield Gate(
        "gap at 200 items, 95th percentile and most",
        "<= 0.5 % and <= 1 %",
        f"{np.quantile(worst[200], 0.95):.3f} % and {max(worst[200]):.3f} %",
        np.quantile(worst[200], 0.95) <= 0.5 and max(worst[200]) <= 1,
    )
    large = max(max(worst[count]) for count in (2_000, 10_000, 100_000))
    yield Gate("gap from 2,000 items", "<= 0.1 %", f"{large:.4f} %", large <= 0.1)
    yield _at_most("order of 10,000 items", max(times[10_000]), 3, "s")
    yield _at_most("order of 100,000 items", max(times[100_000]), 10, "s")
    yield _at_most("peak memory", _peak_megabytes(), 400, "MB")


def _exactness():
    exact = 0
    for seed in range(1_000):
        backlog = backlogs.made_up(6 + seed % 6, (0.5, 1.0, 1.5, 2.0)[seed % 4], seed, ("real", "uniform")[seed % 2])
        exact += sidney.order(backlog).cost <= backlogs.least_cost(backlog) * (1 + 1e-12)
    yield Gate("exact orders of 1,000 backlogs of 6 to 11 items", "1,000", f"{exact:,}", exact == 1_000)


def _adversarial():
    print(
        "\nAdversarial graphs of 200 items: share above the bound, % (mean and most of 4; bound and order both loose)"
    )
    for name, make in (
        ("worthless enablers, 2 a feature", lambda seed: backlogs.bipartite(200, 2, seed)),
        ("worthless enablers, 5 a feature", lambda seed: backlogs.bipartite(200, 5, seed)),
        ("3 layers, 2 needs", lambda seed: backlogs.layered(200, 3, 2, seed)),
        ("6 layers, 3 needs", lambda seed: backlogs.layered(200, 6, 3, seed)),
        ("uniform, 2 arcs an item", lambda seed: backlogs.made_up(200, 2, seed, "uniform")),
    ):
        found = [(sidney.order(backlog), backlog) for backlog in map(make, range(4))]
        gaps = [100 * order.gap for order, _ in found]
        pulled = [_above(order, backlog, backlogs.wsjf_and_pull(backlog)) for order, backlog in found]
        print(f"  {name:<34} Sidney {np.mean(gaps):.2f}, {max(gaps):.2f}    WSJF + pull {np.mean(pulled):.1f}")


def _real_graph(path):
    with path.open() as file:
        pairs = [(row["enabler"], row["enabled"]) for row in csv.DictReader(file)]
    number = {key: index for index, key in enumerate(sorted({key for pair in pairs for key in pair}))}
    rng = np.random.default_rng(0)
    sizes = rng.choice(backlogs.SIZES, len(number), p=backlogs.SIZE_SHARES)
    weights = np.ceil(np.exp(rng.normal(2, 1.1, len(number))))
    kept, skipped = backlogs.without_cycles([(number[a], number[b]) for a, b in pairs])
    backlog = problem.build(sizes, weights, kept)
    order, seconds = _timed(sidney.order, backlog)
    print(
        f"\nReal graph: {backlog.count:,} items, {len(kept):,} dependencies, {skipped} skipped as closing a cycle; "
        f"random values.\n  Sidney {100 * order.gap:.4f} % above the bound in {seconds:.2f} s, "
        f"WSJF + pull {_above(order, backlog, backlogs.wsjf_and_pull(backlog)):.1f} %"
    )
    yield Gate("gap on the real graph", "<= 0.1 %", f"{100 * order.gap:.4f} %", order.gap <= 0.001)


# What Jira calls what users see, and what they do not.
_KINDS = {"Story": "functional", "New Feature": "functional", "Improvement": "functional", "Epic": "functional"}
_KINDS |= {"Bug": "bug", "Technical task": "technical", "Task": "technical", "Sub-task": "technical"}


def _words(path):
    """Types foreseen one after the other as they came in, and known duplicates found among all the others."""
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    columns = defaultdict(list)
    for column, name in enumerate(head):
        columns[name].append(column)
    key, title, text, type_, created = (
        columns[name][0] for name in ("Issue key", "Summary", "Description", "Issue Type", "Created")
    )
    rows.sort(key=lambda row: datetime.strptime(row[created], "%d/%b/%y %I:%M %p"))  # noqa: DTZ007  days are enough
    yield _types([(row[title], row[text], _KINDS.get(row[type_])) for row in rows])
    place = {row[key]: at for at, row in enumerate(rows)}
    twins = {
        tuple(sorted((at, place[row[column]])))
        for name, of_name in columns.items()
        if "(Duplicate)" in name
        for column in of_name
        for at, row in enumerate(rows)
        if row[column] in place and place[row[column]] != at
    }
    yield _duplicates([(row[title], row[text]) for row in rows], sorted(twins))


def _types(labelled):
    model = classify.Model()
    seen = spoke = right = 0
    for title, text, label in labelled:
        if label is None:
            continue
        words = classify.features(title, text)
        said = classify.suggest(model, words)
        seen, spoke, right = seen + 1, spoke + (said is not None), right + (said is not None and said.label == label)
        classify.learn(model, words, [label])
    precision = f"{100 * right / spoke:.1f} %"
    print(f"\nKinds of {seen:,} items foreseen online: spoke {100 * spoke / seen:.0f} %, right {precision}")
    return Gate("kind, precision when it speaks", ">= 90 %", precision, right >= 0.9 * spoke)


def _duplicates(texts, twins):
    known = duplicates.Texts(texts)
    # Eleven, since each finds itself first.
    found = [[one.place for one in known.like(*texts[late], most=11) if one.place != late] for _, late in twins]
    recall = {
        most: np.mean([early in places[:most] for (early, _), places in zip(twins, found, strict=True)])
        for most in (1, 5, 10)
    }
    shown = ", ".join(f"{share:.2f} @{most}" for most, share in recall.items())
    print(f"Duplicates, {len(twins)} known pairs among {len(texts):,} items: recall {shown}")
    return Gate("duplicates, recall @5", ">= 0.60", f"{recall[5]:.2f}, n {len(twins)}", recall[5] >= 0.6)


def _moves():
    shares = []
    for seed in range(12):
        backlog = _in_present_order(200, seed)
        proposal = moves.propose(backlog, rng=np.random.default_rng(0))
        possible = proposal.cost_before - sidney.order(backlog).cost
        gained = np.cumsum([move.gain for move in proposal.moves]) / possible
        shares.append([100 * gained[min(count, len(gained)) - 1] for count in (5, 10, 20)])
    five, ten, twenty = np.mean(shares, axis=0)
    print(f"\nMoves at 200 items: 5, 10, 20 moves bring {five:.0f}, {ten:.0f}, {twenty:.0f} % of the gain (mean of 12)")
    yield Gate("gain of 20 moves at 200 items", ">= 80 %", f"{twenty:.0f} %", twenty >= 80)
    _, seconds = _timed(moves.propose, _in_present_order(2_000, 0), rng=np.random.default_rng(0))
    yield _at_most("20 moves at 2,000 items", seconds, 2, "s")
    counts, gaps = _nights()
    print(f"  Fifteen nights of 3 new estimates and 3 % noise: {np.mean(counts):.1f} moves a night")
    yield Gate(
        "moves a night, and share above the optimum",
        "<= 3 and <= 0.5 %",
        f"{np.mean(counts):.1f} and {max(gaps):.2f} %",
        np.mean(counts) <= 3 and max(gaps) <= 0.5,
    )


def _nights():
    backlog = backlogs.made_up(200, 1, 5)
    rng = np.random.default_rng(0)
    present, weights = sidney.order(backlog).sequence, backlog.weights.copy()
    counts, gaps = [], []
    for _ in range(15):
        weights[rng.choice(backlog.count, 3, replace=False)] *= np.exp(rng.normal(0, 0.5, 3))
        noisy = weights * np.exp(rng.normal(0, 0.03, backlog.count))
        tonight = problem.build(backlog.sizes, noisy, np.c_[backlog.enablers, backlog.enabled])
        proposal = moves.propose(backlogs.in_order(tonight, present), rng=np.random.default_rng(0))
        present = present[proposal.sequence]
        counts.append(len(proposal.moves))
        gaps.append(100 * (proposal.cost_after / sidney.order(tonight).lower_bound - 1))
    return counts, gaps


def _due_dates():
    gaps, ignoring = [], []
    for seed in range(24):
        backlog = backlogs.with_due_dates(backlogs.made_up(13, 1, seed), seed)
        least = backlogs.least_cost(backlog)
        gaps.append(100 * (deadlines.order(backlog).cost / least - 1))
        ignoring.append(100 * (problem.cost(backlog, sidney.order(backlog).sequence) / least - 1))
    print(
        f"\nDue dates at 13 items: {np.mean(gaps):.2f} % above the optimum, "
        f"{np.mean(ignoring):.0f} % if they are ignored"
    )
    yield Gate("orders with due dates", "<= 1 % mean", f"{np.mean(gaps):.3f} %", np.mean(gaps) <= 1)


def _speed():
    history = np.random.default_rng(0).negative_binomial(3, 0.25, 26)

    def all_dates():
        found = forecast.forecast(history, rng=np.random.default_rng(1))
        return [found.weeks(percent, range(1, 501)) for percent in forecast.PERCENTS]

    all_dates()
    yield _at_most("10,000 trials of 500 items", min(_timed(all_dates)[1] for _ in range(3)), 0.15, "s")
    backlog = backlogs.made_up(500, 1, 1, teams=np.arange(500) % 4)
    sequence = sidney.order(backlog).sequence
    _, seconds = _timed(
        forecast.forecast_teams,
        backlog,
        sequence,
        dict.fromkeys(range(4), history * 2.0),
        rng=np.random.default_rng(1),
        growth=0.1,
        trials=10_000,
    )
    yield _at_most("10,000 trials of 500 items, four teams", seconds, 5, "s")


def _scope():
    times, gaps, lost = [], [], []
    for seed in range(24):
        backlog = backlogs.made_up(200, DENSITIES[seed % 3], seed)
        choice, seconds = _timed(scope.choose, backlog, {0: 60.0}, (0.15, 0.3) if seed % 2 else (0.0, 1.0))
        times.append(seconds)
        gaps.append(choice.gap)
        if not seed % 2:
            lost.append(100 * (1 - _prefix_value(backlog, backlogs.wsjf_and_pull(backlog), 60) / choice.value))
    print(f"\nScope of 60 points from 200 items: WSJF + pull gives away {np.mean(lost):.0f} % of the value")
    yield _at_most("scope of 200 items, 95th percentile", float(np.quantile(times, 0.95)), 1, "s")
    yield Gate("scopes proven best", "24 of 24", f"{gaps.count(0)} of 24", gaps.count(0) == 24)


def _prefix_value(backlog, sequence, capacity):
    inside = np.zeros(backlog.count, bool)
    for item in sequence.tolist():
        needs = backlog.enablers[backlog.enabled == item]
        if backlog.sizes[item] <= capacity and inside[needs].all():
            inside[item] = True
            capacity -= backlog.sizes[item]
    return backlog.weights[inside].sum()


def _teams():
    """Ten teams, a free one starts its best item whose needs are done; cost above that of teams that need nothing."""
    found = defaultdict(list)
    for seed in range(8):
        backlog = backlogs.made_up(600, 1, seed, teams=np.random.default_rng(seed).integers(0, 10, 600))
        ratio = backlog.weights / backlog.sizes
        alone = problem.by_team(backlog, np.argsort(-ratio, kind="stable"))
        bound = sum(float(backlog.weights[own] @ np.cumsum(backlog.sizes[own])) for own in alone.values())
        for name, sequence in (
            ("each its own WSJF", np.argsort(-ratio, kind="stable")),
            ("one WSJF + pull", backlogs.wsjf_and_pull(backlog)),
            ("one Sidney order", sidney.order(backlog).sequence),
        ):
            found[name].append(100 * (_cost_of_teams(backlog, sequence) / bound - 1))
    figures = ", ".join(f"{name} +{np.mean(values):.0f} %" for name, values in found.items())
    print(f"\nTen teams, 600 items, above a bound without dependencies: {figures}")


def _cost_of_teams(backlog, sequence):
    rank = np.argsort(sequence)
    before = graph.neighbours(backlog.count, backlog.enabled.tolist(), backlog.enablers.tolist())
    after = graph.neighbours(backlog.count, backlog.enablers.tolist(), backlog.enabled.tolist())
    waits_for = [len(needs) for needs in before]
    ready, busy, running = defaultdict(list), set(), []
    for item in np.flatnonzero(np.array(waits_for) == 0).tolist():
        heapq.heappush(ready[int(backlog.teams[item])], (rank[item], item))
    now, cost = 0.0, 0.0
    while running or any(ready.values()):
        for team, queue in ready.items():
            if queue and team not in busy:
                _, item = heapq.heappop(queue)
                busy.add(team)
                heapq.heappush(running, (now + backlog.sizes[item], item))
        now, item = heapq.heappop(running)
        busy.discard(int(backlog.teams[item]))
        cost += backlog.weights[item] * now
        for following in after[item]:
            waits_for[following] -= 1
            if not waits_for[following]:
                heapq.heappush(ready[int(backlog.teams[following])], (rank[following], following))
    return float(cost)


def _dates(path):
    series = _weekly(path)
    cases = _forecast_cases(series)
    print(f"\nDates: {len(series)} series, {sum(map(len, series.values())):,} weeks, {len(cases):,} forecasts")
    print(f"{'':<28} {'held, % of dates at':>22} {'85 % date held at week':>26} {'pinball, CRPS':>20}")
    print(f"{'':<28} {'50':>7} {'85':>7} {'95':>6} {'4':>8} {'8':>5} {'13':>5} {'26':>5} {'85 %':>11} {'':>8}")
    scores = {}
    for name, method in _METHODS.items():
        scores[name] = _score(cases, method(series, cases))
        held, by_horizon, pinball, crps = scores[name][:4]
        print(
            f"{name:<28} {held[50]:>7.1f} {held[85]:>7.1f} {held[95]:>6.1f} "
            + " ".join(f"{by_horizon[85][horizon]:>5.1f}" for horizon in HORIZONS).rjust(26)
            + f" {pinball:>11.2f} {crps:>8.2f}"
        )
    _, by_horizon, pinball, crps = scores["ours, corrected"]
    likely, nearly_sure = by_horizon[85].values(), by_horizon[95].values()
    yield Gate(
        "85 % date held, at each horizon",
        "80 to 90 %",
        f"{min(likely):.1f} to {max(likely):.1f} %",
        min(likely) >= 80 and max(likely) <= 90,
    )
    yield Gate("95 % date held, at each horizon", ">= 90 %", f"from {min(nearly_sure):.1f} %", min(nearly_sure) >= 90)
    for other, least in (("average velocity", (40, 25)), ("plain bootstrap", (20, 10))):
        better = [100 * (1 - ours / theirs) for ours, theirs in zip((pinball, crps), scores[other][2:4], strict=True)]
        yield Gate(
            f"pinball and CRPS against the {other}",
            f">= {least[0]} % and >= {least[1]} % less",
            f"{better[0]:.0f} % and {better[1]:.0f} % less",
            better[0] >= least[0] and better[1] >= least[1],
        )


@dataclass(frozen=True)
class _Case:
    """A forecast of the past: count items from week `origin` on took `weeks`; more than `limit` if they took longer."""

    project: str
    origin: int
    horizon: int
    count: int
    limit: int
    weeks: int


def _weekly(path):
    done = defaultdict(lambda: defaultdict(int))
    with path.open() as file:
        for row in csv.DictReader(file):
            done[row["project"]][(date.fromisoformat(row["date"]).toordinal() - 1) // 7] += int(float(row["done"]))
    series = {}
    for project, weeks in done.items():
        counts = np.array([weeks.get(week, 0) for week in range(min(weeks), max(weeks) + 1)])
        busy = np.flatnonzero(np.convolve(counts, np.ones(8) / 8, "valid") >= 1)
        if len(busy) and len(alive := counts[busy[0] : busy[-1] + 8]) >= 60:
            series[project] = alive
    return series


def _forecast_cases(series):
    cases = []
    for project, counts in series.items():
        for origin in range(26, len(counts) - 8, 4):
            pace = counts[origin - 12 : origin].mean()
            for horizon in HORIZONS:
                count, limit = round(horizon * pace), 4 * horizon
                if pace < 1 or count < 3 or origin + limit > len(counts):
                    continue
                reached = int(np.searchsorted(np.cumsum(counts[origin : origin + limit]), count)) + 1
                cases.append(_Case(project, origin, horizon, count, limit, reached))
    return cases


def _average_velocity(series, cases):
    weeks = [np.ceil(case.count / series[case.project][case.origin - 12 : case.origin].mean()) for case in cases]
    return np.repeat(np.array(weeks)[:, None], len(LEVELS), axis=1)


def _plain_bootstrap(series, cases):
    rng = np.random.default_rng(7)
    found = []
    for case in cases:
        past = series[case.project][case.origin - 12 : case.origin]
        totals = np.sort(np.cumsum(rng.choice(past, (TRIALS, case.limit)), axis=1), axis=0)
        found.append([forecast.Forecast(totals).weeks(level, [case.count])[0] for level in LEVELS])
    return np.array(found)


def _ours(series, cases, spreads=(forecast.LEVEL_SPREAD, forecast.WALK_SPREAD), is_corrected=False):
    rng = np.random.default_rng(7)
    resolved = defaultdict(list)
    found, drawn_for, totals = [], None, None
    for case in cases:
        if drawn_for != (case.project, case.origin):
            drawn_for = (case.project, case.origin)
            past = series[case.project][: case.origin]
            totals = forecast.draw_weeks(
                past, 4 * max(HORIZONS), rng=rng, trials=TRIALS, level_spread=spreads[0], walk_spread=spreads[1]
            )
            totals = np.sort(np.cumsum(totals, axis=1), axis=0)
        plain = forecast.Forecast(totals)
        own = resolved[case.project, case.horizon]
        known = [ratio for known_at, ratio in own if known_at <= case.origin] if is_corrected else []
        simulated = forecast.Forecast(totals, tuple(known))
        found.append([simulated.weeks(level, [case.count])[0] for level in LEVELS])
        own.append((case.origin + case.weeks, case.weeks / plain.weeks(50, [case.count])[0]))
    return np.array(found)


def _left_one_out(series, cases):
    """Each project forecast with the spreads that suit all the other projects best."""
    found = [_ours(series, cases, spreads) for spreads in SPREADS]
    losses = np.array([_losses(cases, weeks).mean(axis=1) for weeks in found])
    chosen = np.empty_like(found[0])
    picked = []
    projects = np.array([case.project for case in cases])
    for project in series:
        best = int(np.argmin(losses[:, projects != project].mean(axis=1)))
        chosen[projects == project] = found[best][projects == project]
        picked.append(SPREADS[best])
    names = ", ".join(f"{spreads} for {picked.count(spreads)}" for spreads in sorted(set(picked)))
    print(f"  (leave one project out picks level and walk spread {names} projects)")
    return chosen


_METHODS = {
    "average velocity": _average_velocity,
    "plain bootstrap": _plain_bootstrap,
    "ours": _ours,
    "ours, left one out": _left_one_out,
    "ours, corrected": lambda series, cases: _ours(series, cases, is_corrected=True),
}


def _losses(cases, weeks):
    """Pinball loss of every level, in % of the horizon; what takes longer than the limit counts as limit + 1."""
    limit = np.array([case.limit for case in cases])[:, None] + 1
    actual = np.minimum(np.array([case.weeks for case in cases])[:, None], limit)
    off = actual - np.minimum(weeks, limit)
    level = np.array(LEVELS) / 100
    return 100 * np.maximum(level * off, (level - 1) * off) / np.array([case.horizon for case in cases])[:, None]


def _score(cases, weeks):
    actual, limit = (np.array([getattr(case, name) for case in cases]) for name in ("weeks", "limit"))
    horizon = np.array([case.horizon for case in cases])
    held, by_horizon = {}, {}
    for percent in forecast.PERCENTS:
        has_held = (actual <= weeks[:, LEVELS.index(percent)]) & (actual <= limit)
        held[percent] = 100 * has_held.mean()
        by_horizon[percent] = {each: 100 * has_held[horizon == each].mean() for each in HORIZONS}
    losses = _losses(cases, weeks)
    return held, by_horizon, losses[:, LEVELS.index(85)].mean(), 2 * losses.mean()


def _commitment(path):
    teams = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            if row["pct"] == "80":
                points = sum(float(row[name]) for name in ("vel_todo", "vel_inprogress", "vel_done", "vel_diff"))
                teams[row["source"], int(row["boardid"])].append((int(row["sprintid"]), points))
    print("\nCommitment: next sprint reached the line of the last 8")
    for is_counted, name in (
        (lambda points: points > 0, "sprints without points left out"),
        (lambda points: True, "all"),
    ):
        reached = _reached(teams, is_counted)
        figures = {key: 100 * np.mean(values) for key, values in reached.items()}
        print(
            f"  {name:<34} 15 % quantile {figures['line']:.1f} %, mean {figures['mean']:.1f} %   "
            f"n = {len(reached['line']):,}"
        )
        _print_by_source(teams, is_counted)
        if name != "all":
            gate = Gate("commitment reached", "82 to 90 %", f"{figures['line']:.1f} %", 82 <= figures["line"] <= 90)
    yield gate


def _print_by_source(teams, is_counted):
    for source in sorted({source for source, _ in teams}):
        own = {team: sprints for team, sprints in teams.items() if team[0] == source}
        line = _reached(own, is_counted)["line"]
        if line:
            print(f"    {source:<32} 15 % quantile {100 * np.mean(line):.1f} %   n = {len(line):,}")


def _reached(teams, is_counted):
    reached = defaultdict(list)
    for sprints in teams.values():
        delivered = [points for _, points in sorted(sprints) if is_counted(points)]
        for index in range(scope.LEAST_SPRINTS, len(delivered)):
            past = delivered[max(0, index - scope.SPRINTS_LOOKED_AT) : index]
            line = np.quantile(past, 1 - scope.COMMIT_PERCENT / 100, method="median_unbiased")
            reached["line"].append(delivered[index] >= line)
            reached["mean"].append(delivered[index] >= np.mean(past))
    return reached


def _in_present_order(count, seed):
    backlog = backlogs.made_up(count, 1, seed)
    return backlogs.in_order(backlog, backlogs.present_order(backlog, seed))


def _as_core(backlog):
    return cores.Core(backlog.sizes, backlog.weights, backlog.enablers, backlog.enabled)


def _above(order, backlog, sequence):
    return 100 * (problem.cost(backlog, sequence) / order.lower_bound - 1)


def _timed(function, *arguments, **options):
    began = time.perf_counter()
    return function(*arguments, **options), time.perf_counter() - began


def _peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _at_most(area, measured, limit, unit):
    return Gate(area, f"<= {limit} {unit}", f"{measured:.2f} {unit}", measured <= limit)
