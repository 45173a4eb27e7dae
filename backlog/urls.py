"""Pages of the app."""

from django.urls import path

from backlog.views import attachments

app_name = "backlog"

urlpatterns = [
    path("attachments/<int:attachment_id>/", attachments.download, name="attachment"),
]
