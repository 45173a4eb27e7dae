"""Routes of the app in the REST API."""

from django.urls import path

from backlog.api.attachments import Attachments
from backlog.api.comments import Comments
from backlog.api.components import Components
from backlog.api.criteria import BuiltChecks, Criteria
from backlog.api.debt import DebtRegister, Debts
from backlog.api.decisions import DecisionFiles, Decisions, DecisionUploads
from backlog.api.delegations import Delegations
from backlog.api.dependencies import Dependencies, Links
from backlog.api.done_checks import DoneChecks
from backlog.api.engagement import EngagementOfItem
from backlog.api.events import Events
from backlog.api.filters import Filters, FilterWords
from backlog.api.goals import Goals
from backlog.api.hints import Hints
from backlog.api.history import History
from backlog.api.imports import Exports, Imports, Uploads
from backlog.api.items import AllItems, Items
from backlog.api.life_cycle import LifeCycle
from backlog.api.lists import Feed, Search
from backlog.api.many_items import ManyItems
from backlog.api.moves import Moves, Pins
from backlog.api.notifications import Notifications
from backlog.api.poker import Rounds
from backlog.api.product_people import Ownership, ProductTeams, Stakeholders
from backlog.api.products import Agreement, Products
from backlog.api.proposals import Proposals
from backlog.api.questions import Questions
from backlog.api.readiness import Readiness
from backlog.api.refinements import Refinements
from backlog.api.saved_views import SavedViews
from backlog.api.splits import Splits
from backlog.api.suggestions import ItemSuggestions, Suggestions
from backlog.api.tags import GoneTags, Tags

PRODUCT = "products/<str:key>"
ITEM = f"{PRODUCT}/items/<int:number>"
COMPONENT = f"{PRODUCT}/components/<int:component_id>"
GOAL = f"{PRODUCT}/goals/<int:goal_id>"
DELEGATION = f"{PRODUCT}/delegations/<int:delegation_id>"
DECISION = f"{PRODUCT}/decisions/<int:decision_id>"
TAG = f"{PRODUCT}/tags/<int:tag_id>"
IMPORT = f"{PRODUCT}/imports/<int:import_id>"
SUGGESTION = f"{PRODUCT}/suggestions/<int:suggestion_id>"
CRITERION = f"{ITEM}/criteria/<int:criterion_id>"
REFINEMENT = f"{PRODUCT}/refinements/<int:refinement_id>"
ROUND = f"{ITEM}/estimate-rounds/<int:round_id>"
QUESTION = f"{ITEM}/questions/<int:question_id>"

