"""The demo tells one consistent story."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from backlog.models import Dependency, Item, Product, Question
from backlog.queries.debt_register import debt_register
from backlog.queries.decision_page import decision_list
from demo import world
from nightly.queries.reports import TREND_WEEKS, health_page
from roadmap.models import Forecast
from roadmap.queries.held import forecasts_that_held
from roadmap.queries.technical_flow import Asked, technical_flow
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
    assert Sprint.objects.closed().count() == sum(plan.past_sprints for plan in world.TEAMS.values())
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
    ines = User.objects.get(email="ines@northwind.example")
    page = health_page(payments, ines)
    assert len({trend.name for trend in page.trends if len(trend.values) == TREND_WEEKS}) > 6
    assert len(page.findings) > 3
    assert forecasts_that_held(payments, on=timezone.localdate()).levels[1].of > 0
    assert page.proposals.startswith("4 decided in 12 weeks: 2 accepted as proposed, 1 with a change, 1 declined")
    register = debt_register(payments, ines)
    assert register.repaid and register.sentence
    assert sum(bool(row.payer) for row in register.rows) >= 6
    assert {row.status for row in decision_list(payments, ines).rows} == {"accepted", "superseded"}
    marek = User.objects.get(email="marek@northwind.example")
    flow = technical_flow(payments, marek, Asked(products=("PAY", "LED", "ONB")), today=timezone.localdate())
    assert {item.team for item in flow.items.values()} - {""} == set(world.TEAMS)
    assert len(world.TEAMS) == 10
    call_command("check_order")
    for sprint in Sprint.objects.exclude(status="planned").select_related("team__organization"):
        assert told(sprint) == recount(sprint)


def test_the_demo_does_not_touch_an_installation_in_use(ines):
    with pytest.raises(CommandError, match="empty installation"):
        call_command("load_demo")

    assert User.objects.filter(is_service=False).count() == 1
