"""Pages of the app."""

app_name = "nightly"

urlpatterns = []
