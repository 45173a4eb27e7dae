"""One valid request for every page and every form, as somebody who may would send it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse

from accounts.actions import members, teams
from tests import states


@dataclass(frozen=True)
class Visit:
    """form: takes the ids of a world; address: what stands in the path, where it is not the usual.

    verbs: what decides, where the route's own verb does not; granted: who may by a condition of the table.
    is_idle: nothing is written, or the world is already as the form wants it.
    is_own: about the person who asks: everybody has one of their own.
    is_hers: about a row of the product owner's own, of which others find nothing.
    """

    method: str
    route: str
    form: Callable | None = None
    address: dict = field(default_factory=dict)
    verbs: tuple[str, ...] = ()
    who: str = "ines"
    granted: frozenset[str] = frozenset()
    prepare: Callable | None = None
    is_idle: bool = False
    is_own: bool = False
    is_hers: bool = False
    query: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.method} {self.route}"

    def url(self, ids):
        kwargs = {name: ids[self.address.get(name, _USUAL.get(name, name))] for name in names_in_path()[self.route]}
        return reverse(self.route, kwargs=kwargs)

    def send(self, client, ids, **headers):
        if self.method == "GET":
            return client.get(self.url(ids), {name: ids[of] for name, of in self.query.items()})
        return client.post(self.url(ids), self.form(ids) if self.form else {})


@cache
def names_in_path():
    """The names that stand in the path of every page."""
    found = {}

    def walk(patterns, namespace, names):
        for pattern in patterns:
            here = (*names, *pattern.pattern.converters)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, getattr(pattern, "namespace", None) or namespace, here)
            elif pattern.name:
                found[f"{namespace}:{pattern.name}" if namespace else pattern.name] = here

    walk(get_resolver().url_patterns, "", ())
    return found


# Names in paths that are called otherwise among the ids.
_USUAL = {"product_key": "key", "organization_slug": "organization", "item_key": "first_key", "run_id": "import_id"}
_MAREK = frozenset({"marek"})
_STAKEHOLDER = {"user_id": "person_id"}
_PROPOSED = {"number": "proposed_number"}
_THIRD = {"number": "third_number"}


def _file(name="note.csv"):
    return SimpleUploadedFile(name, b"Title,Kind,Type\nRefund,functional,story\n", "text/csv")


_COLUMNS = {
    "id": ["", "", ""],
    "name": ["Next", "Doing", "Done"],
    "status": ["open", "in_progress", "done"],
    "limit": ["", "3", ""],
}
_DECISION = {"number": "decision_number"}
_AWAY = {"starts_on": "2031-03-05", "ends_on": "2031-03-06"}


def _text(ids):
    return {"text": "It is quick"}


def _decision(ids):
    return {
        "title": "One queue",
        "items": ids["third_key"],
        "components": [ids["component_id"]],
        "option-TOTAL_FORMS": 1,
        "option-INITIAL_FORMS": 0,
        "option-0-title": "Redis",
        "option-0-good": "we run it",
        "chosen": 0,
    }


def _agreement(ids):
    return {
        "name": "Renamed",
        "sprint_length_days": 7,
        "largest_ready_points": 8,
        "technical_share_min": 10,
        "technical_share_max": 40,
        "debt_share": 15,
        "currency": "EUR",
        "version": ids["product_version"],
    }


def _stakeholder_left(world):
    members.deactivate(world.stakeholder.memberships.get(), by=world.ada)


def _archived_team(world):
    teams.archive(world.team, by=world.ada)


def _applied(world):
    type(world.run).objects.filter(pk=world.run.pk).update(status="discarded")


VISITS = [
    Visit("GET", "metrics", who="root"),
    # accounts
    Visit("GET", "accounts:organization", who="ada"),
    Visit("POST", "accounts:organization", lambda i: {"name": "North", "time_zone": "Europe/Vienna"}, who="ada"),
    Visit("GET", "accounts:members"),
    Visit(
        "POST",
        "accounts:invite",
        lambda i: {"email": "new@example.org", "team": i["team_id"], "team_role": "developer", "role": "member"},
        who="ada",
        granted=frozenset({"mia", "ines"}),
    ),
    Visit("POST", "accounts:member-role", lambda i: {"role": "admin"}, who="ada"),
    Visit("POST", "accounts:member-deactivate", who="ada"),
    Visit("POST", "accounts:member-reactivate", address=_STAKEHOLDER, who="ada", prepare=_stakeholder_left),
    Visit("POST", "accounts:invitation-resend", granted=frozenset({"ines"})),
    Visit("POST", "accounts:invitation-revoke", granted=frozenset({"ines"})),
    Visit("GET", "accounts:teams"),
    Visit("POST", "accounts:team-create", lambda i: {"name": "Heron"}, who="ada"),
    Visit("POST", "accounts:team-rename", lambda i: {"name": "Heron"}, who="ada"),
    Visit("POST", "accounts:team-archive", who="ada"),
    Visit("POST", "accounts:team-restore", who="ada", prepare=_archived_team),
    Visit("POST", "accounts:team-member-add", lambda i: {"user": i["person_id"], "role": "developer"}, who="ada"),
    Visit("POST", "accounts:team-member-role", lambda i: {"role": "developer"}, who="ada"),
    Visit("POST", "accounts:team-member-remove", who="ada"),
    Visit("GET", "accounts:profile", is_own=True),
    Visit("POST", "accounts:profile", lambda i: {"name": "Other", "theme": "dark"}, is_own=True),
    Visit("POST", "accounts:theme", lambda i: {"theme": "dark"}, is_own=True),
    Visit("POST", "accounts:plain", lambda i: {"plain": "on"}, is_own=True),
    Visit("POST", "accounts:mail-preferences", lambda i: {"mention": "on"}, is_own=True),
    Visit("POST", "accounts:sessions-end", is_own=True),
    Visit("GET", "accounts:token-create", is_own=True),
    Visit(
        "POST",
        "accounts:token-create",
        lambda i: {"name": "Script", "days": "30", "scopes": ["backlog:read"]},
        is_own=True,
    ),
    Visit("POST", "accounts:token-revoke", is_hers=True),
    # products
    Visit("GET", "backlog:product-list", is_own=True),
    Visit("GET", "backlog:product-create", who="ada"),
    Visit(
        "POST",
        "backlog:product-create",
        lambda i: {"name": "New", "key": "NEW", "owner": i["mia_id"]},
        who="ada",
    ),
    Visit("GET", "backlog:product"),
    Visit("GET", "backlog:settings"),
    Visit("POST", "backlog:product-edit", _agreement),
    Visit(
        "POST",
        "backlog:product-ready",
        lambda i: {"technical-key": "", "technical-label": "It is small", "technical-rule": ""},
    ),
    Visit("POST", "backlog:product-done", lambda i: {"technical-key": "", "technical-label": "It is tested"}),
    Visit("POST", "backlog:product-key", lambda i: {"key": "PAYS"}),
    Visit("POST", "backlog:product-archive", who="ada"),
    Visit("POST", "backlog:product-restore", who="ada", prepare=states.archived),
    Visit(
        "POST",
        "backlog:product-appoint",
        lambda i: {"user": i["person_id"]},
        who="ada",
        granted=frozenset({"ada"}),
        prepare=states.without_owner,
    ),
    Visit("POST", "backlog:product-offer", lambda i: {"user": i["person_id"]}),
    Visit("POST", "backlog:product-offer-withdraw", prepare=states.offered_to_marek),
    Visit("POST", "backlog:product-offer-accept", who="marek", granted=_MAREK, prepare=states.offered_to_marek),
    Visit("POST", "backlog:stakeholder-add", lambda i: {"user": i["mia_id"]}),
    Visit("POST", "backlog:stakeholder-remove", lambda i: {"user": i["person_id"]}),
    Visit("POST", "backlog:team-link", lambda i: {"team": i["team_id"]}, is_idle=True),
    Visit("POST", "backlog:team-unlink", lambda i: {"team": i["team_id"]}),
    Visit("POST", "backlog:goal-add", lambda i: {"title": "Fewer refunds"}),
    Visit("POST", "backlog:goal-edit", lambda i: {"title": "Fewer refunds", "is_product_goal": "on"}),
    Visit("POST", "backlog:goal-close"),
    Visit("POST", "backlog:goal-reopen", prepare=states.closed_goal),
    # components and what is lent
    Visit("GET", "backlog:component"),
    Visit("GET", "roadmap:component-dates"),
    Visit("GET", "roadmap:print"),
    Visit("POST", "backlog:delegation-revert", is_idle=True),
    Visit("POST", "backlog:delegation-extend"),
    Visit("GET", "backlog:components"),
    Visit(
        "POST",
        "backlog:component-create",
        lambda i: {"name": "Ledger", "type": "component", "parent": i["component_id"]},
    ),
    Visit(
        "POST",
        "backlog:component-edit",
        lambda i: {"name": "Ledger", "type": "component", "parent": i["spare_component_id"]},
    ),
    Visit("POST", "backlog:component-archive", address={"component_id": "spare_component_id"}),
    Visit("POST", "backlog:component-restore", prepare=states.archived_component),
    Visit("POST", "backlog:component-owner-add", lambda i: {"user": i["mia_id"]}),
    Visit("POST", "backlog:component-owner-remove", lambda i: {"user": i["marek_id"]}),
    Visit(
        "POST",
        "backlog:delegation-grant",
        lambda i: {"component": i["component_id"], "power": "refine", "grantee": i["mia_id"]},
    ),
    Visit("POST", "backlog:delegation-confirm", prepare=states.suspended),
    Visit("POST", "backlog:delegation-revoke", granted=_MAREK),
    # the order
    Visit("GET", "backlog:backlog"),
    Visit("GET", "backlog:backlog", query={"filter": "needs_second"}),
    Visit("GET", "backlog:backlog", query={"add": "word"}),
    Visit("POST", "backlog:view-save", lambda i: {"name": "Ready", "filter": "ready:yes"}),
    Visit("POST", "backlog:view-edit", lambda i: {"name": "Renamed"}),
    Visit("POST", "backlog:view-drop"),
    Visit("POST", "backlog:view-restore", prepare=states.dropped_view),
    # debt
    Visit("GET", "backlog:debt", query={"component": "component_id"}),
    Visit("GET", "backlog:debt-describe"),
    Visit("POST", "backlog:debt-describe", lambda i: {"payer": "Support", "since": "2025-01-02", "incidents": "INC-1"}),
    # decisions
    Visit("GET", "backlog:decisions", query={"component": "component_id"}),
    Visit("GET", "backlog:decision", address=_DECISION),
    Visit("GET", "backlog:decision-new", query={"component": "component_id", "question": "question_id"}),
    Visit("POST", "backlog:decision-new", _decision),
    Visit("GET", "backlog:decision-edit", address=_DECISION),
    Visit("POST", "backlog:decision-edit", _decision, address=_DECISION),
    Visit("POST", "backlog:decision-accept", address=_DECISION),
    Visit("POST", "backlog:decision-reject", lambda i: {"reason": "Too dear"}, address=_DECISION),
    Visit(
        "POST",
        "backlog:decision-deprecate",
        lambda i: {"reason": "It is gone"},
        address=_DECISION,
        prepare=states.decided,
    ),
    Visit(
        "POST",
        "backlog:decision-supersede",
        lambda i: {"successor": i["successor_id"]},
        address=_DECISION,
        prepare=states.decided,
    ),
    Visit("POST", "backlog:decision-reopen", address=_DECISION, prepare=states.decided),
    Visit("GET", "backlog:decision-import"),
    Visit(
        "POST",
        "backlog:decision-import",
        lambda i: {"file": SimpleUploadedFile("0090-one-queue.md", b"# One queue", "text/markdown")},
    ),
    Visit("GET", "backlog:decision-export"),
    Visit("GET", "backlog:decision-file", address=_DECISION),
    Visit("GET", "backlog:tags"),
    Visit("POST", "backlog:tag-rename", lambda i: {"name": "urgent"}),
    Visit("POST", "backlog:tag-merge", lambda i: {"into": i["other_tag"]}),
    Visit("POST", "backlog:tag-drop"),
    Visit("POST", "backlog:tag-restore"),
    Visit("GET", "backlog:hints", query={"title": "word"}),
    Visit("GET", "backlog:item-hints"),
    Visit("GET", "backlog:history"),
    Visit("POST", "backlog:move-undo", address={"version": "moved_version"}),
    Visit("POST", "backlog:order-restore", address={"version": "earlier_version"}),
    Visit("POST", "backlog:move", lambda i: {"items": i["third_item"], "place": f"after:{i['item']}"}),
    Visit("POST", "backlog:move", lambda i: {"items": i["third_item"], "place": "after", "key": i["first_key"]}),
    Visit(
        "POST",
        "backlog:move",
        lambda i: {"items": i["second_item"], "place": f"before:{i['item']}"},
        verbs=("order.move", "order.move_technical"),
        granted=_MAREK,
    ),
    Visit("POST", "backlog:undo"),
    Visit("POST", "backlog:redo", prepare=states.undone),
    Visit("POST", "backlog:pin"),
    Visit("POST", "backlog:unpin", prepare=states.pinned),
    # items
    Visit("POST", "backlog:item-create", lambda i: {"title": "Refund twice", "type": "debt", "place": "bottom"}),
    Visit("GET", "backlog:item"),
    Visit("GET", "backlog:item-by-key"),
    Visit("GET", "backlog:item-edit", granted=_MAREK),
    Visit("POST", "backlog:item-edit", lambda i: {"title": "Other", "version": i["first_version"]}, granted=_MAREK),
    Visit(
        "POST",
        "backlog:item-classify",
        lambda i: {
            "type": "debt",
            "component": i["spare_component_id"],
            "team": i["team_id"],
            "goal": i["goal_id"],
        },
    ),
    Visit("POST", "backlog:item-estimate", lambda i: {"points": "3"}),
    Visit("POST", "backlog:item-value", lambda i: {"business_value": "8"}),
    Visit("POST", "backlog:item-debt", lambda i: {"debt_principal": "5"}, granted=_MAREK),
    Visit(
        "POST",
        "backlog:item-tag",
        lambda i: {"tags": "urgent", "further_components": i["spare_component_id"]},
    ),
    Visit("POST", "backlog:item-assign", lambda i: {"assignee": i["mia_id"]}),
    Visit("GET", "backlog:item-split", granted=_MAREK),
    Visit(
        "POST",
        "backlog:item-split",
        lambda i: {"do": "split", "title-1": "One", "title-2": "Two", "version": i["first_version"]},
        granted=_MAREK,
    ),
    Visit("POST", "backlog:item-split-back", prepare=states.split, granted=_MAREK),
    Visit("POST", "backlog:item-preview", lambda i: {"text": "**Bold**"}, is_idle=True),
    Visit("GET", "backlog:item-people"),
    Visit("GET", "backlog:item-wsjf"),
    Visit("POST", "backlog:item-restrict", lambda i: {"is_restricted": "on"}),
    Visit("POST", "backlog:item-engage", lambda i: {"engagement": "large_scale"}, granted=_MAREK),
    Visit("POST", "backlog:word-give", who="marek", granted=_MAREK, prepare=states.engaged),
    Visit("POST", "backlog:word-take-back", who="marek", granted=_MAREK, prepare=states.with_word),
    Visit("GET", "backlog:propose"),
    Visit(
        "POST",
        "backlog:propose",
        lambda i: {"title": "Ledger", "plain_lead": "Quicker", "enables": i["third_key"], "place": "bottom"},
    ),
    Visit("GET", "backlog:proposal-revise", address=_PROPOSED),
    Visit(
        "POST",
        "backlog:proposal-revise",
        lambda i: {"title": "Other", "plain_lead": "Quicker", "place": "top"},
        address=_PROPOSED,
    ),
    Visit("GET", "backlog:proposal-change", address=_PROPOSED),
    Visit(
        "POST",
        "backlog:proposal-change",
        lambda i: {"title": "Smaller", "points": "3", "place": "top", "reason": "Half of it"},
        address=_PROPOSED,
    ),
    Visit("POST", "backlog:proposal-accept", address=_PROPOSED),
    Visit("POST", "backlog:proposal-decline", lambda i: {"reason": "Not now"}, address=_PROPOSED),
    Visit("POST", "backlog:item-begin"),
    Visit("POST", "backlog:item-stop", prepare=states.first_is("in_progress")),
    Visit("POST", "backlog:item-finish", prepare=states.first_is("in_progress")),
    Visit("POST", "backlog:item-accept", prepare=states.first_is("done"), granted=_MAREK),
    Visit(
        "POST",
        "backlog:item-send-back",
        lambda i: {"reason": "Untested"},
        prepare=states.first_is("done"),
        granted=_MAREK,
    ),
    Visit("POST", "backlog:item-drop", granted=_MAREK),
    Visit("POST", "backlog:item-restore", prepare=states.first_is("dropped"), granted=_MAREK),
    Visit("POST", "backlog:criterion-add", _text, granted=_MAREK),
    Visit("POST", "backlog:criterion-edit", _text, granted=_MAREK),
    Visit("POST", "backlog:criterion-meet"),
    Visit("POST", "backlog:criterion-prove", lambda i: {"note": "Seen"}),
    Visit(
        "POST",
        "backlog:built-check",
        lambda i: {"verdict": "as_meant"},
        who="marek",
        granted=_MAREK,
        prepare=states.first_is("done"),
    ),
    Visit("POST", "backlog:criterion-unmeet", prepare=states.met),
    Visit("POST", "backlog:criterion-shift", lambda i: {"to": "down"}, prepare=states.two_criteria, granted=_MAREK),
    Visit("POST", "backlog:criterion-remove", granted=_MAREK),
    Visit("POST", "backlog:check-tick", granted=_MAREK),
    Visit("POST", "backlog:check-untick", prepare=states.ticked, granted=_MAREK),
    Visit("POST", "backlog:done-tick"),
    Visit("POST", "backlog:done-untick", prepare=states.done_ticked),
    Visit("POST", "backlog:poker-open", lambda i: {"scale": "t_shirt", "days": "2"}, prepare=states.without_round),
    Visit("POST", "backlog:poker-lay", lambda i: {"card": "5", "words": "Two banks"}),
    Visit("POST", "backlog:poker-show"),
    Visit("POST", "backlog:poker-again", prepare=states.shown),
    Visit("POST", "backlog:poker-settle", lambda i: {"points": "5"}, prepare=states.shown),
    Visit("POST", "backlog:poker-withdraw"),
    Visit("GET", "backlog:refine"),
    Visit("GET", "backlog:refine-record"),
    Visit("POST", "backlog:refine-start", lambda i: {"scale": "t_shirt"}, prepare=states.without_refinement),
    Visit("POST", "backlog:refine-join", prepare=states.left_refinement),
    Visit("POST", "backlog:refine-leave"),
    Visit("POST", "backlog:refine-stay"),
    Visit("POST", "backlog:refine-follow"),
    Visit("POST", "backlog:refine-unfollow"),
    Visit("POST", "backlog:refine-look"),
    Visit("POST", "backlog:refine-skip"),
    Visit("POST", "backlog:refine-end"),
    Visit("POST", "backlog:question-ask", lambda i: {"text": "Why?", "addressee": i["mia_id"]}),
    Visit("POST", "backlog:question-answer", lambda i: {"text": "So that"}),
    Visit("POST", "backlog:question-decide", lambda i: {"text": "So that", "title": "Keep it"}),
    Visit("POST", "backlog:question-reopen", address={"question_id": "answered_id"}),
    Visit("POST", "backlog:dependency-add", lambda i: {"key": i["third_key"], "words": "enables"}),
    Visit("POST", "backlog:dependency-add", lambda i: {"key": i["third_key"], "words": "duplicates"}),
    Visit("POST", "backlog:dependency-remove"),
    Visit("POST", "backlog:link-remove"),
    Visit("GET", "backlog:suggest"),
    Visit(
        "POST",
        "backlog:suggest",
        lambda i: {"title": "Other", "type": "story", "reason": "Clearer"},
        address=_THIRD,
        verbs=("item.suggest_text",),
        granted=frozenset({"dev"}),
        who="marek",
    ),
    Visit("POST", "backlog:suggest-move", lambda i: {"place": "bottom"}, address=_THIRD, who="marek"),
    Visit("POST", "backlog:suggestion-take", verbs=("item.edit",)),
    Visit("POST", "backlog:suggestion-decline", lambda i: {"reason": "Not now"}, verbs=("item.edit",)),
    Visit("POST", "backlog:suggestion-withdraw", who="marek", granted=_MAREK),
    Visit("POST", "backlog:comment-add", _text),
    Visit("POST", "backlog:comment-edit", _text),
    Visit("POST", "backlog:comment-remove"),
    Visit("POST", "backlog:attachment-add", lambda i: {"file": _file()}),
    Visit("GET", "backlog:attachment"),
    Visit("POST", "backlog:attachment-remove"),
    # what waits for one
    Visit("GET", "backlog:acceptance", is_own=True),
    Visit("GET", "backlog:for-you", is_own=True),
    Visit("GET", "backlog:for-you-count", is_own=True),
    Visit("POST", "backlog:notification-read", is_hers=True),
    Visit("POST", "backlog:notification-unread", is_hers=True, prepare=states.read_notification),
    Visit("POST", "backlog:notifications-read", is_own=True),
    # files
    Visit("GET", "backlog:import"),
    Visit("POST", "backlog:import", lambda i: {"file": _file(), "source": "csv"}),
    Visit("GET", "backlog:import-run"),
    Visit("POST", "backlog:import-run", lambda i: {"order": "file", "apply": "yes"}),
    Visit("POST", "backlog:import-discard"),
    Visit("GET", "backlog:import-left-out"),
    Visit("GET", "backlog:export"),
    # sprints
    Visit("GET", "sprints:active"),
    Visit("GET", "sprints:debt-share"),
    Visit("GET", "sprints:sprint-list"),
    Visit("POST", "sprints:sprint-plan", lambda i: {"starts_on": "2031-03-17", "ends_on": "2031-03-28"}),
    Visit("GET", "sprints:sprint"),
    Visit(
        "POST",
        "sprints:sprint-edit",
        lambda i: {"starts_on": "2031-03-03", "ends_on": "2031-03-14", "goal": "Refunds"},
    ),
    Visit("POST", "sprints:sprint-start"),
    Visit(
        "POST",
        "sprints:sprint-close",
        lambda i: {f"outcome-{i['second_item']}": "returned"},
        prepare=states.started,
    ),
    Visit(
        "POST",
        "sprints:sprint-close",
        lambda i: {f"outcome-{i['second_item']}": "carried_over", "into": i["next_sprint_id"]},
        prepare=states.started,
    ),
    Visit("POST", "sprints:sprint-add", lambda i: {"keys": i["third_key"]}),
    Visit("GET", "sprints:of-item"),
    Visit("POST", "sprints:sprint-suggest", lambda i: {"keys": i["third_key"], "reason": "It fits"}, who="marek"),
    Visit("POST", "sprints:sprint-remove", lambda i: {"keys": i["second_key"]}),
    Visit("POST", "sprints:sprint-add", lambda i: {"keys": i["third_key"], "out": i["second_key"]}),
    Visit("POST", "sprints:sprint-recommended", prepare=states.ready_third),
    Visit("POST", "sprints:sprint-goal", lambda i: {"keys": [i["second_key"]]}),
    Visit("POST", "sprints:absence-add", lambda i: {"user": i["mia_id"]} | _AWAY),
    Visit("POST", "sprints:absence-remove"),
    Visit("POST", "sprints:card-move", lambda i: {"keys": i["second_key"], "column": "done"}, prepare=states.started),
    Visit("POST", "sprints:columns", lambda i: _COLUMNS),
    Visit("GET", "sprints:charts"),
    Visit("POST", "sprints:inspect", prepare=states.started_with_past),
    Visit("POST", "sprints:correct", prepare=states.suggested),
    Visit("POST", "sprints:judge", lambda i: {"verdict": "raised"}, prepare=states.suggested),
    Visit("POST", "sprints:correct-undo", prepare=states.corrected),
    Visit("GET", "sprints:status"),
    Visit("POST", "sprints:note-write", lambda i: {"kind": "action", "text": "Deploy daily"}, prepare=states.started),
    Visit("GET", "sprints:calendar", is_own=True),
    Visit("POST", "sprints:calendar", is_own=True),
    Visit("POST", "sprints:calendar-withdraw", is_own=True, prepare=states.with_calendars),
    Visit("GET", "sprints:metrics"),
    Visit("POST", "sprints:status-publish", lambda i: {"text": "All is well"}),
    Visit("POST", "sprints:focus", lambda i: {"user": i["mia_id"], "percent": "50"}),
    # roadmap
    Visit("GET", "roadmap:technical"),
    Visit("GET", "roadmap:technical-table"),
    Visit("GET", "roadmap:technical-chain", query={"item": "first_key"}),
    Visit("POST", "roadmap:technical-move", lambda i: {"item": i["second_key"], "before": i["first_key"]}),
    Visit(
        "POST",
        "roadmap:technical-apply",
        verbs=("order.move", "order.move_technical"),
        granted=_MAREK,
        prepare=states.out_of_step,
    ),
    Visit("POST", "roadmap:technical-suggest", who="dev", prepare=states.out_of_step),
    Visit("GET", "roadmap:roadmap"),
    Visit("POST", "roadmap:forecast"),
    Visit("POST", "roadmap:release-create", lambda i: {"name": "3.0", "target_on": "2031-06-02"}),
    Visit("GET", "roadmap:release"),
    Visit("POST", "roadmap:release-edit", lambda i: {"name": "3.1"}),
    Visit("POST", "roadmap:release-add", lambda i: {"keys": i["third_key"]}),
    Visit("POST", "roadmap:release-remove", lambda i: {"keys": i["second_key"]}),
    Visit("POST", "roadmap:release-release"),
    Visit("POST", "roadmap:release-take-back", prepare=states.released),
    Visit("GET", "roadmap:why"),
    # nights
    Visit("GET", "nightly:nights"),
    Visit("POST", "nightly:night-run"),
    Visit("GET", "nightly:for-you", is_own=True),
    Visit("GET", "nightly:proposal"),
    Visit("GET", "nightly:proposal-link"),
    Visit("GET", "nightly:proposal-earlier"),
    Visit("POST", "nightly:proposal-decide", lambda i: {f"verdict-{i['proposed_move_id']}": "rejected"}),
    Visit("POST", "nightly:proposal-apply", lambda i: {f"verdict-{i['proposed_move_id']}": "accepted"}),
    Visit("POST", "nightly:proposal-policy", lambda i: {"classes": "repairs"}),
    Visit("GET", "nightly:health"),
    Visit("GET", "nightly:health-day"),
    Visit("GET", "nightly:operations", who="ada"),
    Visit("GET", "nightly:instance", who="root"),
]
