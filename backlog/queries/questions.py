"""Questions that wait: for one person, and whom each of them waits for."""

from collections import defaultdict
from collections.abc import Sequence

from accounts.models import User
from backlog.models import ComponentOwner, Item, ProductRole, Question


def questions_for(user):
    """Open questions that this person may answer and should, the longest waiting first."""
    readable = Item.objects.readable_by(user).values("pk")
    return Question.objects.for_person(user).filter(item__in=readable).order_by("asked_at", "pk")


def who_may_answer(questions: Sequence[Question]) -> dict[int, list[User]]:
    """Whom each of these questions waits for, by its id, in two statements.

    The addressee; of a question to anybody the technical owners of the item's component, else the product owner.
    """
    owners = defaultdict(list)
    components = {question.item.component_id for question in questions} - {None}
    for owner in ComponentOwner.objects.filter(component__in=components).select_related("user").order_by("user"):
        owners[owner.component_id].append(owner.user)
    products = {question.product_id for question in questions}
    roles = ProductRole.objects.filter(product__in=products, role=ProductRole.Role.PRODUCT_OWNER)
    product_owner = {role.product_id: [role.user] for role in roles.select_related("user")}
    return {
        question.pk: [question.addressee]
        if question.addressee
        else owners.get(question.item.component_id) or product_owner.get(question.product_id, [])
        for question in questions
    }
