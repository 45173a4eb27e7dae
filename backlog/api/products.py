"""Products: what exists, and the working agreement of each."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Organization, User
from backlog.actions import products
from backlog.api.lookups import product_of, visible_product, visible_products
from backlog.api.references import Chosen, PersonReference, TeamReference
from backlog.models import Product, ProductRole
from core.rest import KeysetPage, SparseFields, idempotent, require_version, with_version
from core.rest.views import ApiViewSet


class OrganizationReference(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductSerializer(SparseFields, serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    organization = OrganizationReference()
    product_owner = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="What If-Match names.")
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(PersonReference(allow_null=True))
    def get_product_owner(self, product):
        owners = [role.user for role in product.roles.all() if role.role == ProductRole.Role.PRODUCT_OWNER]
        return PersonReference(owners[0]).data if owners else None

    @extend_schema_field(TeamReference(many=True))
    def get_teams(self, product):
        return TeamReference([link.team for link in product.team_links.all()], many=True).data


class Check(serializers.Serializer):
    key = serializers.CharField(max_length=40)
    label = serializers.CharField(max_length=200)
    rule = serializers.CharField(required=False, allow_null=True, max_length=40, help_text="Absent: ticked by hand.")


class Checklists(serializers.Serializer):
    """One list of checks a kind of item; an absent one means the usual."""

    functional = Check(many=True, required=False)
    technical = Check(many=True, required=False)
    spike = Check(many=True, required=False)


class AgreementSerializer(serializers.Serializer):
    """What the product owner and the teams have agreed on."""

    technical_share_min = serializers.IntegerField(help_text="Percent of points.")
    technical_share_max = serializers.IntegerField(help_text="Percent of points.")
    debt_share = serializers.IntegerField(
        allow_null=True, help_text="Percent of points for repaying debt; null: nothing is agreed."
    )
    definition_of_ready = Checklists()
    definition_of_done = Checklists()
    sprint_length_days = serializers.IntegerField()
    largest_ready_points = serializers.IntegerField()
    value_point_in_currency = serializers.FloatField(allow_null=True)
    currency = serializers.CharField()
    hours_per_point = serializers.FloatField(allow_null=True)
    version = serializers.IntegerField(help_text="The product's: what If-Match names.")


class AgreementChanges(serializers.Serializer):
    """Only what is sent is changed."""

    technical_share_min = serializers.IntegerField(min_value=0, max_value=100, required=False)
    technical_share_max = serializers.IntegerField(min_value=0, max_value=100, required=False)
    debt_share = serializers.IntegerField(
        min_value=0, max_value=100, required=False, allow_null=True, help_text="At most technical_share_max."
    )
    definition_of_ready = Checklists(required=False)
    definition_of_done = Checklists(required=False)
    sprint_length_days = serializers.IntegerField(min_value=1, max_value=60, required=False)
    largest_ready_points = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    value_point_in_currency = serializers.DecimalField(
        max_digits=12, decimal_places=2, coerce_to_string=False, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False)
    hours_per_point = serializers.DecimalField(
        max_digits=6, decimal_places=2, coerce_to_string=False, required=False, allow_null=True
    )


def members(context):
    request = context["request"]
    organizations = Organization.objects.visible_to(request.user).filter(slug=str(request.data.get("organization")))
    return User.objects.filter(memberships__organization__in=organizations, memberships__deactivated_at=None)


class ProductInput(serializers.Serializer):
    organization = serializers.SlugField(max_length=60, help_text="The slug of an organization that you administer.")
    key = serializers.CharField(max_length=10, help_text="Two to ten capital letters or digits, first a letter.")
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    owner = Chosen(members, required=False, allow_null=True, help_text="The id of the product owner; may come later.")


class ProductChanges(serializers.Serializer):
    """Only what is sent is changed."""

    name = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)


class KeyInput(serializers.Serializer):
    key = serializers.CharField(max_length=10)


class Products(ApiViewSet):
    tag = "products"
    versioned_methods = ("PATCH",)
    pagination_class = KeysetPage
    page_order = ("key",)

    @extend_schema(responses=ProductSerializer(many=True))
    def list(self, request):
        """List the products that you may see, by key."""
        page = self.paginate_queryset(_whole(visible_products(request)))
        return self.get_paginated_response(ProductSerializer(page, many=True, context={"request": request}).data)

    @extend_schema(request=ProductInput, responses={201: ProductSerializer})
    @idempotent
    def create(self, request):
        """Create a product, as an admin of its organization."""
        serializer = ProductInput(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        organization = get_object_or_404(Organization.objects.visible_to(request.user), slug=values.pop("organization"))
        return self._answer(products.create(organization, by=request.user, **values), status=201)

    @extend_schema(responses=ProductSerializer)
    def retrieve(self, request, key):
        """Show a product."""
        return self._answer(product_of(request, key))

    @extend_schema(request=ProductChanges, responses=ProductSerializer)
    def update(self, request, key):
        """Rename or describe a product."""
        product, values = visible_product(request, key), self._read(ProductChanges)
        version = require_version(request, product)
        return self._answer(products.edit(product, by=request.user, version=version, **values))

    @extend_schema(request=KeyInput, responses=ProductSerializer)
    @idempotent
    def rename_key(self, request, key):
        """Give a product another key; the old one keeps leading to it."""
        product, values = visible_product(request, key), self._read(KeyInput)
        return self._answer(products.rename_key(product, by=request.user, **values))

    @extend_schema(request=None, responses=ProductSerializer)
    @idempotent
    def archive(self, request, key):
        """Take a product out of use; nothing in it is lost."""
        return self._answer(products.archive(visible_product(request, key), by=request.user))

    @extend_schema(request=None, responses=ProductSerializer)
    @idempotent
    def restore(self, request, key):
        """Take an archived product into use again."""
        return self._answer(products.restore(visible_product(request, key), by=request.user))

    def _read(self, serializer_class):
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _answer(self, product, status=200):
        product = _whole(Product.objects.filter(pk=product.pk)).get()
        data = ProductSerializer(product, context={"request": self.request}).data
        return with_version(Response(data, status=status), product)


class Agreement(ApiViewSet):
    tag = "products"
    versioned_methods = ("PATCH",)

    @extend_schema(operation_id="products_agreement", responses=AgreementSerializer)
    def retrieve(self, request, key):
        """Show the working agreement of a product."""
        product = product_of(request, key)
        return with_version(Response(AgreementSerializer(product).data), product)

    @extend_schema(operation_id="products_agree", request=AgreementChanges, responses=AgreementSerializer)
    def update(self, request, key):
        """Change the working agreement of a product."""
        product = visible_product(request, key)
        serializer = AgreementChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        version = require_version(request, product)
        product = products.edit(product, by=request.user, version=version, **serializer.validated_data)
        return with_version(Response(AgreementSerializer(product).data), product)


def _whole(queryset):
    return queryset.select_related("organization").prefetch_related("roles__user", "team_links__team")
