"""A night from beat to the page of the product owner, by the programs of production under a moved clock."""

import email
import io
import os
import re
import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from accounts.actions import preferences
from accounts.models import User
from backlog.models import Dependency, Item, Product, ProductRole
from launcher.valkey import Valkey
from nightly.models import Night, OrderingProposal
from nightly.queries import schedule
from tests import factories, servers

# A worker needs some seconds to come up; then 02:00 comes by itself. It is a Monday, on which digests come.
CLOCK = datetime(2031, 6, 9, 1, 59, 50, tzinfo=UTC)
PATIENCE = 120_000


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
def shift(tmp_path, sink, base_url):
    """Relay, worker and beat from a moment on, with a broker of their own: another test's tasks are not theirs."""
    folder = Path(tmp_path)

    @contextmanager
    def shift(clock):
        environment = {
            "REDIS_URL": valkey.url,
            "UNDERPIN_CLOCK": clock.isoformat(),
            "UNDERPIN_VAR": str(folder),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(sink.port),
            "BASE_URL": base_url,
        }
        with servers.relay(**environment), servers.worker(**environment), servers.beat(folder, **environment):
            yield

    with Valkey(folder, is_throwaway=True) as valkey:
        yield shift


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
        done_at = CLOCK.replace(hour=12) - timedelta(days=day)
        factories.ItemFactory(product=payments, created_by=ines, points=3, status="done", done_at=done_at)
    return ids


@pytest.fixture
def duraspace(transactional_db, organization, ada, own_media):
    """The two backlogs of the real export, with the values that their priorities suggest; Ines owns both."""
    if "UNDERPIN_DATA" not in os.environ:
        pytest.skip("UNDERPIN_DATA is not set: it names the folder with the real Jira export")
    export = Path(os.environ["UNDERPIN_DATA"]) / "jira_export_duraspace.csv"
    call_command("import_jira", str(export), value_from_priority=True, stdout=io.StringIO())
    ines = factories.MemberFactory(name="Ines Falkner", organization=organization)
    for product in Product.objects.all():
        ProductRole.objects.filter(product=product, role="product_owner").delete()
        factories.ProductRoleFactory(product=product, user=ines, role="product_owner")
    return ines


@pytest.fixture
def demo(transactional_db, own_media):
    call_command("load_demo", stdout=io.StringIO())
    return User.objects.get(email="ines@northwind.example")


def test_a_night_comes_by_itself_and_again_on_demand(page_as, settings, shift, sink, backlog, payments, ines):
    settings.CLOCK = CLOCK + timedelta(minutes=5)
    page = page_as(ines)
    page.goto("/products/PAY/nights/")
    expect(page.get_by_role("heading", name="No night yet")).to_be_visible()

    with shift(CLOCK):
        expect(page.get_by_role("heading", name="Monday, 9 June 2031")).to_be_visible(timeout=PATIENCE)
        state = page.locator(".night-last [role=status]")
        expect(state).to_contain_text("Worked out in", timeout=PATIENCE)
        letter = digest_to(ines, sink, CLOCK)

        page.get_by_role("button", name="Run now").click()
        expect(state).not_to_contain_text("Worked out in")
        expect(state).to_contain_text("Worked out in", timeout=PATIENCE)

    assert letter["Subject"] == "Payments on 9 June: two things need you"
    take_a_proposed_move(page, letter, payments)
    # Asked for twice, there is one of each.
    assert (Night.objects.get(on=CLOCK.date()).runs, OrderingProposal.objects.filter(on=CLOCK.date()).count()) == (2, 1)
    assert [message["Message-ID"] for message in sink.handler.received] == [letter["Message-ID"]]


def test_the_night_of_the_real_backlogs(page_as, settings, shift, sink, duraspace):
    """As of a Monday in 2015, the first after the last item that the export has as done."""
    clock = datetime(2015, 1, 19, 1, 59, 50, tzinfo=UTC)
    settings.CLOCK = clock + timedelta(minutes=5)
    with shift(clock):
        letter = digest_to(duraspace, sink, clock)

    assert set(Night.objects.values_list("product__key", "state")) == {("FCREPO", "done"), ("DURACLOUD", "done")}
    assert letter["Subject"].startswith("Northwind on 19 January: ")
    take_a_proposed_move(page_as(duraspace), letter, Product.objects.get(key="FCREPO"))


@pytest.mark.long
def test_the_night_of_the_demo(page_as, settings, shift, sink, demo):
    preferences.set_mails(demo, {"digest": True}, rhythm="daily", by=demo)
    organization = Product.objects.get(key="PAY").organization
    clock = schedule.next_start(organization.time_zone, timezone.now()) - timedelta(seconds=10)
    settings.CLOCK = clock + timedelta(minutes=5)
    with shift(clock):
        letter = digest_to(demo, sink, clock + timedelta(minutes=1))

    assert not Night.objects.exclude(state="done").exists()
    take_a_proposed_move(page_as(demo), letter, Product.objects.get(key="PAY"))


def digest_to(person, sink, on):
    """The one mail to a person after the night of a date, once it has come in."""
    until = time.monotonic() + PATIENCE / 1000
    while not (found := [mail for mail in sink.handler.received if is_of(mail, person, on)]):
        nights = list(Night.objects.values_list("product__key", "on", "state", "steps", "error"))
        assert time.monotonic() < until, nights
        time.sleep(0.2)
    (letter,) = found
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return letter


def is_of(mail, person, on):
    return mail["To"] == person.email and f" on {on:%-d %B}: " in mail["Subject"]


def take_a_proposed_move(page, letter, product):
    """From the link in the mail to another order."""
    text = letter.get_payload(0).get_payload(decode=True).decode()
    (link,) = set(re.findall(rf"http\S+/{product.key}/proposal/", text))
    before = order_of(product)
    page.goto(link)
    expect(page.get_by_role("heading", name="Proposed order")).to_be_visible()
    page.get_by_text("Accept", exact=True).first.click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("moved").first.wait_for()
    assert order_of(product) != before


def order_of(product):
    return list(Item.objects.filter(product=product).ranked().values_list("pk", flat=True))
