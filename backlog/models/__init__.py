"""Rows of the product backlog."""

from backlog.models.acceptance import BuiltCheck, DoneTick, Evidence
from backlog.models.components import Component, ComponentOwner, Delegation
from backlog.models.debt import DebtEntry
from backlog.models.decisions import (
    Decision,
    DecisionComponent,
    DecisionItem,
    DecisionPerson,
    DecisionQuestion,
)
from backlog.models.dependencies import Dependency, ItemLink
from backlog.models.discussion import Attachment, Comment, CommentMention, Question
from backlog.models.engagement import EngagementWord
from backlog.models.goals import Goal
from backlog.models.imports import ImportRun
from backlog.models.items import AcceptanceCriterion, Item, ItemComponent, ReadinessTick, SourceKey
from backlog.models.learning import LearnedChoices
from backlog.models.levels import Engagement
from backlog.models.notifications import Notification
from backlog.models.order import Move, OrderedList, OrderEntry
from backlog.models.products import HandOver, ItemCounter, Product, ProductRole, ProductTeam, RetiredProductKey
from backlog.models.proposals import Proposal
from backlog.models.refinement import PokerCard, PokerRound, RefinedItem, Refinement, RefinementPerson
from backlog.models.saved_views import SavedView
from backlog.models.suggestions import Suggestion
from backlog.models.tags import GoneTag, ItemTag, Tag
from backlog.models.technical_order import TechnicalEntry, TechnicalOrder

__all__ = [
    "AcceptanceCriterion",
    "Attachment",
    "BuiltCheck",
    "Comment",
    "CommentMention",
    "Component",
    "ComponentOwner",
    "DebtEntry",
    "Decision",
    "DecisionComponent",
    "DecisionItem",
    "DecisionPerson",
    "DecisionQuestion",
    "Delegation",
    "Dependency",
    "DoneTick",
    "Engagement",
    "EngagementWord",
    "Evidence",
    "Goal",
    "GoneTag",
    "HandOver",
    "ImportRun",
    "Item",
    "ItemComponent",
    "ItemCounter",
    "ItemLink",
    "ItemTag",
    "LearnedChoices",
    "Move",
    "Notification",
    "OrderEntry",
    "OrderedList",
    "PokerCard",
    "PokerRound",
    "Product",
    "ProductRole",
    "ProductTeam",
    "Proposal",
    "Question",
    "ReadinessTick",
    "RefinedItem",
    "Refinement",
    "RefinementPerson",
    "RetiredProductKey",
    "SavedView",
    "SourceKey",
    "Suggestion",
    "Tag",
    "TechnicalEntry",
    "TechnicalOrder",
]
