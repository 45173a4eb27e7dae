"""A product with one of everything, and two more that nobody of the cast may see."""

from datetime import date, timedelta
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions import invitations, tokens
from accounts.models import Membership
from backlog.actions import (
    attachments,
    comments,
    components,
    criteria,
    decisions,
    delegations,
    dependencies,
    goals,
    importing,
    items,
    ordering,
    poker,
    products,
    questions,
    refinements,
    saved_views,
    suggestions,
    tags,
)
from backlog.actions import proposals as cases
from backlog.models import Attachment, Delegation, Item, Move, Notification, Product, Tag
from nightly.actions import nights, proposals, reports
from nightly.models import ProposedMove
from roadmap.actions import forecasts, releases
from sprints.actions import sprints
from sprints.models import Absence, Inspection
from tests import factories

# A check of the usual Definition of Ready that people tick for technical items.
CHECK = "roll_back"
# In every text of what nobody of the cast may see.
CANARY = "canary"
# Names among the ids that mean something only in the world they come from.
SWAPPED = (
    *("key", "number", "item", "second_item", "third_item", "proposed_number", "component_id", "spare_component_id"),
    *("goal_id", "second_goal_id", "delegation_id", "tag_id", "other_tag_id", "criterion_id", "dependency_id"),
    *("link_id", "question_id", "answered_id", "comment_id", "attachment_id", "person_id", "team_id", "user_id"),
    *("notification_id", "suggestion_id"),
    *("mia_id", "marek_id", "organization", "sprint_id", "item_id", "import_id"),
    *("first_key", "second_key", "third_key", "invitation_id", "token_id", "next_sprint_id"),
    *("needs_second", "view_id", "gone_tag_id", "other_tag"),
    *("decision_id", "decision_number", "successor_id"),
    *("release_id", "absence_id", "inspection_id", "refinement_id", "round_id"),
)
MISSING = dict.fromkeys(SWAPPED, 2_000_000_000) | {
    "key": "NOWHERE",
    "organization": "nowhere",
    **dict.fromkeys(("first_key", "second_key", "third_key"), "NOWHERE-1"),
    "needs_second": "needs:NOWHERE-1",
    "other_tag": "nowhere",
}
# A person or a team of the whole organization may be named in each of its products.
SHARED_BY_PRODUCTS = {"person_id", "user_id", "mia_id", "marek_id", "team_id", "organization", "invitation_id"}
# Numbers count in every product: those of this one stand for others of its items.
COUNTED = {"number", "proposed_number", "decision_number"}


