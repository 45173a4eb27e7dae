"""One valid request for every operation of the API, as the product owner of a furnished product would make it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse

from tests import states


@dataclass(frozen=True)
class Call:
    """address: what stands in the path, where it is not the usual; body: takes the ids of a world.

    verbs: what decides, where the route's own verb does not; granted: who may by a condition of the table.
    is_idle: the world is already as the request wants it.
    scope_of: the verb whose scope a token needs too, where it is not the first of `verbs`.
    who: the person of the cast who can do it, where the product owner can't.
    is_hers: about a row of the product owner's own, of which others find nothing.
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
    file: tuple[str, bytes] = ("note.csv", b"Title,Kind,Type\nRefund,functional,story\n")
    is_idle: bool = False
    is_hers: bool = False
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
            file = SimpleUploadedFile(*self.file)
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


def _places(i):
    return {"items": [i["third_item"]], "after": i["item"]}


_MAREK = frozenset({"marek"})
_PROPOSED = {"number": "proposed_number"}
_done = states.first_is("done")
_THIRD = {"number": "third_number"}


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
    Call("GET", "mails"),
    Call("PATCH", "mails", lambda i: {"mention": False, "digest": "daily"}),
    Call("GET", "calendar"),
    Call("PUT", "calendar"),
    Call("DELETE", "calendar", prepare=states.with_calendars),
    Call("GET", "question-queue"),
    Call("GET", "notification-list"),
    Call("PUT", "notification-read", is_hers=True),
    Call("DELETE", "notification-read", is_hers=True, prepare=states.read_notification),
    Call("POST", "notifications-read"),
    # products
    Call("GET", "product-list"),
    Call("POST", "product-list", lambda i: {"organization": i["organization"], "key": "NEW", "name": "New"}, who="ada"),
    Call("GET", "product-detail"),
    Call("PATCH", "product-detail", lambda i: {"name": "Renamed"}),
    Call("POST", "product-rename-key", lambda i: {"key": "PAYS"}),
    Call("POST", "product-archive", who="ada"),
    Call("POST", "product-restore", who="ada", prepare=states.archived),
    Call("GET", "product-agreement"),
    Call("PATCH", "product-agreement", lambda i: {"sprint_length_days": 7}),
    Call("GET", "product-events"),
    Call(
        "POST",
        "product-owner",
        lambda i: {"person": i["person_id"]},
        who="ada",
        granted=frozenset({"ada"}),
        prepare=states.without_owner,
    ),
    Call("POST", "hand-over", lambda i: {"person": i["person_id"]}),
    Call("DELETE", "hand-over", prepare=states.offered_to_marek),
    Call("POST", "hand-over-accept", who="marek", granted=_MAREK, prepare=states.offered_to_marek),
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
    Call("POST", "goal-reopen", prepare=states.closed_goal),
    Call("GET", "component-list"),
    Call("POST", "component-list", lambda i: {"name": "Ledger", "parent": i["component_id"]}),
    Call("GET", "component-detail"),
    Call("PATCH", "component-detail", lambda i: {"parent": i["spare_component_id"]}),
    Call("POST", "component-archive", address={"component_id": "spare_component_id"}),
    Call("POST", "component-restore", prepare=states.archived_component),
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
    Call("POST", "delegation-confirm", prepare=states.suspended),
    Call("POST", "delegation-revert", is_idle=True),
    Call("GET", "debt-list"),
    Call("GET", "debt-register", query={"component": "component_id"}),
    Call("GET", "debt-entry"),
    Call("PATCH", "debt-entry", lambda i: {"payer": "Support", "incidents": ["INC-1"]}),
    Call("GET", "decision-list"),
    Call(
        "POST",
        "decision-list",
        lambda i: {
            "title": "One queue",
            "options": [{"title": "Redis", "good": ["we run it"]}],
            "chosen": "Redis",
            "deciders": [i["mia_id"]],
            "items": [i["third_item"]],
            "components": [i["component_id"]],
            "questions": [i["question_id"]],
        },
    ),
    Call("GET", "decision-detail"),
    Call("PATCH", "decision-detail", lambda i: {"context": "Another", "items": [i["third_item"]]}),
    Call("POST", "decision-accept"),
    Call("POST", "decision-reject", lambda i: {"reason": "Too dear"}),
    Call("POST", "decision-deprecate", lambda i: {"reason": "It is gone"}, prepare=states.decided),
    Call("POST", "decision-supersede", lambda i: {"successor": i["successor_id"]}, prepare=states.decided),
    Call("POST", "decision-reopen", prepare=states.decided),
    Call("POST", "decision-import", is_upload=True, file=("0090-one-queue.md", b"# One queue\n")),
    Call("GET", "decision-export"),
    Call("GET", "decision-file"),
    Call("GET", "tag-list"),
    Call("PATCH", "tag-detail", lambda i: {"name": "urgent"}),
    Call("DELETE", "tag-detail"),
    Call("POST", "tag-merge", lambda i: {"into": i["other_tag_id"]}),
    Call("GET", "gone-tag-list"),
    Call("POST", "tag-restore"),
    Call("GET", "saved-view-list"),
    Call("POST", "saved-view-list", lambda i: {"name": "Ready", "filter": "ready:yes"}),
    Call("PATCH", "saved-view-detail", lambda i: {"is_shared": False}),
    Call("DELETE", "saved-view-detail"),
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
    Call("POST", "move-redo", verbs=("order.undo_own",), scope_of="order.move", prepare=states.undone),
    Call("POST", "move-undo-version", address={"version": "moved_version"}),
    Call("POST", "move-restore", address={"version": "earlier_version"}),
    Call("PUT", "item-pin"),
    Call("DELETE", "item-pin", prepare=states.pinned),
    # items
    Call("GET", "item-list"),
    Call("GET", "item-list", query={"component": "component_id", "team": "team_id", "tag": "tag_id"}),
    Call("GET", "item-list-all"),
    Call("GET", "item-hints", query={"title": "word"}),
    Call("GET", "item-search", query={"q": "word"}),
    Call("GET", "filter", query={"filter": "needs_second", "add": "word"}),
    Call("GET", "filter-words"),
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
    Call(
        "POST",
        "item-propose",
        lambda i: {
            "title": "Split the ledger",
            "kind": "technical",
            "type": "spike",
            "case": {"question": "Can it?", "time_box_days": 3, "place": "before", "before": i["item"]},
            "enables": [i["third_item"]],
        },
    ),
    Call(
        "POST",
        "item-create-many",
        lambda i: {
            "items": [{"title": "Refund twice", "kind": "technical", "type": "debt", "component": i["component_id"]}],
            "place": {"after": i["item"]},
        },
    ),
    Call(
        "POST",
        "item-propose-many",
        lambda i: {
            "items": [{"title": "Refund twice", "kind": "technical", "type": "debt", "component": i["component_id"]}]
        },
    ),
    Call("POST", "item-drop-many", lambda i: {"items": [i["item"]]}, granted=_MAREK),
    Call(
        "POST",
        "item-restore-many",
        lambda i: {"items": [i["item"]]},
        # An organization admin, who may restore, does not read the backlog, and so names no items of it.
        verbs=("item.drop",),
        prepare=states.first_is("dropped"),
        granted=_MAREK,
    ),
    Call(
        "POST",
        "item-change-many",
        lambda i: {"items": [i["third_item"], i["item"]], "points": 13},
        verbs=("item.estimate",),
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
    Call("PATCH", "item-detail", lambda i: {"engagement": "large_scale"}, verbs=("item.engage",), granted=_MAREK),
    Call("PATCH", "item-detail", lambda i: {"tags": ["risk"]}, verbs=("item.tag",)),
    Call("PATCH", "item-detail", lambda i: {"is_restricted": True}, verbs=("item.restrict",)),
    Call("POST", "item-accept-proposal", lambda i: {"place": {"before": i["item"]}}, address=_PROPOSED),
    Call("GET", "item-proposal", address=_PROPOSED),
    Call("PUT", "item-proposal", lambda i: {"why_now": "The law", "title": "Other"}, address=_PROPOSED),
    Call(
        "POST",
        "item-accept-proposal",
        lambda i: {"changes": {"title": "Smaller"}, "reason": "Half of it"},
        address=_PROPOSED,
        scope_of="item.edit",
    ),
    Call("POST", "item-decline", lambda i: {"reason": "Not now"}, address=_PROPOSED),
    Call("POST", "item-begin"),
    Call("POST", "item-stop", lambda i: {}, prepare=states.first_is("in_progress")),
    Call("POST", "item-finish", prepare=states.first_is("in_progress")),
    Call("POST", "item-accept", prepare=states.first_is("done"), granted=_MAREK),
    Call("POST", "item-send-back", lambda i: {"reason": "Untested"}, prepare=states.first_is("done"), granted=_MAREK),
    Call("POST", "item-drop", lambda i: {}, granted=_MAREK),
    Call("POST", "item-restore", lambda i: {}, prepare=states.first_is("dropped"), granted=_MAREK),
    Call("GET", "item-events"),
    Call("GET", "done-check-list"),
    Call("PUT", "done-check"),
    Call("DELETE", "done-check", prepare=states.done_ticked),
    Call("PUT", "readiness-check", granted=_MAREK),
    Call("DELETE", "readiness-check", granted=_MAREK, prepare=states.ticked),
    Call("GET", "criterion-list"),
    Call("POST", "criterion-list", lambda i: {"text": "It is quick"}, granted=_MAREK),
    Call("PUT", "criterion-order", lambda i: {"criteria": [i["criterion_id"]]}, granted=_MAREK, is_idle=True),
    Call("PATCH", "criterion-detail", lambda i: {"text": "It is quick"}, granted=_MAREK),
    Call("DELETE", "criterion-detail", granted=_MAREK),
    Call("POST", "criterion-evidence", lambda i: {"note": "Seen", "attachment": i["attachment_id"]}),
    Call("GET", "engagement"),
    Call(
        "PUT",
        "engagement-word",
        lambda i: {"text": "One ledger"},
        who="marek",
        granted=_MAREK,
        prepare=states.engaged,
    ),
    Call("DELETE", "engagement-word", who="marek", granted=_MAREK, prepare=states.with_word),
    Call("PUT", "built-check", lambda i: {"is_as_meant": True}, who="marek", granted=_MAREK, prepare=_done),
    Call("PUT", "criterion-met"),
    Call("DELETE", "criterion-met", prepare=states.met),
    Call("GET", "dependency-list"),
    Call("POST", "dependency-list", lambda i: {"enables": i["third_item"]}),
    Call("POST", "dependency-list", lambda i: {"needs": i["third_item"]}),
    Call("DELETE", "dependency-detail"),
    Call("GET", "link-list"),
    Call("POST", "link-list", lambda i: {"kind": "duplicates", "target": i["second_item"]}),
    Call("DELETE", "link-detail"),
    Call("GET", "refinement-list"),
    Call("POST", "refinement-list", lambda i: {"scale": "t_shirt"}, prepare=states.without_refinement),
    Call("GET", "refinement-detail"),
    Call("PUT", "refinement-seat"),
    Call("DELETE", "refinement-seat"),
    Call("PUT", "refinement-item", lambda i: {"number": i["number"]}),
    Call("POST", "refinement-end"),
    Call("GET", "round-list"),
    Call("POST", "round-list", lambda i: {"scale": "t_shirt", "closes_at": i["soon"]}, prepare=states.without_round),
    Call("GET", "round-detail"),
    Call("DELETE", "round-detail"),
    Call("PUT", "round-card", lambda i: {"card": "5", "words": "Two banks"}),
    Call("POST", "round-show"),
    Call("POST", "round-again", prepare=states.shown),
    Call("POST", "round-settle", lambda i: {"points": "5"}, prepare=states.shown),
    Call("GET", "question-list"),
    Call("POST", "question-list", lambda i: {"text": "Why?", "addressee": i["mia_id"]}),
    Call("POST", "question-answer", lambda i: {"answer": "So that"}),
    Call("POST", "question-decide", lambda i: {"answer": "So that", "title": "Keep it"}, verbs=("decision.propose",)),
    Call("POST", "question-reopen", address={"question_id": "answered_id"}),
    Call(
        "POST",
        "item-split",
        lambda i: {"parts": [{"title": "One"}, {"title": "Two", "criteria": [i["criterion_id"]]}]},
        granted=_MAREK,
    ),
    Call("DELETE", "item-split", prepare=states.split, granted=_MAREK),
    Call("GET", "suggestion-list"),
    Call("GET", "item-suggestion-list"),
    Call(
        "POST",
        "item-suggestion-list",
        lambda i: {"changes": {"title": "Other"}, "reason": "Clearer"},
        address=_THIRD,
        verbs=("item.suggest_text",),
        granted=frozenset({"dev"}),
        who="marek",
    ),
    Call(
        "POST",
        "item-suggestion-list",
        lambda i: {"changes": {"component": i["component_id"]}},
        address=_THIRD,
        verbs=("item.suggest_class",),
        who="marek",
    ),
    Call(
        "POST",
        "item-suggestion-list",
        lambda i: {"place": {"after": i["item"]}},
        address=_THIRD,
        verbs=("order.suggest",),
        who="marek",
    ),
    Call("POST", "suggestion-take", verbs=("item.edit",)),
    Call("POST", "suggestion-decline", lambda i: {"reason": "Not now"}, verbs=("item.edit",)),
    Call("POST", "suggestion-withdraw", who="marek", granted=_MAREK),
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
        prepare=states.started,
    ),
    Call("GET", "sprint-item-list"),
    Call("POST", "sprint-item-list", lambda i: {"items": [i["third_item"]]}),
    Call("DELETE", "sprint-item-detail"),
    Call("POST", "sprint-suggest", lambda i: {"item": i["third_item"], "reason": "It fits"}, who="marek"),
    Call("GET", "sprint-scope"),
    Call("POST", "sprint-recommended", lambda i: {"line": "stretch"}, prepare=states.ready_third),
    Call("PUT", "sprint-goal", lambda i: {"items": [i["second_item"]]}),
    Call("GET", "sprint-board"),
    Call("POST", "sprint-board", lambda i: {"item": i["second_item"], "status": "done"}, prepare=states.started),
    Call("GET", "sprint-history"),
    Call("GET", "inspection-list"),
    Call("POST", "inspection-list", prepare=states.started_with_past),
    Call("POST", "inspection-correct", prepare=states.suggested),
    Call("PUT", "inspection-verdict", lambda i: {"verdict": "not_now"}, prepare=states.suggested),
    Call("POST", "inspection-undo", prepare=states.corrected),
    Call("GET", "sprint-note-list"),
    Call("POST", "sprint-note-list", lambda i: {"kind": "review", "text": "Good"}, prepare=states.started),
    Call("GET", "team-metrics"),
    Call("GET", "status-list"),
    Call("POST", "status-list", lambda i: {"sprint": i["sprint_id"], "text": "All is well"}),
    Call("GET", "board-columns"),
    Call(
        "PUT",
        "board-columns",
        lambda i: {"columns": [{"name": "A", "status": status} for status in ("open", "in_progress", "done")]},
    ),
    Call("GET", "absence-list"),
    Call(
        "POST",
        "absence-list",
        lambda i: {"user": i["mia_id"], "starts_on": "2031-03-05", "ends_on": "2031-03-06"},
    ),
    Call("DELETE", "absence-detail"),
    Call("PUT", "focus", lambda i: {"percent": 50}, address={"user_id": "mia_id"}),
    Call("GET", "velocity"),
    Call("GET", "debt-shares"),
    Call("GET", "line-list"),
    # roadmap
    Call("GET", "curves"),
    Call("GET", "forecast-list"),
    Call("POST", "forecast-list"),
    Call("GET", "forecast-latest"),
    Call("GET", "forecasts-held"),
    Call("GET", "technical-flow"),
    Call("GET", "technical-flow-order"),
    Call("POST", "technical-flow-move", lambda i: {"item": i["second_item"], "before": i["item"]}),
    Call(
        "POST",
        "technical-flow-apply",
        verbs=("order.move", "order.move_technical"),
        granted=_MAREK,
        prepare=states.out_of_step,
    ),
    Call("POST", "technical-flow-suggest", lambda i: {"reason": "Safer"}, who="dev", prepare=states.out_of_step),
    Call("GET", "release-list"),
    Call("POST", "release-list", lambda i: {"name": "3.0", "target_on": "2031-06-02"}),
    Call("GET", "release-detail"),
    Call("PATCH", "release-detail", lambda i: {"name": "3.1"}),
    Call("GET", "release-item-list"),
    Call("POST", "release-item-list", lambda i: {"items": [i["third_item"]]}),
    Call("DELETE", "release-item-detail"),
    Call("POST", "release-release"),
    Call("POST", "release-take-back", prepare=states.released),
    # nights
    Call("GET", "night-list"),
    Call("POST", "night-list"),
    Call("GET", "night-detail"),
    Call("GET", "ordering-proposal-list"),
    Call("GET", "ordering-proposal-detail"),
    Call(
        "POST",
        "ordering-proposal-verdicts",
        lambda i: {"verdicts": [{"move": i["proposed_move_id"], "verdict": "rejected", "reason": "Not now"}]},
    ),
    Call("POST", "ordering-proposal-apply", granted=_MAREK, prepare=states.accepted_move),
    Call("GET", "proposal-policy"),
    Call("PUT", "proposal-policy", lambda i: {"classes": ["repairs"]}),
    Call("GET", "health-report-list"),
    Call("GET", "health-report"),
]
