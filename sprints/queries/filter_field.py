"""What a filter of the backlog may ask about sprints."""

from django.db.models import Exists, Q

from backlog.queries.filter_fields import Field
from sprints.models import Sprint, SprintItem

_WORDS = ("active", "planned", "none", "any")
_LARGEST_NUMBER = 999_999


def _means(scope, term, value):
    entries = SprintItem.objects.filter(item=scope.item)
    present = entries.filter(outcome="")
    match value.text.lower():
        case "none":
            return ~Q(Exists(present))
        case "any":
            return Q(Exists(present))
        case "active" | "planned" as status:
            return Q(Exists(present.filter(sprint__status=Sprint.Status(status))))
    number = value.text
    if not number.isascii() or not number.isdigit() or int(number[:7]) > _LARGEST_NUMBER:
        message = f"“{number}” is no sprint. Write its number, active, planned, none or any."
        raise SPRINT.refuse(value, message)
    # A closed sprint keeps what was done in it.
    stayed = entries.filter(outcome__in=["", SprintItem.Outcome.DONE], sprint__number=int(number))
    return Q(Exists(stayed))


SPRINT = Field("sprint", "the sprint it is in: 24, active, planned", _means, words=_WORDS)
