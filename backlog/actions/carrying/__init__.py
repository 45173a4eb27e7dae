"""Carry the rows of a file into its products: what an import writes, one module a step."""

from collections.abc import Callable

from backlog.actions import feed, readiness
from backlog.actions.carrying import creating, linking, matching, parts, placing, reading, telling, updating
from backlog.actions.carrying.cargo import Cargo
from backlog.models import ImportRun


def carry(run: ImportRun, tell: Callable[[int], None], *, by) -> dict:
    """Write the whole file and return its report. For `importing.apply`. tell: takes the percentage done.

    Raises PermissionDenied, BadFile, DatesUnknown, ProjectsUnknown, InvalidInput.
    """
    cargo = Cargo(run, by)
    reading.read(cargo)
    parts.lock_products(cargo)
    tell(20)
    matching.match(cargo)
    parts.name_parts(cargo)
    creating.create(cargo)
    tell(50)
    updating.update(cargo)
    linking.join_parents(cargo)
    linking.link(cargo)
    tell(70)
    telling.record(cargo)
    placing.place(cargo)
    tell(90)
    readiness.refresh(cargo.touched_ids())
    for product_id in sorted(cargo.touched):
        feed.changed(product_id, cargo.touched[product_id])
    return telling.report(cargo)
