"""Personal API tokens and what people change about themselves."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import profile, tokens
from accounts.models import ApiToken
from core.errors import InvalidInput
from core.models import Event
from tests import factories


def test_a_token_is_shown_once_and_kept_as_a_hash(dev, recorded):
    new = tokens.create(dev, by=dev, name="CI", scopes=["item:write", "backlog:read", "item:write"])

    assert new.secret.startswith("upn_")
    assert len(new.secret) >= 4 + 43
    assert new.token.scopes == ["backlog:read", "item:write"]
    assert new.secret not in str(list(ApiToken.objects.values())) + str(list(Event.objects.values()))
    assert ApiToken.objects.get(token_hash=ApiToken.hash(new.secret)) == new.token
    assert timedelta(days=89) < new.token.expires_at - timezone.now() <= timedelta(days=90)
    assert recorded(new.token) == ["token.created"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["item:write", ""]}, "scopes"),
    ],
)
def test_a_token_lasts_a_year_at_most_and_has_known_scopes(dev, wrong, field):
    with pytest.raises(InvalidInput) as refusal:
        tokens.create(dev, by=dev, **{"name": "CI", "scopes": ["item:write"]} | wrong)

    assert refusal.value.field == field
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_once(dev, recorded):
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token

    tokens.revoke(token, by=dev)

    with pytest.raises(tokens.AlreadyRevoked):
        tokens.revoke(token, by=dev)
    assert recorded(token) == ["token.created", "token.revoked"]


def test_tokens_and_profile_are_one_s_own_affair(dev, ada):
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token

    for act in (
        lambda: tokens.create(dev, by=ada, name="CI", scopes=["item:write"]),
        lambda: tokens.revoke(token, by=ada),
        lambda: profile.edit(dev, by=ada, name="Dave"),
        lambda: profile.end_sessions(dev, by=ada),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_profile_takes_its_three_fields_only(dev, recorded):
    profile.edit(dev, by=dev, name="Dev P.", theme="dark", has_shortcuts=False, is_superuser=True)

    dev.refresh_from_db()
    assert (dev.name, dev.theme, dev.has_shortcuts, dev.is_superuser) == ("Dev P.", "dark", False, False)
    assert recorded(dev) == ["profile.edited"]


def test_ending_the_sessions_changes_what_django_compares(dev, recorded):
    before = dev.get_session_auth_hash()

    after = profile.end_sessions(dev, by=dev).get_session_auth_hash()

    assert after != before
    assert recorded(dev) == ["profile.sessions_ended"]


def test_a_token_may_be_limited_to_products_that_one_sees(dev, payments, recorded):
    token = tokens.create(dev, by=dev, name="CI", scopes=["item:write"], product_ids=[payments.pk]).token

    assert token.product_ids == [payments.pk]
    assert Event.objects.get(name="token.created").data["products"] == [payments.pk]


def test_a_token_without_a_limit_holds_for_later_products_too(dev):
    assert tokens.create(dev, by=dev, name="CI", scopes=["item:write"]).token.product_ids is None


@pytest.mark.parametrize("which", ["none", "foreign", "missing"])
def test_a_token_is_not_limited_to_products_that_one_does_not_see(dev, payments, eve, which):
    foreign = factories.ProductFactory()
    product_ids = {"none": [], "foreign": [payments.pk, foreign.pk], "missing": [2_000_000_000]}[which]

    with pytest.raises(InvalidInput) as refusal:
        tokens.create(dev, by=dev, name="CI", scopes=["item:write"], product_ids=product_ids)

    assert refusal.value.field == "product_ids"
    assert not ApiToken.objects.exists()