def furnish(product, *, component, team, owner, technical_owner, word="sepia"):
    """One of everything, made by the product owner; `word` is in every text."""
    by = {"by": owner}
    done = {"technical": [{"key": CHECK, "label": f"Deployed {word}"}]}
    product = products.edit(product, definition_of_done=done, **by)
    goal = goals.create(product, title=f"Goal {word}", is_product_goal=True, **by)
    second_goal = goals.create(product, title=f"Second goal {word}", **by)
    spare = components.create(product, name=f"Spare {word}", **by)

    def item(title, kind="technical", type="debt", **values):
        return items.create(
            product, title=f"{title} {word}", kind=kind, type=type, description=f"Description {word}", **by, **values
        )

    first = item(
        "First",
        component=component,
        further_components=[spare],
        tags=[f"tag-{word}"],
        criteria=[f"Criterion {word}"],
        team=team,
    )
    second = item("Second", component=component, tags=[f"other-{word}"])
    third = item("Third", kind="functional", type="story")
    proposed = cases.propose(
        product,
        case={"why_now": f"Now {word}"},
        enables=[third],
        title=f"Proposed {word}",
        kind="functional",
        type="story",
        **by,
    )
    dependency = dependencies.add(first, second, **by)
    link = dependencies.link(first, third, "relates", **by)
    question = questions.ask(first, f"Question {word}?", **by)
    answered = questions.ask(first, f"Answered question {word}?", **by)
    questions.answer(answered, f"Answer {word}", **by)
    comment = comments.add(first, f"Comment {word}", **by)
    attachment = Attachment.objects.create(
        product=product,
        item=first,
        name=f"{word}.txt",
        content_type="text/plain",
        size=len(word),
        file=ContentFile(f"File {word}".encode(), name="file"),
        **by,
    )
    refinement = refinements.start(product, item=third, **by)
    played = poker.open_round(first, **by)
    poker.lay(played, "3", words=f"Words {word}", **by)
    notification = Notification.objects.create(
        user=owner, product=product, item=first, kind="mentioned", by=technical_owner, comment=comment
    )
    suggestion = suggestions.suggest_edit(third, by=technical_owner, reason=f"Why {word}", title=f"Suggested {word}")
    lent = {
        power: delegations.grant(component, power, technical_owner, intent=f"Intent {word}", **by)
        for power in Delegation.Power.values
    }
    decision = decisions.propose(
        product,
        title=f"Decision {word}",
        context=f"Context {word}",
        plain_summary=f"Plain {word}",
        options=[{"title": f"Option {word}", "good": [f"Good {word}"]}],
        chosen=f"Option {word}",
        deciders=[owner, f"Guest {word}"],
        items=[first],
        components=[component],
        questions=[answered],
        **by,
    )
    successor = decisions.propose(product, title=f"Successor {word}", plain_summary=f"Plain {word}", **by)
    stakeholder = factories.MemberFactory(
        name=f"Stakeholder {word}",
        email=f"stakeholder.{product.key}@example.org".lower(),
        organization=product.organization,
    )
    products.add_stakeholder(product, stakeholder, **by)
    ordering.move(product, [third.pk], ordering.Place.top(), **by)
    sprint = sprints.plan(team, starts_on=date(2031, 3, 3), ends_on=date(2031, 3, 14), goal=f"Sprint {word}", **by)
    sprints.add(sprint, [second], **by)
    next_sprint = sprints.plan(team, starts_on=date(2031, 5, 5), ends_on=date(2031, 5, 16), goal=f"Next {word}", **by)
    inspection = Inspection.objects.create(
        organization=product.organization,
        sprint=sprint,
        on=date(2031, 3, 4),
        goal_percent=40,
        scope_percent=30,
        start_percent=90,
        is_low=True,
        is_alert=False,
        causes=[f"Cause {word}"],
        suggestion={"kind": "drop", "item": second.pk, "into": None, "percent": 80},
    )
    absence = Absence.objects.create(
        organization=product.organization,
        team=team,
        user=owner,
        starts_on=date(2031, 3, 3),
        ends_on=date(2031, 3, 4),
        created_by=owner,
    )
    forecasts.record(product, on=product.organization.today(), **by)
    release = releases.create(product, name=f"Release {word}", **by)
    releases.add(release, [second], **by)
    night = nights.ask(product, date(2031, 3, 1), **by)
    proposal = proposals.prepare(product, on=date(2031, 3, 1), **by)
    proposed_move = ProposedMove.objects.create(
        proposal=proposal,
        position=1,
        item=first,
        anchor=third,
        bundle=[first.pk],
        direction="earlier",
        from_position=2,
        to_position=1,
        gain=1,
        share=0.1,
        robustness=1,
        reason_key="needs_first",
        numbers={"lever": third.pk, "lever_points": 1, "lever_saving": 1, "weight": 1, "size": 1},
        inputs=[],
    )
    reports.write(product, date(2031, 3, 1), by=factories.UserFactory(is_service=True))
    invitation = invitations.invite(product.organization, email=f"invited.{product.key}@{word}.example", **by)
    token = tokens.create(owner, name=f"Token {word}", scopes=["backlog:read"], **by).token
    file = ContentFile(f"Title,Kind,Type\nImported {word},functional,story\n".encode(), name=f"{word}.csv")
    run = importing.upload(file, source="csv", organization=product.organization, product=product, **by)
    view = saved_views.save(product, name=f"View {word}", filter="kind:technical", is_shared=True, **by)
    gone_tag = tags.drop(Tag.objects.create(product=product, name=f"gone-{word}"), **by)
    return SimpleNamespace(
        view=view,
        gone_tag=gone_tag,
        decision=decision,
        successor=successor,
        sprint=sprint,
        absence=absence,
        inspection=inspection,
        next_sprint=next_sprint,
        release=release,
        invitation=invitation,
        night=night,
        proposed_move=proposed_move,
        token=token,
        run=run,
        product=product,
        owner=owner,
        component=component,
        spare=spare,
        team=team,
        goal=goal,
        second_goal=second_goal,
        first=first,
        second=second,
        third=third,
        proposed=proposed,
        dependency=dependency,
        link=link,
        question=question,
        answered=answered,
        comment=comment,
        attachment=attachment,
        notification=notification,
        suggestion=suggestion,
        refinement=refinement,
        played=played,
        delegation=lent["order"],
        tag=Tag.objects.get(product=product, name=f"tag-{word}"),
        other_tag=Tag.objects.get(product=product, name=f"other-{word}"),
        criterion=first.criteria.get(),
        stakeholder=stakeholder,
    )


def elsewhere(organization, *, key, word):
    """A furnished product of this organization, with a product owner, a team and a component of its own."""
    product = factories.ProductFactory(organization=organization, key=key, name=f"Product {word}")
    owner = factories.MemberFactory(name=f"Owner {word}", email=f"owner.{key}@example.org", organization=organization)
    factories.ProductRoleFactory(product=product, user=owner, role="product_owner")
    technical_owner = factories.MemberFactory(
        name=f"Technical owner {word}", email=f"technical.owner.{key}@example.org", organization=organization
    )
    component = factories.ComponentFactory(product=product, name=f"Component {word}")
    factories.ComponentOwnerFactory(component=component, user=technical_owner)
    team = factories.TeamFactory(organization=organization, name=f"Team {word}")
    factories.ProductTeamFactory(product=product, team=team)
    return furnish(product, component=component, team=team, owner=owner, technical_owner=technical_owner, word=word)