_products = [
    path("products", Products.as_view({"get": "list", "post": "create"}), name="product-list"),
    path(PRODUCT, Products.as_view({"get": "retrieve", "patch": "update"}), name="product-detail"),
    path(f"{PRODUCT}/rename-key", Products.as_view({"post": "rename_key"}), name="product-rename-key"),
    path(f"{PRODUCT}/archive", Products.as_view({"post": "archive"}), name="product-archive"),
    path(f"{PRODUCT}/restore", Products.as_view({"post": "restore"}), name="product-restore"),
    path(f"{PRODUCT}/agreement", Agreement.as_view({"get": "retrieve", "patch": "update"}), name="product-agreement"),
    path(f"{PRODUCT}/events", Events.as_view({"get": "of_product"}), name="product-events"),
    path(f"{PRODUCT}/owner", Ownership.as_view({"post": "appoint"}), name="product-owner"),
    path(f"{PRODUCT}/hand-over", Ownership.as_view({"post": "offer", "delete": "withdraw"}), name="hand-over"),
    path(f"{PRODUCT}/hand-over/accept", Ownership.as_view({"post": "accept"}), name="hand-over-accept"),
    path(f"{PRODUCT}/stakeholders", Stakeholders.as_view({"get": "list", "post": "create"}), name="stakeholder-list"),
    path(
        f"{PRODUCT}/stakeholders/<int:person_id>",
        Stakeholders.as_view({"delete": "destroy"}),
        name="stakeholder-detail",
    ),
    path(f"{PRODUCT}/teams", ProductTeams.as_view({"get": "list", "post": "create"}), name="product-team-list"),
    path(f"{PRODUCT}/teams/<int:team_id>", ProductTeams.as_view({"delete": "destroy"}), name="product-team-detail"),
    path(f"{PRODUCT}/goals", Goals.as_view({"get": "list", "post": "create"}), name="goal-list"),
    path(f"{PRODUCT}/goals/order", Goals.as_view({"put": "reorder"}), name="goal-order"),
    path(GOAL, Goals.as_view({"patch": "update"}), name="goal-detail"),
    path(f"{GOAL}/close", Goals.as_view({"post": "close"}), name="goal-close"),
    path(f"{GOAL}/reopen", Goals.as_view({"post": "reopen"}), name="goal-reopen"),
    path(f"{PRODUCT}/components", Components.as_view({"get": "list", "post": "create"}), name="component-list"),
    path(COMPONENT, Components.as_view({"get": "retrieve", "patch": "update"}), name="component-detail"),
    path(f"{COMPONENT}/archive", Components.as_view({"post": "archive"}), name="component-archive"),
    path(f"{COMPONENT}/restore", Components.as_view({"post": "restore"}), name="component-restore"),
    path(f"{COMPONENT}/owners", Components.as_view({"post": "add_owner"}), name="component-owner-list"),
    path(
        f"{COMPONENT}/owners/<int:person_id>",
        Components.as_view({"delete": "remove_owner"}),
        name="component-owner-detail",
    ),
    path(f"{PRODUCT}/delegations", Delegations.as_view({"get": "list", "post": "grant"}), name="delegation-list"),
    path(f"{DELEGATION}/extend", Delegations.as_view({"post": "extend"}), name="delegation-extend"),
    path(f"{DELEGATION}/revoke", Delegations.as_view({"post": "revoke"}), name="delegation-revoke"),
    path(f"{DELEGATION}/confirm", Delegations.as_view({"post": "confirm"}), name="delegation-confirm"),
    path(f"{DELEGATION}/revert", Delegations.as_view({"post": "revert"}), name="delegation-revert"),
    path(f"{PRODUCT}/debt", Debts.as_view({"get": "list"}), name="debt-list"),
    path(f"{PRODUCT}/debt/register", DebtRegister.as_view({"get": "retrieve"}), name="debt-register"),
    path(f"{ITEM}/debt", Debts.as_view({"get": "retrieve", "patch": "update"}), name="debt-entry"),
    path(f"{PRODUCT}/decisions", Decisions.as_view({"get": "list", "post": "create"}), name="decision-list"),
    path(f"{PRODUCT}/decisions/import", DecisionUploads.as_view({"post": "create"}), name="decision-import"),
    path(f"{PRODUCT}/decisions/export", DecisionFiles.as_view({"get": "list"}), name="decision-export"),
    path(DECISION, Decisions.as_view({"get": "retrieve", "patch": "update"}), name="decision-detail"),
    path(f"{DECISION}/file", DecisionFiles.as_view({"get": "retrieve"}), name="decision-file"),
    path(f"{DECISION}/accept", Decisions.as_view({"post": "accept"}), name="decision-accept"),
    path(f"{DECISION}/reject", Decisions.as_view({"post": "reject"}), name="decision-reject"),
    path(f"{DECISION}/deprecate", Decisions.as_view({"post": "deprecate"}), name="decision-deprecate"),
    path(f"{DECISION}/supersede", Decisions.as_view({"post": "supersede"}), name="decision-supersede"),
    path(f"{DECISION}/reopen", Decisions.as_view({"post": "reopen"}), name="decision-reopen"),
    path(f"{PRODUCT}/imports", Uploads.as_view({"get": "list", "post": "create"}), name="import-list"),
    path(
        IMPORT,
        Imports.as_view({"get": "retrieve", "patch": "update", "delete": "destroy"}),
        name="import-detail",
    ),
    path(f"{IMPORT}/preview", Imports.as_view({"get": "preview"}), name="import-preview"),
    path(f"{IMPORT}/apply", Imports.as_view({"post": "apply"}), name="import-apply"),
    path(f"{PRODUCT}/export", Exports.as_view({"get": "retrieve"}), name="export"),
    path(f"{PRODUCT}/tags", Tags.as_view({"get": "list"}), name="tag-list"),
    path(TAG, Tags.as_view({"patch": "update", "delete": "destroy"}), name="tag-detail"),
    path(f"{PRODUCT}/gone-tags", GoneTags.as_view({"get": "list"}), name="gone-tag-list"),
    path(f"{PRODUCT}/gone-tags/<int:gone_tag_id>/restore", GoneTags.as_view({"post": "restore"}), name="tag-restore"),
    path(f"{PRODUCT}/saved-views", SavedViews.as_view({"get": "list", "post": "create"}), name="saved-view-list"),
    path(
        f"{PRODUCT}/saved-views/<int:view_id>",
        SavedViews.as_view({"patch": "update", "delete": "destroy"}),
        name="saved-view-detail",
    ),
    path(f"{TAG}/merge", Tags.as_view({"post": "merge"}), name="tag-merge"),
]

