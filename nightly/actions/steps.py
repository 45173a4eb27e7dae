"""What a night consists of, in its order.

A step is an action `(product, *, on, by)`. `on` is the date in the organization's zone and the only clock that a step
knows; `by` is the service principal of the night. It may be called again for the same date at any time: by a second
worker, after a kill, or because the product owner asked for the night again. So it leaves exactly one row a product
and date, keyed by both, and when it finds that row with the same inputs it has nothing to do. What takes long is worked
out outside its transaction, which ends an idle one after 30 s. What it raises stops the night of this product; a
RuleViolation's message is shown to the product owner as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nightly.actions import proposals, reports
from nightly.models import Night
from roadmap.actions import forecasts


@dataclass(frozen=True)
class Step:
    """failure: what the product owner reads when it failed, before the reason.

    run: takes (product, *, on, by); needs: names of earlier steps without which it has nothing to work on.
    """

    name: Night.Step
    failure: str
    run: Callable[..., object]
    needs: tuple[Night.Step, ...] = ()


# Each owner adds the step of their action at its place: Night.Step has the order and the names.
STEPS: tuple[Step, ...] = (
    Step(Night.Step.PROPOSE, "No order could be proposed.", proposals.prepare),
    Step(Night.Step.FORECAST, "The dates of the forecast are those of an earlier night.", forecasts.record),
    Step(Night.Step.REPORT, "The health report is that of an earlier night.", reports.write),
)
