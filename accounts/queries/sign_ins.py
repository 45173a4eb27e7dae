"""People whom the sign-in page offers to everybody: those of a demo, if one is loaded."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class OfferedPerson:
    name: str
    initials: str
    email: str
    role: str


@dataclass(frozen=True)
class OfferedSignIns:
    people: tuple[OfferedPerson, ...]
    password: str


_sources: list[Callable[[], OfferedSignIns | None]] = []


def register_offer(source: Callable[[], OfferedSignIns | None]) -> None:
    """Let a higher app offer people to sign in as; None where it has none. For `apps.py`."""
    _sources.append(source)


def offered() -> OfferedSignIns | None:
    """What the first source offers."""
    return next((offer for source in _sources if (offer := source())), None)
