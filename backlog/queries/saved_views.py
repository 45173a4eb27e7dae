"""The views that a person may choose from."""

from dataclasses import dataclass
from urllib.parse import urlencode

from backlog.models import SavedView


@dataclass(frozen=True)
class KeptView:
    """query: of the address that shows it. by: empty for one's own. may_manage: rename, share, delete."""

    id: int
    name: str
    filter: str
    query: str
    is_shared: bool
    by: str
    is_current: bool
    may_manage: bool


def kept_views(product, user, *, current: str, may_manage_all: bool) -> tuple[KeptView, ...]:
    """One's own views first, then the shared ones of others, by name, in one statement.

    current: the text of the filter in force.
    """
    views = SavedView.objects.visible_to(user).filter(product=product).select_related("by")
    return tuple(
        KeptView(
            id=view.pk,
            name=view.name,
            filter=view.filter,
            query=urlencode({"filter": view.filter}),
            is_shared=view.is_shared,
            by="" if view.by_id == user.pk else str(view.by),
            is_current=view.filter == current,
            may_manage=may_manage_all or view.by_id == user.pk,
        )
        for view in sorted(views, key=lambda view: (view.by_id != user.pk, view.name.lower()))
    )
