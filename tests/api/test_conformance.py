"""Requests made up from the schema: no answer is a fault of ours, and each is as the schema says."""

from contextlib import suppress

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from schemathesis import checks
from schemathesis.core.failures import FailureGroup

from accounts.actions import tokens
from core.permissions import table
from tests.worlds import ids_of

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SHORT, LONG = 4, 200


@pytest.fixture(autouse=True)
def one_connection():
    """Requests share the test's transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("examples", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_made_up_requests_are_answered_as_the_schema_says(world, examples):
    scopes = sorted({verb.scope for verb in table().verbs.values() if verb.scope})
    secret = tokens.create(world.ines, by=world.ines, name="Made up", scopes=scopes).secret
    headers = {"Authorization": f"Bearer {secret}"}
    wrong, count = [], 0
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())

    for found in schema.get_all_operations():
        operation = found.ok()
        failures, tried = _try(operation, headers, ids_of(world), examples)
        wrong += failures
        count += tried

    assert wrong == []
    assert count >= 100 * SHORT


def _try(operation, headers, ids, examples):
    failures, tried = [], []

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def example(case):
        # Made-up ids find nothing; those of the world lead further.
        case.path_parameters |= {name: ids[name] for name in case.path_parameters if name in ids}
        tried.append(case)
        with suppress(_TakenBack), transaction.atomic():
            _send(case, headers, failures)
            raise _TakenBack

    example()
    return failures[:3], len(tried)


def _send(case, headers, failures):
    try:
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
    except (Exception, FailureGroup) as failure:
        failures.append(
            (case.operation.label, "; ".join(str(part) for part in getattr(failure, "exceptions", [failure]))[:600])
        )


class _TakenBack(Exception):
    pass
