"""A night from beat to the page of the product owner, by the programs of production under a moved clock."""

import email
import socket
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect

from backlog.models import Dependency, Item
from launcher.valkey import Valkey
from nightly.models import Night, OrderingProposal
from tests import factories, servers

# A worker needs some seconds to come up; then 02:00 comes by itself.
CLOCK = datetime(2031, 6, 10, 1, 59, 50, tzinfo=UTC)
PATIENCE = 60_000


class Sink:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.received.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def sink():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def shift(tmp_path, sink):
    """Relay, worker and beat with a broker of their own: another test's tasks are not theirs."""
    folder = Path(tmp_path)
    with Valkey(folder, is_throwaway=True) as valkey:
        environment = {
            "REDIS_URL": valkey.url,
            "UNDERPIN_CLOCK": CLOCK.isoformat(),
            "UNDERPIN_VAR": str(folder),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(sink.port),
        }
        yield environment


@pytest.fixture
def backlog(transactional_db, payments, ines, kestrel):
    """Twenty items whose order is worth a proposal, and what Kestrel finished in a quarter of a year."""
    ids = factories.enter_items(payments, 20, by=ines, points=3, kind="technical", type="enabler")
    Item.objects.filter(pk__in=ids[10:]).update(business_value=13, kind="functional", type="story")
    for enabler, dependent in ((15, 2), (1, 16), (3, 17)):
        Dependency.objects.create(
            organization=payments.organization, enabler_id=ids[enabler], dependent_id=ids[dependent], created_by=ines
        )
    for day in range(1, 90, 2):
        done_at = datetime.combine(CLOCK.date() - timedelta(days=day), time(12), UTC)
        factories.ItemFactory(product=payments, created_by=ines, points=3, status="done", done_at=done_at)
    return ids


@pytest.fixture
def page_of_ines(page_as, settings, backlog, ines):
    settings.CLOCK = CLOCK + timedelta(minutes=5)
    return page_as(ines)


def test_a_night_comes_by_itself_and_again_on_demand(page_of_ines, shift, payments, tmp_path):
    page = page_of_ines
    page.goto("/products/PAY/nights/")
    expect(page.get_by_role("heading", name="No night yet")).to_be_visible()

    with servers.relay(**shift), servers.worker(**shift), servers.beat(tmp_path, **shift):
        expect(page.get_by_role("heading", name="Tuesday, 10 June 2031")).to_be_visible(timeout=PATIENCE)
        state = page.locator(".night-last [role=status]")
        expect(state).to_contain_text("Worked out in", timeout=PATIENCE)

        page.get_by_role("button", name="Run now").click()
        expect(state).not_to_contain_text("Worked out in")
        expect(state).to_contain_text("Worked out in", timeout=PATIENCE)

    before = order_of(payments)
    page.goto("/products/PAY/health/")
    page.get_by_role("link", name="Look at the moves that mend it").first.click()
    expect(page.get_by_role("heading", name="Proposed order")).to_be_visible()
    page.get_by_text("Accept", exact=True).first.click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("moved").first.wait_for()

    assert order_of(payments) != before
    assert (Night.objects.get(on=CLOCK.date()).runs, OrderingProposal.objects.filter(on=CLOCK.date()).count()) == (2, 1)


def order_of(product):
    return list(Item.objects.filter(product=product).ranked().values_list("pk", flat=True))
