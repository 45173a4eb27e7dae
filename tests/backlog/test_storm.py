"""Many people change one backlog at once: nobody waits for ever, nothing is lost."""

import random
import threading
from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, Q

from backlog.actions import comments, criteria, dependencies, items, life_cycle, ordering, questions, tags
from backlog.actions.ordering import Place
from backlog.models import Item, OrderEntry
from core.errors import RuleViolation
from core.models import Event
from sprints.actions import sprints

THREADS, STEPS = 6, 25


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_mixed_changes_at_once_neither_deadlock_nor_contradict(payments, kestrel, ines, mia):
    rows = [{"title": f"Row {n}", "kind": "technical", "type": "enabler", "points": 1} for n in range(12)]
    made = items.create_many(payments, rows, by=ines)
    sprint = sprints.plan(kestrel, by=mia, starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 18))
    sprints.start(sprint, by=mia)
    failures = []

    def steps_of(rng):
        one, other = rng.sample(made, 2)
        return [
            lambda: items.create(payments, by=ines, title="New", kind="functional", type="story"),
            lambda: ordering.move(payments, [one.pk], Place.after(other.pk), by=ines),
            lambda: items.edit(one, by=ines, points=rng.randint(1, 9), parent=other),
            lambda: items.edit(one, by=ines, parent=None),
            lambda: life_cycle.begin(one, by=ines),
            lambda: life_cycle.finish(one, by=ines),
            lambda: life_cycle.send_back(one, by=ines, reason="No."),
            lambda: life_cycle.drop(one, by=ines),
            lambda: life_cycle.restore(one, by=ines),
            lambda: dependencies.add(one, other, by=ines),
            lambda: tags.add(one, rng.choice("abc"), by=ines),
            lambda: criteria.add(one, "More", by=ines),
            lambda: questions.ask(one, "Why?", by=ines),
            lambda: comments.add(one, "@Ines Falkner", by=mia),
            lambda: sprints.add(sprint, [one, other], by=mia),
            lambda: sprints.remove(sprint, [one], by=mia),
        ]

    def work(seed):
        rng = random.Random(seed)
        try:
            for _ in range(STEPS):
                try:
                    rng.choice(steps_of(rng))()
                except RuleViolation:
                    continue
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    in_sprint = Q(item__sprint_entries__outcome="", item__sprint_entries__sprint=sprint)
    listed = set(OrderEntry.objects.filter(is_listed=True).values_list("item", flat=True))
    unfinished = Item.objects.filter(status__in=Item.UNFINISHED).values_list("pk", flat=True)
    held = OrderEntry.objects.filter(in_sprint).values_list("item", flat=True)
    assert listed == set(unfinished) - set(held)
    counted = Item.objects.annotate(questions_open=Count("questions", filter=Q(questions__answered_at=None)))
    assert [i.pk for i in counted if i.questions_open != i.open_question_count] == []
    numbers = list(payments.items.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Event.objects.filter(name="item.created").count() == len(numbers)
