"""Routes. Each one has an entry in config/permissions.yml, or a system check fails."""

from django.urls import include, path

from accounts.views.sign_in import SignIn

urlpatterns = [
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("backlog.urls")),
    path("", include("sprints.urls")),
    path("", include("roadmap.urls")),
    path("", include("nightly.urls")),
    # Before allauth's, whose name and address it takes.
    path("accounts/login/", SignIn.as_view(), name="account_login"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("config.api")),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.permission_denied"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
