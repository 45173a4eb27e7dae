"""Pages of the app."""

from django.urls import include, path

from roadmap.views import components, printing, releases, roadmap, technical, why

app_name = "roadmap"

_roadmap = [
    path("", roadmap.page, name="roadmap"),
    path("forecast/", roadmap.forecast, name="forecast"),
    path("releases/", releases.create, name="release-create"),
    path("releases/<int:release_id>/", releases.page, name="release"),
    path("releases/<int:release_id>/edit/", releases.edit, name="release-edit"),
    path("releases/<int:release_id>/add/", releases.add, name="release-add"),
    path("releases/<int:release_id>/remove/", releases.remove, name="release-remove"),
    path("releases/<int:release_id>/release/", releases.release, name="release-release"),
    path("releases/<int:release_id>/take-back/", releases.take_back, name="release-take-back"),
]

_technical = [
    path("", technical.page, name="technical"),
    path("table/", technical.table, name="technical-table"),
    path("chain/", technical.chain, name="technical-chain"),
    path("move/", technical.move, name="technical-move"),
    path("apply/", technical.apply, name="technical-apply"),
    path("suggest/", technical.suggest, name="technical-suggest"),
]

urlpatterns = [
    path("products/<product_key>/technical/", include(_technical)),
    path("products/<product_key>/roadmap/", include(_roadmap)),
    path("products/<product_key>/print/", printing.page, name="print"),
    path("products/<product_key>/components/<int:component_id>/dates/", components.dates, name="component-dates"),
    path("products/<product_key>/items/<int:number>/why/", why.fragment, name="why"),
]
