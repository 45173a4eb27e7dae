"""Pages of the app."""

from django.urls import path

from accounts.views import invitations

app_name = "accounts"

urlpatterns = [
    path("invitations/<str:token>/", invitations.open_link, name="invitation-open"),
]
