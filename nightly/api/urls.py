"""Routes of the app in the REST API."""

urlpatterns = []
