"""Findings in words: title, hint, and the one action that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

# Item keys in an address; a longer list is the backlog itself.
_LISTED = 40


@dataclass(frozen=True)
class Wording:
    """title: with the names of `numbers`, count and items, which is the first; one: for a single item.

    bare: where the numbers would tell of items that have been restricted since; with count alone. place: where it is
    mended.
    """

    title: str
    hint: str
    action: str
    place: str = "items"
    one: str = ""
    bare: str = ""


WORDINGS = {
    "inversions": Wording(
        "{count} items stand above something they need",
        "The work would come up before what it stands on is there.",
        "Show them in the backlog",
        one="{items} stands above something it needs",
    ),
    "questions_waiting": Wording(
        "{count} items wait for an answer, the oldest for {oldest_days} days",
        "Refinement stops until somebody answers.",
        "Read the questions",
        one="{items} has waited {oldest_days} days for an answer",
        bare="{count} item{s} waiting for an answer",
    ),
    "runway_short": Wording(
        "Work for {sprints:.1f} sprints is ready; {least:.0f} is the least",
        "Refine what is next in the order.",
        "Refine the top of the backlog",
        place="backlog",
    ),
    "runway_long": Wording(
        "Work for {sprints:.1f} sprints is ready; more than {most:.0f} goes stale before it is used",
        "Refinement can rest for a while.",
        "Look at the backlog",
        place="backlog",
    ),
    "technical_share_low": Wording(
        "The sprint {sprints_ahead:.0f} from now would be {share:.0%} technical; agreed are {least:.0%} at least",
        "Move technical items up, or agree on another range.",
        "Look at the backlog",
        place="backlog",
    ),
    "technical_share_high": Wording(
        "The sprint {sprints_ahead:.0f} from now would be {share:.0%} technical; agreed are {most:.0%} at most",
        "Move functional items up, or agree on another range.",
        "Look at the backlog",
        place="backlog",
    ),
    "unestimated_near_top": Wording(
        "{count} items for the next two sprints have no estimate",
        "Nobody can plan with them yet.",
        "Estimate them",
        one="{items} is for the next two sprints and has no estimate",
    ),
    "criteria_missing_near_top": Wording(
        "{count} items for the next two sprints have no acceptance criteria",
        "Nobody can say when they are done.",
        "Write the criteria",
        one="{items} is for the next two sprints and has no acceptance criteria",
    ),
    "too_big": Wording(
        "{count} items fill more than a third of a sprint",
        "Smaller items are finished sooner and forecast better.",
        "Split them",
        one="{items} fills more than a third of a sprint",
    ),
    "stale": Wording(
        "{count} items have not been touched for 60 days",
        "Keep, refine or drop them.",
        "Go through them",
        one="{items} has not been touched for 60 days",
    ),
    "components_without_owner": Wording(
        "{count} components have no technical owner: {names}",
        "Questions about them reach nobody.",
        "Choose the owners",
        place="components",
        one="The component {names} has no technical owner",
    ),
    "proposals_waiting": Wording(
        "{count} proposed items wait for a word, the oldest for {oldest_days} days",
        "Accept or decline them; whoever proposed them is told.",
        "Decide them",
        one="{items} was proposed {oldest_days} days ago and waits for a word",
        bare="{count} proposed item{s} waiting for a word",
    ),
    "debt_interest": Wording(
        "Debt costs {points_a_week} points a week, {percent} % of what the teams deliver",
        "Paying the dearest entry back gives that work to the product.",
        "Look at the dearest",
        bare="Debt costs a noticeable part of what the teams deliver: {count} item{s} with interest",
    ),
    "debt_share_under": Wording(
        "The order ahead has {percent} % debt; {agreed} % are agreed",
        "Move debt up, or agree on another share.",
        "Look at the debt register",
        place="debt",
    ),
    "debt_share_over": Wording(
        "The order ahead has {percent} % debt; {agreed} % are agreed",
        "Move other items up, or agree on another share.",
        "Look at the debt register",
        place="debt",
    ),
    "alike": Wording(
        "{count} items say much the same as another among them, and one of each pair is new",
        "Drop one, link them as related or as duplicates, or keep both: nobody asks again after a week.",
        "Compare them",
        bare="{count} item{s} much like another",
    ),
    "sprint_overdue": Wording(
        "Sprint {sprint} of {team} should have ended {days} days ago",
        "Close it, so that velocity and forecasts stay true.",
        "Close the sprint",
        place="sprints",
    ),
    "sprint_behind": Wording(
        "Sprint {sprint} of {team} has {left:.0f} points left and {days} days to go",
        "Take something out, split it, or ask for help now.",
        "Look at the sprint",
        place="sprints",
    ),
    "needs_technical_owner": Wording(
        "{count} technical items have no technical owner",
        "A technical owner refines them and answers what the team asks.",
        "Choose an owner",
        place="components",
        one="{items} is technical and has no technical owner",
    ),
    "needs_further_technical_owner": Wording(
        "{unready_items} technical items are not ready, {waiting_questions} wait for answers: more than one can do",
        "A further technical owner would share the components.",
        "Choose an owner",
        place="components",
        bare="Technical items wait for refinement or answers, more than one person can give",
    ),
}

VERDICTS = {
    "nothing_listed": "The backlog is empty.",
    "no_velocity": "No sprint has been closed yet, so nobody knows how far the ready work reaches.",
    "ready_enough": "Work for {sprints:.1f} sprints is ready.",
    "ready_too_little": "Work for only {sprints:.1f} sprints is ready.",
    "ready_more_than_needed": "Work for {sprints:.1f} sprints is ready, more than is needed.",
}


def title(key: str, count: int, items: Sequence[str], numbers) -> str:
    """A finding in one sentence, without the full stop."""
    words = WORDINGS[key]
    text = words.one if count == 1 and words.one else words.title
    return text.format(**{**numbers, "count": count, "items": items[0] if items else ""})


def bare_title(key: str, count: int) -> str:
    """The same where an item of the finding has been restricted since; empty where the title tells nothing of it."""
    return WORDINGS[key].bare.format(count=count, s="" if count == 1 else "s")


def action_url(key: str, product_key: str, numbers: Sequence[int]) -> str:
    """Where the finding is mended: one item, the backlog with those items, or the page of the thing."""
    place = WORDINGS[key].place
    if place == "components":
        return reverse("backlog:components", args=[product_key])
    if place == "debt":
        return reverse("backlog:debt", args=[product_key])
    if place == "sprints":
        return reverse("sprints:sprint-list", args=[product_key])
    if place == "items" and len(numbers) == 1:
        return reverse("backlog:item", args=[product_key, numbers[0]])
    backlog = reverse("backlog:backlog", args=[product_key])
    if place == "items" and 1 < len(numbers) <= _LISTED:
        return f"{backlog}?filter=key:{','.join(f'{product_key}-{number}' for number in numbers)}"
    return backlog
