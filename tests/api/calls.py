"""One valid request for every operation of the API, as the product owner of a furnished product would make it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import get_resolver, reverse
from django.utils import timezone

from backlog.actions import criteria, ordering, products, readiness
from backlog.models import Component, Goal, Item, Move, Product, ProductRole
from sprints.actions import sprints

# A check of the usual Definition of Ready that people tick for technical items.
CHECK = "roll_back"


@dataclass(frozen=True)
class Call:
    """address: what stands in the path, where it is not the usual; body: takes the ids of a world.

    verbs: what decides, where the route's own verb does not; granted: who may by a condition of the table.
    is_idle: the world is already as the request wants it.
    scope_of: the verb whose scope a token needs too, where it is not the first of `verbs`.
    who: the person of the cast who can do it, where the product owner can't.
    """

    method: str
    route: str
    body: Callable | None = None
    address: dict = field(default_factory=dict)
    verbs: tuple[str, ...] = ()
    scope_of: str = ""
    who: str = "ines"
    granted: frozenset[str] = frozenset()
    prepare: Callable | None = None
    is_upload: bool = False
    is_idle: bool = False
    query: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.method} {self.route}"

    def addressed(self):
        """What stands in the path: the name there → the name among the ids."""
        return {name: self.address.get(name, name) for name in names_in_path()[self.route]}

    def send(self, client, ids, **headers):
        """The answer to this request; ids: what stands for the names in address, query and body."""
        address = reverse(f"api:{self.route}", kwargs={name: ids[of] for name, of in self.addressed().items()})
        query = {name: ids[of] for name, of in self.query.items()}
        if self.is_upload:
            file = SimpleUploadedFile("note.csv", b"Title,Kind,Type\nRefund,functional,story\n")
            return client.post(address, {"file": file, "source": "csv"}, format="multipart", headers=headers)
        body = self.body(ids) if self.body else None
        if self.method == "GET":
            return client.get(address, query, headers=headers)
        return getattr(client, self.method.lower())(address, body, format="json", headers=headers)


@cache
def names_in_path():
    """The names that stand in the path of every route of the API."""
    found = {}
    for pattern in get_resolver("config.api").url_patterns:
        for route in getattr(pattern, "url_patterns", [pattern]):
            found[route.name] = tuple(route.pattern.converters)
    return found


def ids_of(world) -> dict:
    """What addresses and bodies name, by the name they use."""
    moved = Move.objects.get(list__product=world.product, kind="move")
    return {
        "key": world.product.key,
        "number": world.first.number,
        "item": world.first.pk,
        "second_item": world.second.pk,
        "third_item": world.third.pk,
        "third_number": world.third.number,
        "proposed_number": world.proposed.number,
        "component_id": world.component.pk,
        "spare_component_id": world.spare.pk,
        "goal_id": world.goal.pk,
        "second_goal_id": world.second_goal.pk,
        "delegation_id": world.delegation.pk,
        "tag_id": world.tag.pk,
        "other_tag_id": world.other_tag.pk,
        "criterion_id": world.criterion.pk,
        "dependency_id": world.dependency.pk,
        "link_id": world.link.pk,
        "question_id": world.question.pk,
        "answered_id": world.answered.pk,
        "comment_id": world.comment.pk,
        "attachment_id": world.attachment.pk,
        "person_id": world.stakeholder.pk,
        "team_id": world.team.pk,
        "user_id": world.mia.pk,
        "sprint_id": world.sprint.pk,
        "item_id": world.second.pk,
        "import_id": world.run.pk,
        "mia_id": world.mia.pk,
        "marek_id": world.marek.pk,
        "version": 1,
        "moved_version": moved.version,
        "earlier_version": moved.version - 1,
        "word": "plain",
        "soon": (timezone.now() + timedelta(days=100)).isoformat(),
        "check_key": CHECK,
        "organization": world.product.organization.slug,
    }


def _places(i):
    return {"items": [i["third_item"]], "after": i["item"]}


def _status(status):
    """Put the first item where a step of its life begins."""

    def prepare(world):
        done_at = timezone.now() if status == "done" else None
        Item.objects.filter(pk=world.first.pk).update(status=status, done_at=done_at)

    return prepare


def _archived(world):
    Product.objects.filter(pk=world.product.pk).update(archived_at=timezone.now())


def _without_owner(world):
    ProductRole.objects.filter(product=world.product, role="product_owner").delete()


def _offered_to_marek(world):
    products.offer(world.product, world.marek, by=world.owner)


def _closed_goal(world):
    Goal.objects.filter(pk=world.goal.pk).update(closed_at=timezone.now())


def _suspended(world):
    type(world.delegation).objects.filter(pk=world.delegation.pk).update(suspended_at=timezone.now())


def _archived_component(world):
    Component.objects.filter(pk=world.component.pk).update(archived_at=timezone.now())


def _pinned(world):
    ordering.pin(world.first, by=world.owner)


def _met(world):
    criteria.meet(world.criterion, by=world.owner)


def _ticked(world):
    readiness.tick(world.first, CHECK, by=world.owner)


def _undone(world):
    ordering.undo(world.product, by=world.owner)


_MAREK = frozenset({"marek"})
_PROPOSED = {"number": "proposed_number"}


def _started(world):
    sprints.start(world.sprint, by=world.owner)


CALLS = [
    # accounts
    Call("GET", "people"),
    Call("GET", "teams"),
    Call("POST", "teams", lambda i: {"organization": i["organization"], "name": "Heron"}, who="ada"),
    Call("GET", "team"),
    Call("PATCH", "team", lambda i: {"name": "Heron"}, who="ada"),
    Call("POST", "team-members", lambda i: {"user": i["person_id"], "role": "developer"}, who="ada"),
    Call("PATCH", "team-member", lambda i: {"role": "developer"}, address={"user_id": "mia_id"}, who="ada"),
    Call("DELETE", "team-member", address={"user_id": "mia_id"}, who="ada"),
    Call("GET", "me"),
    # products
    Call("GET", "product-list"),
    Call("POST", "product-list", lambda i: {"organization": i["organization"], "key": "NEW", "name": "New"}, who="ada"),
    Call("GET", "product-detail"),
    Call("PATCH", "product-detail", lambda i: {"name": "Renamed"}),
    Call("POST", "product-rename-key", lambda i: {"key": "PAYS"}),
    Call("POST", "product-archive", who="ada"),
    Call("POST", "product-restore", who="ada", prepare=_archived),
    Call("GET", "product-agreement"),
    Call("PATCH", "product-agreement", lambda i: {"sprint_length_days": 7}),
    Call("GET", "product-events"),
    Call(
        "POST",
        "product-owner",
        lambda i: {"person": i["person_id"]},
        who="ada",
        granted=frozenset({"ada"}),
        prepare=_without_owner,
    ),
    Call("POST", "hand-over", lambda i: {"person": i["person_id"]}),
    Call("DELETE", "hand-over", prepare=_offered_to_marek),
    Call("POST", "hand-over-accept", who="marek", granted=_MAREK, prepare=_offered_to_marek),
    Call("GET", "stakeholder-list"),
    Call("POST", "stakeholder-list", lambda i: {"person": i["mia_id"]}),
    Call("DELETE", "stakeholder-detail"),
    Call("GET", "product-team-list"),
    Call("POST", "product-team-list", lambda i: {"team": i["team_id"]}, is_idle=True),
    Call("DELETE", "product-team-detail"),
    Call("GET", "goal-list"),
    Call("POST", "goal-list", lambda i: {"title": "Fewer refunds"}),
    Call("PUT", "goal-order", lambda i: {"goals": [i["second_goal_id"], i["goal_id"]]}),
    Call("PATCH", "goal-detail", lambda i: {"title": "Fewer refunds"}),
    Call("POST", "goal-close"),
    Call("POST", "goal-reopen", prepare=_closed_goal),
    Call("GET", "component-list"),
    Call("POST", "component-list", lambda i: {"name": "Ledger", "parent": i["component_id"]}),
    Call("GET", "component-detail"),
    Call("PATCH", "component-detail", lambda i: {"parent": i["spare_component_id"]}),
    Call("POST", "component-archive", address={"component_id": "spare_component_id"}),
    Call("POST", "component-restore", prepare=_archived_component),
    Call("POST", "component-owner-list", lambda i: {"person": i["mia_id"]}),
    Call("DELETE", "component-owner-detail", address={"person_id": "marek_id"}),
    Call("GET", "delegation-list"),
    Call(
        "POST",
        "delegation-list",
        lambda i: {"component": i["component_id"], "power": "refine", "grantee": i["mia_id"]},
    ),
    Call("POST", "delegation-extend", lambda i: {"until": i["soon"]}),
    Call("POST", "delegation-revoke", granted=_MAREK),
    Call("POST", "delegation-confirm", prepare=_suspended),
    Call("POST", "delegation-revert", is_idle=True),
    Call("GET", "tag-list"),
    Call("PATCH", "tag-detail", lambda i: {"name": "urgent"}),
    Call("DELETE", "tag-detail"),
    Call("POST", "tag-merge", lambda i: {"into": i["other_tag_id"]}),
    # the order
    Call("GET", "feed"),
    Call("GET", "history"),
    Call("GET", "difference", query={"since": "earlier_version"}),
    Call("GET", "move-list"),
    Call("POST", "move-list", _places, verbs=("order.move",)),
    Call(
        "POST",
        "move-list",
        lambda i: {"items": [i["second_item"]], "before": i["item"]},
        verbs=("order.move", "order.move_technical"),
        granted=_MAREK,
    ),
    Call(
        "POST",
        "technical-order",
        lambda i: {"items": [i["second_item"], i["item"]]},
        verbs=("order.move", "order.move_technical"),
        granted=_MAREK,
    ),
    Call("POST", "move-undo", verbs=("order.undo_own",), scope_of="order.move"),
    Call("POST", "move-redo", verbs=("order.undo_own",), scope_of="order.move", prepare=_undone),
    Call("POST", "move-undo-version", address={"version": "moved_version"}),
    Call("POST", "move-restore", address={"version": "earlier_version"}),
    Call("PUT", "item-pin"),
    Call("DELETE", "item-pin", prepare=_pinned),
    # items
    Call("GET", "item-list"),
    Call("GET", "item-list", query={"component": "component_id", "team": "team_id", "tag": "tag_id"}),
    Call("GET", "item-list-all"),
    Call("GET", "item-search", query={"q": "word"}),
    Call(
        "POST",
        "item-list",
        lambda i: {
            "title": "Refund twice",
            "kind": "technical",
            "type": "debt",
            "component": i["component_id"],
            "further_components": [i["spare_component_id"]],
            "team": i["team_id"],
            "assignee": i["mia_id"],
            "goal": i["goal_id"],
            "parent": i["third_item"],
            "place": {"after": i["item"]},
        },
    ),
    Call(
        "POST",
        "item-propose",
        lambda i: {"title": "Refund twice", "kind": "technical", "type": "debt", "component": i["component_id"]},
    ),
    Call("GET", "item-detail"),
    Call("PATCH", "item-detail", lambda i: {"title": "Other"}, verbs=("item.edit",), granted=_MAREK),
    Call("PATCH", "item-detail", lambda i: {"component": i["spare_component_id"]}, verbs=("item.classify",)),
    Call("PATCH", "item-detail", lambda i: {"parent": i["third_item"]}, verbs=("item.classify",)),
    Call("PATCH", "item-detail", lambda i: {"goal": i["goal_id"]}, verbs=("item.classify",)),
    Call("PATCH", "item-detail", lambda i: {"team": i["team_id"]}, verbs=("item.classify",), is_idle=True),
    Call("PATCH", "item-detail", lambda i: {"assignee": i["mia_id"]}, verbs=("item.work",)),
    Call("PATCH", "item-detail", lambda i: {"points": 3}, verbs=("item.estimate",)),
    Call("PATCH", "item-detail", lambda i: {"business_value": 8}, verbs=("item.value",)),
    Call("PATCH", "item-detail", lambda i: {"tags": ["risk"]}, verbs=("item.tag",)),
    Call("PATCH", "item-detail", lambda i: {"is_restricted": True}, verbs=("item.restrict",)),
    Call("POST", "item-accept-proposal", lambda i: {"place": {"before": i["item"]}}, address=_PROPOSED),
    Call("POST", "item-decline", lambda i: {"reason": "Not now"}, address=_PROPOSED),
    Call("POST", "item-begin"),
    Call("POST", "item-stop", lambda i: {}, prepare=_status("in_progress")),
    Call("POST", "item-finish", prepare=_status("in_progress")),
    Call("POST", "item-accept", prepare=_status("done"), granted=_MAREK),
    Call("POST", "item-send-back", lambda i: {"reason": "Untested"}, prepare=_status("done"), granted=_MAREK),
    Call("POST", "item-drop", lambda i: {}, granted=_MAREK),
    Call("POST", "item-restore", lambda i: {}, prepare=_status("dropped"), granted=_MAREK),
    Call("GET", "item-events"),
    Call("PUT", "readiness-check", granted=_MAREK),
    Call("DELETE", "readiness-check", granted=_MAREK, prepare=_ticked),
    Call("GET", "criterion-list"),
    Call("POST", "criterion-list", lambda i: {"text": "It is quick"}, granted=_MAREK),
    Call("PUT", "criterion-order", lambda i: {"criteria": [i["criterion_id"]]}, granted=_MAREK, is_idle=True),
    Call("PATCH", "criterion-detail", lambda i: {"text": "It is quick"}, granted=_MAREK),
    Call("DELETE", "criterion-detail", granted=_MAREK),
    Call("PUT", "criterion-met"),
    Call("DELETE", "criterion-met", prepare=_met),
    Call("GET", "dependency-list"),
    Call("POST", "dependency-list", lambda i: {"enables": i["third_item"]}),
    Call("POST", "dependency-list", lambda i: {"needs": i["third_item"]}),
    Call("DELETE", "dependency-detail"),
    Call("GET", "link-list"),
    Call("POST", "link-list", lambda i: {"kind": "duplicates", "target": i["second_item"]}),
    Call("DELETE", "link-detail"),
    Call("GET", "question-list"),
    Call("POST", "question-list", lambda i: {"text": "Why?", "addressee": i["mia_id"]}),
    Call("POST", "question-answer", lambda i: {"answer": "So that"}),
    Call("POST", "question-reopen", address={"question_id": "answered_id"}),
    Call("GET", "comment-list"),
    Call("POST", "comment-list", lambda i: {"text": "Fine"}),
    Call("PATCH", "comment-detail", lambda i: {"text": "Fine"}),
    Call("DELETE", "comment-detail"),
    Call("GET", "attachment-list"),
    Call("POST", "attachment-list", is_upload=True),
    Call("GET", "attachment-detail"),
    Call("DELETE", "attachment-detail"),
    # files
    Call("GET", "import-list"),
    Call("POST", "import-list", is_upload=True),
    Call("GET", "import-detail"),
    Call("PATCH", "import-detail", lambda i: {"mapping": {"order": "file"}}),
    Call("GET", "import-preview"),
    Call("POST", "import-apply"),
    Call("DELETE", "import-detail"),
    Call("GET", "export"),
    # sprints
    Call("GET", "sprint-list"),
    Call(
        "POST",
        "sprint-list",
        lambda i: {"team": i["team_id"], "starts_on": "2031-03-17", "ends_on": "2031-03-28"},
    ),
    Call("GET", "sprint-detail"),
    Call("PATCH", "sprint-detail", lambda i: {"goal": "Refunds"}),
    Call("POST", "sprint-start"),
    Call(
        "POST",
        "sprint-close",
        lambda i: {"outcomes": [{"item": i["second_item"], "outcome": "returned"}]},
        prepare=_started,
    ),
    Call("GET", "sprint-item-list"),
    Call("POST", "sprint-item-list", lambda i: {"items": [i["third_item"]]}),
    Call("DELETE", "sprint-item-detail"),
    Call("GET", "velocity"),
]

# When a token was used last is no change; nor is a kept answer, which comes only with a change.
_NO_CHANGE = {"accounts_apitoken", "core_idempotentrequest", "django_session"}
_WRITES = re.compile(r'\b(?:INSERT INTO|(?<!FOR )(?<!KEY )UPDATE|DELETE FROM)\s+"?(\w+)')


class _TakenBack(Exception):
    pass


def content_of(response):
    return b"".join(response) if response.streaming else response.content


def attempt(call, client, ids, world):
    """(answer, which tables were written to), and nothing stays of it."""
    written = set()

    def watch(execute, sql, params, many, context):
        written.update(_WRITES.findall(sql))
        return execute(sql, params, many, context)

    try:
        with transaction.atomic():
            if call.prepare:
                call.prepare(world)
            with connection.execute_wrapper(watch):
                response = call.send(client, ids, **{"If-Match": "*", "Idempotency-Key": "once"})
            raise _TakenBack
    except _TakenBack:
        return response, sorted(written - _NO_CHANGE)
