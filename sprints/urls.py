"""Pages of the app."""

app_name = "sprints"

urlpatterns = []
