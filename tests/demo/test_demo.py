"""The demo tells one consistent story."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from backlog.models import Dependency, Item, Product, Question
from demo import past, world
from nightly.queries.reports import TREND_WEEKS, health_page
from roadmap.models import Forecast
from roadmap.queries.held import forecasts_that_held
from sprints.models import Sprint
from sprints.queries.velocity import velocity
from tests.sprints.recount import recount, told


@pytest.fixture
def demo(db):
    call_command("load_demo")


def test_the_demo_holds_half_a_year_and_todays_order(demo):
    titles = {
        product.key: list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))
        for product in Product.objects.all()
    }
    wanted = {product.key: [row.title for row in product.wanted] for product in world.PRODUCTS}
    # The technical product owner has moved the calendar among the places lent to him.
    assert sorted(titles["PAY"]) == sorted(wanted["PAY"])
    assert titles["LED"] == wanted["LED"]
    assert titles["ONB"] == wanted["ONB"]
    assert Sprint.objects.closed().count() == past.SPRINTS * len(world.TEAMS)
    assert Sprint.objects.active().count() == len(world.TEAMS)
    for sprint in Sprint.objects.active().select_related("team"):
        spread = velocity(sprint.team)
        assert 0 < spread.least < spread.most
    assert Question.objects.open().count() == 5
    assert Dependency.objects.count() == sum(len(row.needs) for product in world.PRODUCTS for row in product.wanted)
    for forecast in Forecast.objects.order_by("-on")[: len(world.PRODUCTS)]:
        assert forecast.has_dates
    payments = Product.objects.get(key="PAY")
    assert payments.releases.open().count() == 2
    assert all(
        row.date_85 for row in Forecast.objects.filter(product=payments).latest("on").dates.filter(open_count__gt=0)
    )
    page = health_page(payments, User.objects.get(email="ines@northwind.example"))
    assert len({trend.name for trend in page.trends if len(trend.values) == TREND_WEEKS}) > 6
    assert len(page.findings) > 3
    assert forecasts_that_held(payments, on=timezone.localdate()).levels[1].of > 0
    call_command("check_order")
    for sprint in Sprint.objects.exclude(status="planned").select_related("team__organization"):
        assert told(sprint) == recount(sprint)


def test_the_demo_does_not_touch_an_installation_in_use(ines):
    with pytest.raises(CommandError, match="empty installation"):
        call_command("load_demo")

    assert User.objects.filter(is_service=False).count() == 1
