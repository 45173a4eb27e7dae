"""Pages of the app."""

from django.urls import path

from nightly.views import nights, operations

app_name = "nightly"

urlpatterns = [
    path("products/<product_key>/nights/", nights.page, name="nights"),
    path("products/<product_key>/nights/run/", nights.run, name="night-run"),
    path("organizations/<organization_slug>/operations/", operations.organization, name="operations"),
    path("operations/", operations.instance, name="instance"),
]
