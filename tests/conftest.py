"""What every test may use."""

import os
import uuid

import pytest
from django.conf import settings
from django.db import connections
from django.test.utils import override_settings, setup_databases, teardown_databases

from tests import factories, servers, worlds

# Far above what a test asks: rates have tests of their own.
UNLIMITED = (1_000_000, 60)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also run the tests marked long")


def pytest_collection_modifyitems(config, items):
    # Only the owner may flush: without it such a test would leave its rows to the next one.
    for item in items:
        if {"live_server", "transactional_db"} & set(item.fixturenames):
            item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "owner"]))
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="long: runs with bin/test --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_setup(
    request, django_test_environment, django_db_blocker, django_db_keepdb, django_db_modify_db_settings
):
    """Always make the owner's test database: `default` mirrors it, and tests that ask for `default` alone
    would otherwise run on the real one."""
    verbosity = request.config.option.verbose
    with django_db_blocker.unblock():
        made = setup_databases(verbosity, interactive=False, aliases={"default", "owner"}, keepdb=django_db_keepdb)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            connections.close_all()
            teardown_databases(made, verbosity)


@pytest.fixture(autouse=True, scope="session")
def plain_static_names():
    """Pages of tests name static files as they are, and find them without a collection (test_static.py makes one)."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        WHITENOISE_USE_FINDERS=True,
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True)
def fresh_rates(monkeypatch):
    """Tries of one test don't count in the next."""
    monkeypatch.setattr("core.rates._PREFIX", f"rate:{uuid.uuid4().hex}:")


@pytest.fixture(autouse=True)
def own_cache(settings):
    """Ids of one test mean other rows in the next, and in another process."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}


@pytest.fixture(scope="session")
def playwright(playwright):
    """While playwright's loop runs in this thread, Django keeps other connections than before and after it: who comes
    then can't close them."""
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = os.environ.get("UNDERPIN_CHROMIUM")
    if path is None:
        pytest.skip("no Chromium: bin/test says what to install")
    return browser_type_launch_args | {
        "executable_path": path,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def unhurried(settings):
    settings.RATES = dict.fromkeys(settings.RATES, UNLIMITED)


@pytest.fixture
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# The cast: the same people and the same product in every test (STYLE.md).


@pytest.fixture
def organization(db):
    return factories.OrganizationFactory(name="Northwind", slug="northwind")


@pytest.fixture
def kestrel(organization):
    return factories.TeamFactory(organization=organization, name="Kestrel")


@pytest.fixture
def payments(organization, kestrel):
    """Product PAY, worked on by team Kestrel."""
    product = factories.ProductFactory(organization=organization, key="PAY", name="Payments")
    factories.ProductTeamFactory(product=product, team=kestrel)
    return product


@pytest.fixture
def payouts(payments):
    """Component Payouts of Payments."""
    return factories.ComponentFactory(product=payments, name="Payouts")


@pytest.fixture
def ines(payments):
    """Product owner of Payments."""
    user = factories.MemberFactory(name="Ines Falkner", organization=payments.organization)
    factories.ProductRoleFactory(product=payments, user=user, role="product_owner")
    return user


@pytest.fixture
def marek(payouts):
    """Technical product owner of Payouts."""
    user = factories.MemberFactory(name="Marek Osei", organization=payouts.organization)
    factories.ComponentOwnerFactory(component=payouts, user=user)
    return user


@pytest.fixture
def mia(kestrel):
    """Scrum master of Kestrel."""
    user = factories.MemberFactory(name="Mia Dahl", organization=kestrel.organization)
    factories.TeamMembershipFactory(team=kestrel, user=user, role="scrum_master")
    return user


@pytest.fixture
def dev(kestrel):
    """Developer in Kestrel."""
    user = factories.MemberFactory(name="Dev Patel", organization=kestrel.organization)
    factories.TeamMembershipFactory(team=kestrel, user=user, role="developer")
    return user


@pytest.fixture
def stan(payments):
    """Stakeholder of Payments."""
    user = factories.MemberFactory(name="Stan Berg", organization=payments.organization)
    factories.ProductRoleFactory(product=payments, user=user, role="stakeholder")
    return user


@pytest.fixture
def ada(organization):
    """Organization admin."""
    return factories.MemberFactory(name="Ada Byron", organization=organization, role="admin")


@pytest.fixture
def eve(db):
    """Outsider: product owner in another organization."""
    product = factories.ProductFactory(key="EVE", name="Elsewhere")
    user = factories.MemberFactory(name="Eve Moss", organization=product.organization)
    factories.ProductRoleFactory(product=product, user=user, role="product_owner")
    return user


@pytest.fixture
def world(payments, payouts, kestrel, ines, marek, mia, dev, stan, ada):
    """Payments with one of everything, made by Ines."""
    made = worlds.furnish(payments, component=payouts, team=kestrel, owner=ines, technical_owner=marek)
    made.__dict__.update(ines=ines, marek=marek, mia=mia, dev=dev, stan=stan, ada=ada)
    return made


@pytest.fixture
def others(world, organization):
    """What ids of elsewhere stand for the world's own."""
    return worlds.strange_ids(organization)


WITHOUT_LIMITS = dict.fromkeys(("API_REQUESTS_PER_MINUTE", "MOVES_PER_MINUTE", "MOVES_PER_MINUTE_AND_LIST"), "1000000")


@pytest.fixture
def server(transactional_db):
    """granian on this test's database, without limits on moves; yields its port."""
    with servers.granian(**WITHOUT_LIMITS) as port:
        yield port
