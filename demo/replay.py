"""Lives the demo's half year again, action by action, in the order of time."""

import heapq
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count, cycle
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.actions import members, organizations, people, teams
from accounts.models import User
from backlog.actions import (
    comments,
    components,
    debt,
    decisions,
    delegations,
    dependencies,
    done_checks,
    engagement,
    goals,
    items,
    life_cycle,
    ordering,
    products,
    proposals,
    questions,
    readiness,
    saved_views,
)
from backlog.actions.ordering import Place
from backlog.models import Item
from demo import decided, past, words, world
from nightly.actions import reports
from roadmap.actions import forecasts, releases
from sprints.actions import sprints
from sprints.models import SprintItem

SPRINT_DAYS = 10
OPEN_BATCHES = 12
READY_ITEMS = 14
HALF_READY_ITEMS = 40
RECENT_MOVES = 24
# Far enough back that some of them can be held against what happened; a week ago shows what moved since.
FORECASTS_DAYS_AGO = (140, 112, 84, 56, 28, 7, 0)
# One a week, as far as the trends reach back.
REPORTS_DAYS_AGO = range(77, -1, -7)


class Replay:
    """today: what dates are relative to. The seed makes two replays of one day the same."""

    def __init__(self, today: date):
        self.zone = ZoneInfo(world.TIME_ZONE)
        self.now = timezone.now()
        this_monday = today - timedelta(days=today.weekday())
        # The running sprint began on Monday of last week.
        self.first_monday = this_monday - timedelta(weeks=1 + 2 * past.SPRINTS)
        self.today = today
        self.rng = random.Random(past.SEED)  # noqa: S311  a story, not a secret
        self.people: dict[str, User] = {}
        self.teams, self.products, self.components, self.goals = {}, {}, {}, {}
        self.items: dict[str, Item] = {}
        self._agenda, self._ticket = [], count()

    def run(self) -> None:
        """Make the company, then do everything on the agenda."""
        self._found()
        for name, plan in world.TEAMS.items():
            self._plan_sprints(name, plan)
        for product in world.PRODUCTS:
            self._plan_open_items(product)
        self._plan_talk()
        self._plan_decisions()
        self._plan_roadmap()
        for days in REPORTS_DAYS_AGO:
            self._at(self._days_ago(days), 3, self._report(self._days_ago(days)))
        while self._agenda:
            at, _, act = heapq.heappop(self._agenda)
            act(at)
        self._engage(self.now)

    def _engage(self, at):
        """Last of all: the past was accepted without anybody's word."""
        components.edit(self.components["PAY:Payment core"], engagement="architectural", by=self._owner("PAY"))
        items.edit(self.items["PAY:windows"], engagement="large_scale", by=self._owner("PAY"), at=at)
        engagement.give(
            self.items["PAY:split"],
            "planning",
            by=self.people["marek"],
            text="Two states at first; the ledger does not change",
            at=at,
        )

    def _at(self, day: date, hour: int, act: Callable[[datetime], object], minute: int = 0) -> None:
        at = datetime.combine(day, time(hour, minute), self.zone)
        # Nothing of the past lies in the future, whatever the hour of the day.
        heapq.heappush(self._agenda, (min(at, self.now), next(self._ticket), act))

    def _days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    # The company

    def _found(self):
        organization, ada = organizations.create_first(
            name=world.ORGANIZATION,
            time_zone=world.TIME_ZONE,
            admin_name=world.PEOPLE["ada"],
            email=email_of("ada"),
            password=world.PASSWORD,
        )
        self.people["ada"] = ada
        for key, name in world.PEOPLE.items():
            if key != "ada":
                self.people[key] = people.create_account(name=name, email=email_of(key), password=world.PASSWORD)
                members.add(organization, self.people[key], by=ada)
        for name, plan in world.TEAMS.items():
            self.teams[name] = team = teams.create(organization, name=name, by=ada)
            teams.add_member(team, self.people[plan.scrum_master], role="scrum_master", by=ada)
            for key in plan.developers:
                teams.add_member(team, self.people[key], by=ada)
        start = datetime.combine(self.first_monday - timedelta(weeks=3), time(9), self.zone)
        for product in world.PRODUCTS:
            self._found_product(organization, product, start)

    def _found_product(self, organization, product, at):
        ada, owner = self.people["ada"], self.people[product.owner]
        made = products.create(organization, key=product.key, name=product.name, owner=owner, by=ada, at=at)
        self.products[product.key] = made
        low, high = product.technical_share
        agreed = {"definition_of_done": world.DEFINITION_OF_DONE, "debt_share": product.debt_share}
        products.edit(made, by=owner, technical_share_min=low, technical_share_max=high, at=at, **agreed)
        goals.create(made, title=product.goal, is_product_goal=True, by=owner, at=at)
        for name, filter in world.VIEWS:
            saved_views.save(made, name=name, filter=filter, is_shared=True, by=owner, at=at)
        for title in product.goals:
            self.goals[f"{product.key}:{title}"] = goals.create(made, title=title, by=owner, at=at)
        for name, plan in world.TEAMS.items():
            if product.key in plan.products:
                products.link_team(made, self.teams[name], by=ada, at=at)
        for name, technical_owner in product.technical_owners.items():
            component = components.create(made, name=name, by=owner, at=at)
            self.components[f"{product.key}:{name}"] = component
            if technical_owner:
                components.add_owner(component, self.people[technical_owner], by=owner, at=at)
        for key in product.stakeholders:
            products.add_stakeholder(made, self.people[key], by=owner, at=at)

    # Sprints

    def _plan_sprints(self, name, plan):
        key = plan.products[0]
        sprint_of = {}
        plans = past.sprints_of(name, key, plan.points, plan.past_sprints)
        for number, finished in enumerate(plans, start=past.SPRINTS - plan.past_sprints):
            monday = self.first_monday + timedelta(weeks=2 * number)
            self._at(monday - timedelta(days=11), 10, self._write_items(name, plan, number, finished))
            self._at(monday - timedelta(days=4), 14, self._plan_sprint(name, plan, key, number, monday, sprint_of))
            self._at(monday, 9, self._start_sprint(plan, number, sprint_of))
            is_running = number == past.SPRINTS
            self._plan_work(name, plan, key, number, finished, monday, is_running)
            if not is_running:
                self._at(monday + timedelta(days=11), 16, self._close_sprint(plan, number, sprint_of))

    def _write_items(self, team, plan, number, finished):
        key, developers = plan.products[0], cycle(plan.developers)

        def act(at):
            owner = self._owner(key)
            rows = [
                {
                    "title": item.title,
                    "kind": _kind(item.type),
                    "type": item.type,
                    "points": item.points,
                    "component": self.components[f"{key}:{item.component}"],
                    "team": self.teams[team],
                    "assignee": self.people[next(developers)],
                    "business_value": self.rng.randint(2, 12),
                    "time_criticality": self.rng.randint(1, 8),
                    "risk_reduction": self.rng.randint(1, 8),
                    "criteria": _criteria(item.type),
                }
                | _owed(item)
                for item in finished
            ]
            made = items.create_many(self.products[key], rows, by=owner, place=Place.top(), at=at)
            self.items |= {f"{team} {number} {index}": item for index, item in enumerate(made)}

        return act

    def _plan_sprint(self, team, plan, key, number, monday, sprint_of):
        def act(at):
            goal = words.SPRINT_GOALS[team] if number == past.SPRINTS else ""
            sprint_of[number] = sprints.plan(
                self.teams[team],
                starts_on=monday,
                ends_on=monday + timedelta(days=11),
                goal=goal,
                by=self.people[plan.scrum_master],
                at=at,
            )
            planned = [item for name, item in self.items.items() if name.startswith(f"{team} {number} ")]
            sprints.add(sprint_of[number], planned, by=self.people[plan.scrum_master], at=at)

        return act

    def _start_sprint(self, plan, number, sprint_of):
        return lambda at: sprints.start(sprint_of[number], by=self.people[plan.scrum_master], at=at)

    def _close_sprint(self, plan, number, sprint_of):
        def act(at):
            entries = SprintItem.objects.filter(sprint=sprint_of[number], outcome="")
            unfinished = entries.filter(item__status__in=Item.UNFINISHED).values_list("item", flat=True)
            sprints.close(
                sprint_of[number],
                dict.fromkeys(unfinished, SprintItem.Outcome.CARRIED_OVER),
                into=sprint_of.get(number + 1),
                by=self.people[plan.scrum_master],
                at=at,
            )

        return act

    def _plan_work(self, team, plan, key, number, finished, monday, is_running):
        developers = [self.people[person] for person in plan.developers]
        for index, item in enumerate(finished):
            name = f"{team} {number} {index}"
            begin = min(SPRINT_DAYS - 2, index * (SPRINT_DAYS - 2) // max(1, len(finished) - 1))
            end = min(SPRINT_DAYS - 1, begin + 1 + item.points // 3)
            if is_running:
                # About half way through the plan, whatever the day of the week.
                end = end if index < len(finished) // 2 else SPRINT_DAYS * 3
            elif item.is_late:
                end += SPRINT_DAYS - end + 2
            developer = developers[index % len(developers)]
            self._at_if_past(_workday(monday, begin), 10, self._begin(name, developer), minute=index)
            if is_running:
                self._at_if_past(_workday(monday, end), 14, self._tick(name, developer), minute=index)
            self._at_if_past(_workday(monday, end), 15, self._finish(name, developer), minute=index)
            if not is_running:
                self._at_if_past(_workday(monday, end), 17, self._accept(name, key), minute=index)

    def _at_if_past(self, day, hour, act, minute):
        if day < self.today:
            self._at(day, hour, act, minute)

    def _begin(self, name, developer):
        return lambda at: life_cycle.begin(self.items[name], by=developer, at=at)

    def _tick(self, name, developer):
        def act(at):
            item = self.items[name]
            for check in world.DEFINITION_OF_DONE[item.kind]:
                done_checks.tick(item, check["key"], by=developer, at=at)

        return act

    def _finish(self, name, developer):
        return lambda at: life_cycle.finish(self.items[name], by=developer, at=at)

    def _accept(self, name, key):
        return lambda at: life_cycle.accept(self.items[name], by=self._owner(key), at=at)

    # The open backlog

    def _plan_open_items(self, product):
        batches = [product.wanted[index::OPEN_BATCHES] for index in range(OPEN_BATCHES)]
        for week, batch in enumerate(batches):
            day = self.first_monday + timedelta(weeks=2 * week, days=2)
            self._at(day, 11, self._write_open(product, batch))
        self._at(self._days_ago(20), 9, self._link(product))
        moves, start = self._way_to(product)
        self._at(self._days_ago(18), 9, self._agree_on(product, start))
        for number, move in enumerate(moves):
            day = self._days_ago(16 - number * 16 // len(moves))
            self._at(day, 9 + number % 8, self._move(product, *move), minute=number)
        self._at(self._days_ago(3), 18, self._refine(product))

    def _write_open(self, product, batch):
        def act(at):
            written = [wanted for wanted in batch if f"{product.key}:{wanted.name}" not in decided.CAME_AS_PROPOSALS]
            rows = [self._row(product, wanted) for wanted in written]
            made = items.create_many(self.products[product.key], rows, by=self._owner(product.key), at=at)
            self.items |= {f"{product.key}:{wanted.name}": item for wanted, item in zip(written, made, strict=True)}
            for wanted in batch:
                if wanted not in written:
                    self._came_as_proposal(product, wanted, at)

        return act

    def _came_as_proposal(self, product, wanted, at):
        name = f"{product.key}:{wanted.name}"
        who, why_now, (low, high), days, change = decided.CAME_AS_PROPOSALS[name]
        row = self._row(product, wanted)
        # The product owner's to say.
        value = {key: row.pop(key) for key in ("business_value", "time_criticality", "risk_reduction", "points")}
        case = {"why_now": why_now, "points_low": low, "points_high": high}
        made = proposals.propose(self.products[product.key], by=self.people[who], case=case, at=at, **row)

        def accept(at):
            owner = self._owner(product.key)
            self.items[name] = life_cycle.accept_proposal(
                made, by=owner, reason=change, at=at, **(value if change else {})
            )
            if not change:
                self.items[name] = items.edit(self.items[name], by=owner, at=at + timedelta(minutes=20), **value)

        self._at((at + timedelta(days=days)).date(), 14, accept)

    def _row(self, product, wanted):
        value, time_criticality, risk = wanted.value
        index = product.wanted.index(wanted)
        type_ = wanted.type or "story"
        goal = wanted.goal or product.goal
        lead = words.LEADS.get(wanted.name) or words.STORY_LEAD.format(title=wanted.title, goal=goal)
        teams_of = [name for name, plan in world.TEAMS.items() if product.key == plan.products[0]]
        row = {
            "title": wanted.title,
            "kind": _kind(type_),
            "type": type_,
            "component": self.components[f"{product.key}:{wanted.component}"],
            "team": self.teams[teams_of[index % len(teams_of)]],
            "goal": self.goals.get(f"{product.key}:{wanted.goal}"),
            "points": wanted.points if index < 70 else None,
            "business_value": value,
            "time_criticality": time_criticality,
            "risk_reduction": risk,
            "plain_lead": lead if index < READY_ITEMS * 2 else "",
            "description": words.DESCRIPTIONS.get(wanted.name, f"Comes from “{goal}”." if index < 50 else ""),
            "criteria": _criteria(type_) if index < HALF_READY_ITEMS else (),
            "tags": [wanted.goal.lower()] if wanted.goal else [],
        }
        return row | _extras(wanted.extra, self.today)

    def _link(self, product):
        def act(at):
            for wanted in product.wanted:
                for need in wanted.needs:
                    enabler = self.items[need if ":" in need else f"{product.key}:{need}"]
                    dependent = self.items[f"{product.key}:{wanted.name}"]
                    by = self._owner(product.key)
                    if enabler.product_id != dependent.product_id:
                        # Who links two products has to see both.
                        by = self.people["kofi"]
                    dependencies.add(enabler, dependent, by=by, at=at)

        return act

    def _way_to(self, product):
        """Moves that lead to the order of world.py, found backwards from it, and the order they begin with."""
        order = [wanted.name for wanted in product.wanted]
        moves = []
        for _ in range(RECENT_MOVES):
            index = self.rng.randrange(len(order) // 2)
            moves.append((order[index], order[index - 1] if index else None))
            name = order.pop(index)
            order.insert(self.rng.randrange(len(order)), name)
        return moves[::-1], order

    def _agree_on(self, product, order):
        def act(at):
            ids = [self.items[f"{product.key}:{name}"].pk for name in order]
            owner = self._owner(product.key)
            ordering.move(
                self.products[product.key], ids, Place.top(), by=owner, reason="Agreed with stakeholders", at=at
            )

        return act

    def _move(self, product, name, after):
        def act(at):
            place = Place.after(self.items[f"{product.key}:{after}"].pk) if after else Place.top()
            ids = [self.items[f"{product.key}:{name}"].pk]
            reason = self.rng.choice(words.MOVE_REASONS)
            ordering.move(self.products[product.key], ids, place, by=self._owner(product.key), reason=reason, at=at)

        return act

    def _refine(self, product):
        def act(at):
            owner = self._owner(product.key)
            for wanted in product.wanted[:READY_ITEMS]:
                item = self.items[f"{product.key}:{wanted.name}"]
                for check in {"": ["design"], "bug": ["design"], "spike": []}.get(wanted.type, ["roll_back"]):
                    readiness.tick(item, check, by=owner, at=at)
            for wanted in product.wanted:
                if "pinned" in wanted.extra:
                    ordering.pin(self.items[f"{product.key}:{wanted.name}"], by=owner, at=at)

        return act

    # What people said

    def _plan_talk(self):
        for number, (name, asked) in enumerate(words.QUESTIONS.items()):
            for index, question in enumerate(asked):
                self._at(self._days_ago(9 - index), 10 + number, self._ask(name, *question))
        for number, (name, said) in enumerate(words.COMMENTS.items()):
            for index, (who, text) in enumerate(said):
                self._at(self._days_ago(8 - index), 13 + number, self._comment(name, who, text))
        for number, proposal in enumerate(decided.PROPOSALS):
            self._at(self._days_ago(5 - number), 12, self._propose(proposal))
        self._at(self._days_ago(19), 12, self._decline)
        self._at(self._days_ago(20), 16, self._lend)
        self._at(self._days_ago(2), 11, self._order_as_lent)

    def _ask(self, name, who, addressee, text, answer):
        def act(at):
            item, to = self.items[name], self.people.get(addressee)
            question = questions.ask(item, text, by=self.people[who], addressee=to, at=at)
            if answer:
                questions.answer(question, answer, by=to, at=at + timedelta(hours=20))

        return act

    def _comment(self, name, who, text):
        return lambda at: comments.add(self.items[name], text, by=self.people[who], at=at)

    def _propose(self, suggested):
        def act(at):
            low, high = suggested.points
            case = {"why_now": suggested.why_now, "points_low": low, "points_high": high}
            case |= {"risk_if_not": suggested.risk, "place": "before"}
            principal, interest = suggested.debt or (None, None)
            proposals.propose(
                self.products[suggested.product],
                by=self.people[suggested.who],
                title=suggested.title,
                kind="technical",
                type=suggested.type,
                component=self.components[f"{suggested.product}:{suggested.component}"],
                debt_principal=principal,
                debt_interest=interest,
                debt_interest_unit=Item.InterestUnit.POINTS if suggested.debt else "",
                case=case | {"before": self.items[f"{suggested.product}:{suggested.before}"]},
                at=at,
            )

        return act

    def _decline(self, at):
        key, who, type_, title, component, reason = decided.DECLINED
        made = proposals.propose(
            self.products[key],
            by=self.people[who],
            title=title,
            kind="technical",
            type=type_,
            component=self.components[f"{key}:{component}"],
            case={},
            at=at,
        )
        life_cycle.decline(made, reason=reason, by=self._owner(key), at=at + timedelta(days=5))

    # What was decided, and what is owed

    def _plan_decisions(self):
        made = {}
        for each in decided.DECISIONS:
            # Items that it is about are there from three weeks ago on.
            self._at(self._days_ago(each.days_ago), 11, self._decide(each, made))
        self._at(self._days_ago(4), 10, lambda at: self._link_decisions(made, at))
        self._at(self._days_ago(12), 15, self._answer_as_decision)
        for number, owed in enumerate(decided.DEBTS):
            self._at(self._days_ago(15), 16, self._describe(owed), minute=number)

    def _decide(self, each, made):
        def act(at):
            who = self.people[each.who]
            made[each.title] = decision = decisions.propose(
                self.products[each.product],
                title=each.title,
                plain_summary=each.plain,
                context=each.context,
                options=[{"title": title, "text": "", "good": [], "neutral": [], "bad": []} for title in each.options],
                deciders=[self._owner(each.product), who],
                components=[self.components[f"{each.product}:{name}"] for name in each.components],
                by=who,
                at=at,
            )
            if each.chosen:
                values = {"chosen": each.chosen, "decision": each.why, "consequences": each.consequences}
                decisions.edit(decision, by=who, at=at + timedelta(days=1), **values)
                decisions.accept(decision, by=who, at=at + timedelta(days=2))
            if each.supersedes:
                decisions.supersede(made[each.supersedes], decision, by=who, at=at + timedelta(days=2))

        return act

    def _link_decisions(self, made, at):
        for each in decided.DECISIONS:
            if each.items:
                about = [self.items[name] for name in each.items]
                decisions.edit(made[each.title], items=about, by=self.people[each.who], at=at)

    def _answer_as_decision(self, at):
        name, who, addressee, text, title, plain, answer = decided.ANSWERED
        item, to = self.items[name], self.people[addressee]
        question = questions.ask(item, text, by=self.people[who], addressee=to, at=at)
        questions.answer_as_decision(
            question, answer, title=title, plain_summary=plain, by=to, at=at + timedelta(hours=3)
        )

    def _describe(self, owed):
        def act(at):
            item = self.items[owed.item]
            debt.describe(
                item,
                payer=owed.payer,
                trigger=owed.trigger,
                risk=owed.risk,
                since=self._days_ago(owed.days_old),
                incidents=owed.incidents,
                by=self._owner(owed.item[:3]),
                at=at,
            )

        return act

    def _lend(self, at):
        for component in ("Payout API", "Settlement"):
            delegations.grant(
                self.components[f"PAY:{component}"],
                "order",
                self.people["marek"],
                by=self._owner("PAY"),
                until=self.now + timedelta(days=60),
                intent="What instant payouts stand on comes first",
                at=at,
            )

    def _order_as_lent(self, at):
        calendar, windows = self.items["PAY:calendar"], self.items["PAY:windows"]
        reason = "Windows need the holidays"
        ordering.move(
            self.products["PAY"], [calendar.pk], Place.after(windows.pk), by=self.people["marek"], reason=reason, at=at
        )

    # Dates

    def _plan_roadmap(self):
        self._at(self._days_ago(20), 17, self._set_up_releases)
        for days in FORECASTS_DAYS_AGO:
            self._at(self._days_ago(days), 2, self._forecast(self._days_ago(days)))

    def _set_up_releases(self, at):
        for product in world.PRODUCTS:
            for planned in product.releases:
                owner = self._owner(product.key)
                target_on = self._days_ago(-planned.in_days)
                release = releases.create(
                    self.products[product.key], name=planned.name, target_on=target_on, by=owner, at=at
                )
                rows = [wanted for wanted in product.wanted if wanted.goal == planned.goal]
                chosen = [self.items[f"{product.key}:{wanted.name}"] for wanted in rows]
                releases.add(release, chosen, by=owner, at=at)

    def _forecast(self, on):
        def act(at):
            for product in self.products.values():
                forecasts.record(product, on=on, by=User.objects.service("night"), at=at)

        return act

    def _report(self, on):
        def act(at):
            for product in self.products.values():
                reports.write(product, on, by=User.objects.service("night"), at=at)

        return act

    def _owner(self, key):
        return next(self.people[product.owner] for product in world.PRODUCTS if product.key == key)


def email_of(key):
    return f"{key}@northwind.example"


def _kind(type_):
    return "functional" if type_ in ("story", "bug") else "technical"


def _criteria(type_):
    return words.CRITERIA.get(type_, words.CRITERIA["technical"])


def _owed(item):
    if item.type != "debt":
        return {}
    return {"debt_principal": item.points, "debt_interest": 0.5, "debt_interest_unit": Item.InterestUnit.POINTS}


def _workday(monday, index):
    return monday + timedelta(days=index + 2 * (index // 5))


def _extras(extra, today):
    """`due+60:4` is due in 60 days and costs 4 a week after; `debt:8:1.5` is principal and weekly interest."""
    values = {}
    for word in extra.split():
        if word.startswith("due+"):
            days, penalty = word.removeprefix("due+").split(":")
            values |= {"due_on": today + timedelta(days=int(days)), "penalty_per_week": float(penalty)}
        if word.startswith("debt:"):
            _, principal, interest = word.split(":")
            values |= {
                "debt_principal": float(principal),
                "debt_interest": float(interest),
                "debt_interest_unit": Item.InterestUnit.POINTS,
            }
    return values
