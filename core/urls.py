"""Routes of the mechanics."""

urlpatterns = []
