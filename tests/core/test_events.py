"""Events are the audit trail: the runtime role adds and reads them, and nothing else."""

import pytest
from django.db import ProgrammingError, connections

from core import context, events
from core.models import Event, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def runtime_role():
    connection = connections.create_connection("default")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_event SET name = 'x'",
        "DELETE FROM core_event",
        "TRUNCATE core_event",
        "DROP TABLE core_event",
        "ALTER TABLE core_event DISABLE TRIGGER ALL",
        "ALTER TABLE core_event OWNER TO CURRENT_USER",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
    ],
)
def test_the_runtime_role_can_not_rewrite_history(runtime_role, ines, statement):
    events.record("item.created", target=ines.memberships.get().organization, by=ines)

    with pytest.raises(ProgrammingError), runtime_role.cursor() as cursor:
        cursor.execute(statement)

    assert Event.objects.count() == 1


def test_the_runtime_role_reads_and_adds(runtime_role, ines):
    events.record("item.created", target=ines.memberships.get().organization, by=ines)

    with runtime_role.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (at, name, by_id, via, target_type, target_id, stream, data, request_id)"
            " SELECT at, 'item.copied', by_id, via, target_type, target_id, stream, data, request_id FROM core_event"
        )
        cursor.execute("SELECT name FROM core_event ORDER BY id")
        assert cursor.fetchall() == [("item.created",), ("item.copied",)]


def test_an_event_says_who_what_and_through_which_door(ines, monkeypatch):
    organization = ines.memberships.get().organization
    monkeypatch.setitem(events._subscribers, "organization.edited", ["higher.tasks.hear"])
    door = context.via.set("api")

    event = events.record("organization.edited", target=organization, by=ines, name=["Northwind", "Southwind"])

    context.via.reset(door)
    assert (event.by, event.via, event.target_id, event.data) == (
        ines,
        "api",
        organization.pk,
        {"name": ["Northwind", "Southwind"]},
    )
    assert list(OutboxMessage.objects.values_list("topic", "payload")) == [
        ("higher.tasks.hear", {"event_id": event.pk})
    ]
