"""What a finder says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planning.health import Urgency


@dataclass(frozen=True)
class Found:
    """owner: id of the person who should act. items: numbers, in list order. numbers: for the sentence."""

    key: str
    urgency: Urgency
    owner: int | None
    items: tuple[int, ...] = ()
    numbers: Mapping[str, float | str] = field(default_factory=dict)
