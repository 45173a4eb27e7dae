"""Dates and figures of forecasts as people write them."""

from datetime import date

import pytest
from django.utils import timezone

from roadmap.templatetags import chances


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (chances.day(None), ""),
        (chances.day(date(2199, 1, 14)), "14\u00a0Jan\u00a02199"),
        (chances.span(-21), "3\u00a0weeks"),
        (chances.span(9), "9\u00a0days"),
        (chances.span(1), "1\u00a0day"),
        (chances.figure(2.44), "2.4"),
        (chances.figure(3.0), "3"),
        (chances.figure(9.96), "10"),
        (chances.figure(9200), "9,200"),
        (chances.share(0.034), "3.4\u00a0%"),
        (chances.share(0.0001), "less than 0.1\u00a0%"),
        (chances.ordinal(8), "Eighth"),
        (chances.ordinal(12), "12th"),
        (chances.ordinal(23), "23rd"),
        (chances.ordinal(1112), "1,112th"),
    ],
)
def test_figures_are_written_as_people_write_them(said, expected):
    assert said == expected


def test_a_day_of_this_year_needs_no_year():
    assert chances.day(timezone.localdate().replace(month=1, day=14)) == "14\u00a0Jan"
