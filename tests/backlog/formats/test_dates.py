from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from backlog.formats import dates
from backlog.formats.dates import DateOrder

DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    "cell, order, expected",
    [
        ("11/Nov/09 10:05 AM", DAY, datetime(2009, 11, 11, 10, 5)),
        ("04/Jan/10 12:57 AM", DAY, datetime(2010, 1, 4, 0, 57)),
        ("04/Jan/10 12:57 PM", MONTH, datetime(2010, 1, 4, 12, 57)),
        ("4 January 2010", DAY, datetime(2010, 1, 4)),
        ("03/04/2026 14:30", DAY, datetime(2026, 4, 3, 14, 30)),
        ("03/04/2026 14:30", MONTH, datetime(2026, 3, 4, 14, 30)),
        ("3.4.99", DAY, datetime(1999, 4, 3)),
        ("2009-12-04", MONTH, datetime(2009, 12, 4)),
        ("2009-12-04T10:11:12.345", DAY, datetime(2009, 12, 4, 10, 11, 12)),
    ],
)
def test_dates_are_read_as_people_write_them(cell, order, expected):
    assert dates.moment(cell, order, UTC) == expected.replace(tzinfo=UTC)


def test_a_zone_in_the_cell_wins():
    found = dates.moment("2026-01-02 03:04:05+02:00", DAY, UTC)

    assert found == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize("cell", ["", "soon", "31/02/2026", "13/Foo/26", "1/1/26 13:00 PM", "2026-13-01", "0000-01-01"])
def test_what_is_no_date_is_none(cell):
    assert dates.day(cell, DAY, UTC) is None


def test_a_day_loses_its_time():
    assert dates.day("31/12/26 11:59 PM", DAY, UTC) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "cells, expected",
    [
        (["13/04/26", "03/04/26"], {DAY}),
        (["03/14/26"], {MONTH}),
        (["03/04/26", "11/Nov/09", ""], {DAY, MONTH}),
        (["13/04/26", "04/13/26"], set()),
    ],
)
def test_the_order_of_bare_numbers_is_found_where_it_shows(cells, expected):
    assert dates.orders(cells) == expected
