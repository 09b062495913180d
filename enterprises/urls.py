from django.urls import path

from enterprises.views import directory, imports

app_name = "enterprises"

urlpatterns = [
    path("", directory.enterprises, name="list"),
    path("projects/", directory.projects, name="projects"),
    path("lookup/", directory.lookup, name="lookup"),
    path("new/", directory.new_enterprise, name="new"),
    path("<int:pk>/edit/", directory.edit_enterprise, name="edit"),
    path("projects/new/", directory.new_project, name="new_project"),
    path("projects/<int:pk>/edit/", directory.edit_project, name="edit_project"),
    path("imports/", imports.imports, name="imports"),
    path("imports/template/<slug:kind>/", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.roster_import, name="import"),
    path("imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/rejects/", imports.rejects, name="import_rejects"),
]
