"""Pages of the app."""

from django.urls import path

from backlog.views import attachments, imports

app_name = "backlog"

urlpatterns = [
    path("attachments/<int:attachment_id>/", attachments.download, name="attachment"),
    path("products/<product_key>/import/", imports.new, name="import"),
    path("products/<product_key>/import/<int:run_id>/", imports.run, name="import-run"),
    path("products/<product_key>/import/<int:run_id>/discard/", imports.discard, name="import-discard"),
    path("products/<product_key>/import/<int:run_id>/not-carried-over.csv", imports.left_out, name="import-left-out"),
    path("products/<product_key>/export/", imports.export, name="export"),
]
