"""Dates as people's programs write them."""

import re
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from enum import StrEnum

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLOCK = r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[AaPp][Mm])?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_CLOCK}\s*{_ZONE}")
_NAMED = re.compile(rf"(?P<day>\d{{1,2}})[/ .-](?P<name>[A-Za-z]{{3}})[a-z]*[/ .-](?P<year>\d{{4}}|\d{{2}}){_CLOCK}")
_NUMBERS = re.compile(rf"(?P<first>\d{{1,2}})[/.-](?P<other>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d{{2}}){_CLOCK}")


class DateOrder(StrEnum):
    """What stands first in a date of bare numbers, such as 03/04/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def orders(cells: Iterable[str]) -> set[DateOrder]:
    """Tell which orders fit all dates of bare numbers: one is a finding, two must be asked, none is a mixture."""
    fitting = set(DateOrder)
    for cell in cells:
        match = _NUMBERS.fullmatch(cell.strip())
        if match and int(match["first"]) > 12:
            fitting.discard(DateOrder.MONTH_FIRST)
        if match and int(match["other"]) > 12:
            fitting.discard(DateOrder.DAY_FIRST)
    return fitting


def is_bare(cell: str) -> bool:
    """Is it a date of bare numbers, whose order must be known?"""
    return _NUMBERS.fullmatch(cell.strip()) is not None


def moment(cell: str, order: DateOrder, zone: tzinfo) -> datetime | None:
    """Read a date with or without a time; None if it is no date.

    zone: where the clock of the file stood, for dates that don't say.
    """
    cell = cell.strip()
    for form in (_ISO, _NAMED, _NUMBERS):
        if match := form.fullmatch(cell):
            try:
                return _moment(match.groupdict(), order, zone)
            except (ValueError, KeyError, OverflowError):
                return None
    return None


def day(cell: str, order: DateOrder, zone: tzinfo) -> date | None:
    """Read the day of a date; None if it is no date."""
    found = moment(cell, order, zone)
    return found.date() if found else None


def _moment(parts, order, zone):
    if "first" in parts:
        month, day = (
            (parts["other"], parts["first"]) if order == DateOrder.DAY_FIRST else (parts["first"], parts["other"])
        )
    else:
        month, day = parts.get("month") or _MONTHS[parts["name"].lower()], parts["day"]
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 70 else 1900
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    if offset := parts.get("zone"):
        zone = datetime.strptime(offset, "%z").tzinfo
    return datetime(
        year,
        int(month),
        int(day),
        hour,
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        tzinfo=zone,
    )
