"""Write the health report of a product."""

import json
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from statistics import median

from django.db import transaction
from django.utils import timezone

from backlog.models import Product
from core import events
from core.permissions import require
from nightly.finders import FINDERS
from nightly.finders.facts import Facts, facts_of
from nightly.models import HealthReport
from planning import health
from roadmap.queries.held import forecasts_that_held

# Of a finding about thousands of items, those that are named.
NAMED = 200
_LEVEL = 85


def write(product, on: date, *, by, at: datetime | None = None) -> HealthReport:
    """Write what is found in the backlog of a product at present as its report of a day; again, it replaces it.

    Raises PermissionDenied.
    """
    require(by, "report.write", product)
    facts = facts_of(product, on)
    said = _said(facts, forecasts_that_held(product, on=on), on)
    fingerprint = sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return _keep(product, on, by, at or timezone.now(), said, fingerprint)


@transaction.atomic
def _keep(product, on, by, at, said, fingerprint):
    Product.objects.select_for_update(of=("self",), no_key=True).get(pk=product.pk)
    known = HealthReport.objects.filter(product=product, on=on).first()
    if known and known.fingerprint == fingerprint:
        return known
    written = {"fingerprint": fingerprint, "written_at": at}
    report, _ = HealthReport.objects.update_or_create(product=product, on=on, defaults=said | written)
    events.record("health_report.written", target=report, by=by, at=at, on=on, findings=len(report.findings))
    return report


def _said(facts: Facts, held, on):
    sprints = health.sprints_ahead(facts.items, facts.limits) if facts.limits else ()
    found = sorted((one for find in FINDERS for one in find(facts, on)), key=lambda one: one.urgency)
    return {
        "verdict": _verdict(facts, sprints),
        "figures": _figures(facts, sprints, held, on),
        "sprints": [
            {"ready": one.ready, "nearly": one.nearly, "not_ready": one.not_ready, "technical": one.technical_share}
            for one in sprints
        ],
        "delivered": [list(pair) for pair in facts.delivered],
        "findings": [_stored(one) for one in found],
    }


def _stored(found):
    entry = asdict(found) | {"urgency": found.urgency.name.lower(), "items": list(found.items[:NAMED])}
    return entry | {"count": len(found.items)}


def _verdict(facts, sprints):
    if not facts.items:
        return {"key": "nothing_listed"}
    if facts.limits is None:
        return {"key": "no_velocity"}
    said = health.verdict(sprints, facts.limits, ())
    return {"key": said.key, **said.numbers}


def _figures(facts, sprints, held, on):
    stale_days = health.Limits.stale_days
    figures = {
        "inversions": len({item for item, _ in facts.inversions}),
        "oldest_question_days": max(((on - question.asked_on).days for question in facts.questions), default=0),
        "stale": sum((on - item.touched_on).days >= stale_days for item in facts.items),
        "unestimated": sum(item.points is None for item in facts.items),
        "age_of_top_days": health.age_of_top(facts.items, today=on),
        "debt_interest": round(sum(facts.interest.values()), 1) if facts.interest else None,
        "proposals_waiting": len(facts.proposed),
    }
    if facts.answered:
        words = [answer.word for answer in facts.answered]
        figures |= {f"proposals_{word}": words.count(word) for word in ("accepted", "changed", "declined")}
        figures["proposal_days"] = round(median(answer.days for answer in facts.answered), 1)
    level = next((level for level in held.levels if level.percent == _LEVEL and level.of), None)
    figures["held_percent"] = round(100 * level.held / level.of) if level else None
    if limits := facts.limits:
        most = limits.sprint_points * limits.largest_sprint_share
        figures |= {
            "runway": round(health.runway(sprints, limits), 1),
            "too_big": sum((item.points or 0) > most for item in facts.items),
            "sprint_points": limits.sprint_points,
            "technical_percent": round(100 * health.technical_share(sprints)),
            "technical_range": [round(100 * share) for share in limits.technical_range],
        }
    return {name: value for name, value in figures.items() if value is not None}
