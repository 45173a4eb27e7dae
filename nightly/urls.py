"""Pages of the app."""

from django.urls import path

from nightly.views import nights, operations, proposals, reports

app_name = "nightly"

urlpatterns = [
    path("products/<product_key>/nights/", nights.page, name="nights"),
    path("products/<product_key>/nights/run/", nights.run, name="night-run"),
    path("for-you/proposals/", proposals.for_you, name="for-you"),
    path("products/<product_key>/proposal/", proposals.page, name="proposal"),
    path("products/<product_key>/proposal/link/", proposals.link, name="proposal-link"),
    path("products/<product_key>/proposal/policy/", proposals.policy, name="proposal-policy"),
    path("products/<product_key>/proposals/<date:on>/", proposals.earlier, name="proposal-earlier"),
    path("products/<product_key>/proposals/<date:on>/decide/", proposals.decide, name="proposal-decide"),
    path("products/<product_key>/proposals/<date:on>/apply/", proposals.apply, name="proposal-apply"),
    path("products/<product_key>/health/", reports.latest, name="health"),
    path("products/<product_key>/health/<date:on>/", reports.of_day, name="health-day"),
    path("organizations/<organization_slug>/operations/", operations.organization, name="operations"),
    path("operations/", operations.instance, name="instance"),
]