_order = [
    path(f"{PRODUCT}/feed", Feed.as_view({"get": "retrieve"}), name="feed"),
    path(f"{PRODUCT}/history", History.as_view({"get": "steps"}), name="history"),
    path(f"{PRODUCT}/difference", History.as_view({"get": "difference"}), name="difference"),
    path(f"{PRODUCT}/moves", Moves.as_view({"get": "list", "post": "create"}), name="move-list"),
    path(f"{PRODUCT}/moves/undo", Moves.as_view({"post": "undo"}), name="move-undo"),
    path(f"{PRODUCT}/moves/redo", Moves.as_view({"post": "redo"}), name="move-redo"),
    path(f"{PRODUCT}/moves/<int:version>/undo", Moves.as_view({"post": "undo_version"}), name="move-undo-version"),
    path(f"{PRODUCT}/moves/<int:version>/restore", Moves.as_view({"post": "restore"}), name="move-restore"),
    path(f"{PRODUCT}/technical-order", Moves.as_view({"post": "permute_technical"}), name="technical-order"),
    path(f"{ITEM}/pin", Pins.as_view({"put": "pin", "delete": "unpin"}), name="item-pin"),
]

_notifications = [
    path("questions", Questions.as_view({"get": "list_own"}), name="question-queue"),
    path("notifications", Notifications.as_view({"get": "list"}), name="notification-list"),
    path("notifications/read", Notifications.as_view({"post": "read_all"}), name="notifications-read"),
    path(
        "notifications/<int:notification_id>/read",
        Notifications.as_view({"put": "read", "delete": "unread"}),
        name="notification-read",
    ),
]

