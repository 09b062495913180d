from django.urls import path

from enterprises.views import changes, directory, merging, titles, versions, yearly

app_name = "enterprises"

urlpatterns = [
    path("", directory.enterprises, name="list"),
    path("projects/", directory.projects, name="projects"),
    path("versions/", versions.versions, name="versions"),
    path("lookup/", directory.lookup, name="lookup"),
    path("new/", directory.new_enterprise, name="new"),
    path("<int:pk>/edit/", directory.edit_enterprise, name="edit"),
    path("projects/new/", directory.new_project, name="new_project"),
    path("projects/<int:pk>/edit/", directory.edit_project, name="edit_project"),
    path("changes/", changes.change_report_list, name="change_reports"),
    path("changes/<int:pk>/", changes.change_report, name="change_report"),
    path("<int:pk>/changes/new/", changes.report_change, name="report_change"),
    path("projects/<int:pk>/changes/new/", changes.report_project_change, name="report_project_change"),
    path("merge/", merging.merge_firms, name="merge"),
    path("<int:pk>/titles/", titles.titles, name="titles"),
    path("<int:pk>/years/", yearly.years, name="yearly"),
    path("<int:pk>/years/new/", yearly.new_year, name="new_year"),
    path("<int:pk>/years/<int:year>/", yearly.change_year, name="change_year"),
]