def leave(user):
    """The person has left the organization; what they were in its teams and products is still written down."""
    membership = Membership.objects.get(user=user)
    membership.deactivated_at, membership.deactivated_by = membership.created_at, user
    membership.save(update_fields=["deactivated_at", "deactivated_by"])


def enlarge(world):
    """Two more of whatever the lists of the product and of its first item show."""
    product, first, by = world.product, world.first, {"by": world.owner}
    for n in range(2):
        more = items.create(
            product,
            title=f"More {n}",
            kind="technical",
            type="debt",
            component=world.spare,
            further_components=[world.component],
            tags=[f"more-{n}"],
            parent=world.third,
            **by,
        )
        criteria.add(first, f"More {n}", **by)
        comments.add(first, f"More {n}", **by)
        suggestions.suggest_edit(first, by=world.mia, title=f"More {n}", reason=f"More {n}")
        suggestions.suggest_edit(first, by=world.marek, component=world.spare)
        questions.answer(questions.ask(first, f"More {n}?", addressee=world.owner, **by), "Yes", **by)
        dependencies.add(first, more, **by)
        dependencies.link(first, more, "duplicates", **by)
        attachments.add(first, ContentFile(b"More", name="more.txt"), f"more-{n}.txt", **by)
        component = components.create(product, name=f"More {n}", parent=world.spare, **by)
        delegations.grant(component, "refine", world.marek, **by)
        goals.create(product, title=f"More {n}", **by)
        decisions.propose(
            product,
            title=f"More {n}",
            plain_summary="More",
            deciders=[world.owner],
            informed=[world.owner],
            items=[first, more],
            components=[world.component, component],
            questions=[world.question],
            **by,
        )
        ordering.move(product, [more.pk], ordering.Place.top(), **by)
        saved_views.save(product, name=f"More {n}", filter="kind:functional", **by)
        tags.drop(Tag.objects.create(product=product, name=f"gone-{n}"), **by)
        sprints.plan(world.team, starts_on=date(2031, 4 + n, 7), ends_on=date(2031, 4 + n, 18), **by)
        releases.add(world.release, [more], **by)
        releases.add(releases.create(product, name=f"More {n}", **by), [more], **by)
        file = ContentFile(b"Title\nMore\n", name="more.csv")
        importing.upload(file, source="csv", organization=product.organization, product=product, **by)


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
        "notification_id": world.notification.pk,
        "suggestion_id": world.suggestion.pk,
        "person_id": world.stakeholder.pk,
        "team_id": world.team.pk,
        "user_id": world.mia.pk,
        "sprint_id": world.sprint.pk,
        "item_id": world.second.pk,
        "import_id": world.run.pk,
        "mia_id": world.mia.pk,
        "marek_id": world.marek.pk,
        "first_key": world.first.key,
        "second_key": world.second.key,
        "third_key": world.third.key,
        "view_id": world.view.pk,
        "gone_tag_id": world.gone_tag.pk,
        "decision_id": world.decision.pk,
        "decision_number": world.decision.number,
        "successor_id": world.successor.pk,
        "other_tag": world.other_tag.name,
        "needs_second": f"needs:{world.second.key}",
        "next_sprint_id": world.next_sprint.pk,
        "absence_id": world.absence.pk,
        "inspection_id": world.inspection.pk,
        "release_id": world.release.pk,
        "refinement_id": world.refinement.pk,
        "round_id": world.played.pk,
        "invitation_id": world.invitation.pk,
        "proposed_move_id": world.proposed_move.pk,
        "on": world.night.on.isoformat(),
        "token_id": world.token.pk,
        "version": 1,
        "first_version": Item.objects.values_list("version", flat=True).get(pk=world.first.pk),
        "product_version": Product.objects.values_list("version", flat=True).get(pk=world.product.pk),
        "moved_version": moved.version,
        "earlier_version": moved.version - 1,
        "word": "sepia",
        "soon": (timezone.now() + timedelta(days=100)).isoformat(),
        "check_key": CHECK,
        "stage": "planning",
        "organization": world.product.organization.slug,
    }


def strange_ids(organization):
    """Ids of a sibling product of the same organization, of one of another organization, and of nothing."""
    sibling = elsewhere(organization, key="LED", word=f"{CANARY}-led")
    foreign = elsewhere(factories.OrganizationFactory(name=f"Org {CANARY}"), key="EVE", word=f"{CANARY}-eve")
    for other in (sibling, foreign):
        stranger = factories.MemberFactory(
            name=CANARY, email=f"{other.product.key}@example.org", organization=other.product.organization
        )
        other.mia = other.marek = stranger
    return {"missing": MISSING, "sibling": ids_of(sibling), "foreign": ids_of(foreign)}