_items = [
    path(f"{PRODUCT}/items", Items.as_view({"get": "backlog", "post": "create"}), name="item-list"),
    path(f"{PRODUCT}/items/many", ManyItems.as_view({"post": "create"}), name="item-create-many"),
    path(f"{PRODUCT}/items/drop", ManyItems.as_view({"post": "drop"}), name="item-drop-many"),
    path(f"{PRODUCT}/items/restore", ManyItems.as_view({"post": "restore"}), name="item-restore-many"),
    path(f"{PRODUCT}/proposals/many", ManyItems.as_view({"post": "propose"}), name="item-propose-many"),
    path(f"{PRODUCT}/items/changes", ManyItems.as_view({"post": "change"}), name="item-change-many"),
    path(f"{PRODUCT}/all-items", AllItems.as_view({"get": "list"}), name="item-list-all"),
    path(f"{PRODUCT}/filter", Filters.as_view({"get": "matches"}), name="filter"),
    path(f"{PRODUCT}/filter-words", FilterWords.as_view({"get": "retrieve"}), name="filter-words"),
    path(f"{PRODUCT}/hints", Hints.as_view({"get": "retrieve"}), name="item-hints"),
    path(f"{PRODUCT}/search", Search.as_view({"get": "find"}), name="item-search"),
    path(f"{PRODUCT}/proposals", Items.as_view({"post": "propose"}), name="item-propose"),
    path(ITEM, Items.as_view({"get": "retrieve", "patch": "update"}), name="item-detail"),
    *(
        path(
            f"{ITEM}/{step.replace('_', '-')}", LifeCycle.as_view({"post": step}), name=f"item-{step.replace('_', '-')}"
        )
        for step in (
            "accept_proposal",
            "decline",
            "begin",
            "stop",
            "finish",
            "accept",
            "send_back",
            "drop",
            "restore",
        )
    ),
    path(
        f"{ITEM}/readiness/<slug:check_key>",
        Readiness.as_view({"put": "tick", "delete": "untick"}),
        name="readiness-check",
    ),
    path(f"{ITEM}/done", DoneChecks.as_view({"get": "list"}), name="done-check-list"),
    path(f"{ITEM}/done/<slug:check_key>", DoneChecks.as_view({"put": "tick", "delete": "untick"}), name="done-check"),
    path(f"{ITEM}/criteria", Criteria.as_view({"get": "list", "post": "create"}), name="criterion-list"),
    path(f"{ITEM}/criteria/order", Criteria.as_view({"put": "reorder"}), name="criterion-order"),
    path(CRITERION, Criteria.as_view({"patch": "update", "delete": "destroy"}), name="criterion-detail"),
    path(f"{CRITERION}/evidence", Criteria.as_view({"post": "prove"}), name="criterion-evidence"),
    path(f"{ITEM}/engagement", EngagementOfItem.as_view({"get": "retrieve"}), name="engagement"),
    path(
        f"{ITEM}/engagement/<slug:stage>",
        EngagementOfItem.as_view({"put": "give", "delete": "take_back"}),
        name="engagement-word",
    ),
    path(f"{ITEM}/built-check", BuiltChecks.as_view({"put": "say"}), name="built-check"),
    path(f"{CRITERION}/met", Criteria.as_view({"put": "meet", "delete": "unmeet"}), name="criterion-met"),
    path(f"{ITEM}/dependencies", Dependencies.as_view({"get": "list", "post": "create"}), name="dependency-list"),
    path(
        f"{ITEM}/dependencies/<int:dependency_id>",
        Dependencies.as_view({"delete": "destroy"}),
        name="dependency-detail",
    ),
    path(f"{ITEM}/links", Links.as_view({"get": "list", "post": "create"}), name="link-list"),
    path(f"{ITEM}/links/<int:link_id>", Links.as_view({"delete": "destroy"}), name="link-detail"),
    path(f"{PRODUCT}/refinements", Refinements.as_view({"get": "list", "post": "create"}), name="refinement-list"),
    path(REFINEMENT, Refinements.as_view({"get": "retrieve"}), name="refinement-detail"),
    path(f"{REFINEMENT}/seat", Refinements.as_view({"put": "join", "delete": "leave"}), name="refinement-seat"),
    path(f"{REFINEMENT}/item", Refinements.as_view({"put": "look"}), name="refinement-item"),
    path(f"{REFINEMENT}/end", Refinements.as_view({"post": "end"}), name="refinement-end"),
    path(f"{ITEM}/estimate-rounds", Rounds.as_view({"get": "list", "post": "create"}), name="round-list"),
    path(ROUND, Rounds.as_view({"get": "retrieve", "delete": "destroy"}), name="round-detail"),
    path(f"{ROUND}/card", Rounds.as_view({"put": "lay"}), name="round-card"),
    path(f"{ROUND}/show", Rounds.as_view({"post": "show"}), name="round-show"),
    path(f"{ROUND}/again", Rounds.as_view({"post": "again"}), name="round-again"),
    path(f"{ROUND}/settle", Rounds.as_view({"post": "settle"}), name="round-settle"),
    path(f"{ITEM}/questions", Questions.as_view({"get": "list", "post": "create"}), name="question-list"),
    path(f"{QUESTION}/answer", Questions.as_view({"post": "answer"}), name="question-answer"),
    path(f"{QUESTION}/decide", Questions.as_view({"post": "decide"}), name="question-decide"),
    path(f"{QUESTION}/reopen", Questions.as_view({"post": "reopen"}), name="question-reopen"),
    path(
        f"{ITEM}/suggestions",
        ItemSuggestions.as_view({"get": "list", "post": "create"}),
        name="item-suggestion-list",
    ),
    path(f"{PRODUCT}/suggestions", Suggestions.as_view({"get": "list"}), name="suggestion-list"),
    path(f"{SUGGESTION}/take", Suggestions.as_view({"post": "take"}), name="suggestion-take"),
    path(f"{SUGGESTION}/decline", Suggestions.as_view({"post": "decline"}), name="suggestion-decline"),
    path(f"{SUGGESTION}/withdraw", Suggestions.as_view({"post": "withdraw"}), name="suggestion-withdraw"),
    path(f"{ITEM}/comments", Comments.as_view({"get": "list", "post": "create"}), name="comment-list"),
    path(
        f"{ITEM}/comments/<int:comment_id>",
        Comments.as_view({"patch": "update", "delete": "destroy"}),
        name="comment-detail",
    ),
    path(f"{ITEM}/attachments", Attachments.as_view({"get": "list", "post": "create"}), name="attachment-list"),
    path(
        f"{ITEM}/attachments/<int:attachment_id>",
        Attachments.as_view({"get": "retrieve", "delete": "destroy"}),
        name="attachment-detail",
    ),
    path(f"{ITEM}/proposal", Proposals.as_view({"get": "retrieve", "put": "revise"}), name="item-proposal"),
    path(f"{ITEM}/split", Splits.as_view({"post": "create", "delete": "destroy"}), name="item-split"),
    path(f"{ITEM}/events", Events.as_view({"get": "of_item"}), name="item-events"),
]

urlpatterns = [*_products, *_order, *_notifications, *_items]
