"""Pages of the app."""

app_name = "accounts"

urlpatterns = []
