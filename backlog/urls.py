"""Pages of the app."""

app_name = "backlog"

urlpatterns = []
