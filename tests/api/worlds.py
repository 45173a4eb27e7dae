"""A product with one of everything, and two more that nobody of the cast may see."""

from datetime import date
from types import SimpleNamespace

from django.core.files.base import ContentFile

from accounts.models import Membership
from backlog.actions import (
    attachments,
    comments,
    components,
    criteria,
    delegations,
    dependencies,
    goals,
    importing,
    items,
    ordering,
    products,
    questions,
)
from backlog.models import Attachment, Delegation, Tag
from sprints.actions import sprints
from tests import factories


def furnish(product, *, component, team, owner, technical_owner, word="plain"):
    """One of everything, made by the product owner; `word` is in every text."""
    by = {"by": owner}
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
    proposed = items.propose(product, title=f"Proposed {word}", kind="functional", type="story", **by)
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
    lent = {
        power: delegations.grant(component, power, technical_owner, intent=f"Intent {word}", **by)
        for power in Delegation.Power.values
    }
    stakeholder = factories.MemberFactory(
        name=f"Stakeholder {word}",
        email=f"stakeholder.{product.key}@example.org".lower(),
        organization=product.organization,
    )
    products.add_stakeholder(product, stakeholder, **by)
    ordering.move(product, [third.pk], ordering.Place.top(), **by)
    sprint = sprints.plan(team, starts_on=date(2031, 3, 3), ends_on=date(2031, 3, 14), goal=f"Sprint {word}", **by)
    sprints.add(sprint, [second], **by)
    file = ContentFile(f"Title,Kind,Type\nImported {word},functional,story\n".encode(), name=f"{word}.csv")
    run = importing.upload(file, source="csv", organization=product.organization, product=product, **by)
    return SimpleNamespace(
        sprint=sprint,
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
        questions.answer(questions.ask(first, f"More {n}?", addressee=world.owner, **by), "Yes", **by)
        dependencies.add(first, more, **by)
        dependencies.link(first, more, "duplicates", **by)
        attachments.add(first, ContentFile(b"More", name="more.txt"), f"more-{n}.txt", **by)
        component = components.create(product, name=f"More {n}", parent=world.spare, **by)
        delegations.grant(component, "refine", world.marek, **by)
        goals.create(product, title=f"More {n}", **by)
        ordering.move(product, [more.pk], ordering.Place.top(), **by)
        sprints.plan(world.team, starts_on=date(2031, 4 + n, 7), ends_on=date(2031, 4 + n, 18), **by)
        file = ContentFile(b"Title\nMore\n", name="more.csv")
        importing.upload(file, source="csv", organization=product.organization, product=product, **by)
