"""The table at the door: every route is in it, and its page is what the code reads."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path

from core import checks, permissions
from core.management.commands.permissions_doc import document


def probe(request):
    return HttpResponse()


urlpatterns = [path("probe/", probe, name="probe"), path("unnamed/", probe), path("", include("config.urls"))]


def test_every_route_has_its_entry_and_every_entry_its_route():
    assert checks.every_route_is_in_the_table(None) == []
    assert checks.every_rate_limit_has_its_route(None) == []


@pytest.mark.urls("tests.core.test_permissions")
def test_a_forgotten_route_is_an_error():
    errors = checks.every_route_is_in_the_table(None)

    assert [(error.id, error.msg.split()[2]) for error in errors] == [
        ("core.E002", "/unnamed/"),
        ("core.E002", "probe"),
    ]


def test_an_entry_without_route_is_an_error(monkeypatch):
    table = permissions.table()
    more = permissions.Table(table.verbs, table.routes | {"backlog:gone": {"GET": "backlog.read"}}, table.open_routes)
    monkeypatch.setattr(permissions, "table", lambda: more)

    assert [error.id for error in checks.every_route_is_in_the_table(None)] == ["core.E003"]


def test_a_rate_limit_of_no_route_is_an_error(settings):
    settings.RATE_LIMITS = [{"name": "x", "routes": {"gone"}}]

    assert [error.id for error in checks.every_rate_limit_has_its_route(None)] == ["core.E004"]


def test_the_page_of_permissions_is_what_the_code_reads():
    page = (settings.BASE_DIR / "docs" / "permissions.md").read_text()

    assert page == document(), "run manage.py permissions_doc"
