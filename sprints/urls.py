"""Pages of the app."""

from django.urls import path

from sprints.views import sprints

app_name = "sprints"

urlpatterns = [
    path("products/<product_key>/sprints/active/", sprints.active, name="active"),
]
