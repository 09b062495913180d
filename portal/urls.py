from django.urls import path

from portal.views import firms, public, sitting, visits, workbench

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("search/", workbench.search, name="search"),
    path("manual/", workbench.manual, name="manual"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/new/", sitting.sitting, name="sitting"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit"),
    path("visits/<int:pk>/saved/", sitting.visit_saved, name="visit_saved"),
    path("enterprises/<int:pk>/", firms.enterprise, name="enterprise"),
    path("enterprises/<int:pk>/phone/", firms.enterprise_phone, name="enterprise_phone"),
    path("enterprises/projects/<int:pk>/", firms.project, name="project"),
    path("enterprises/projects/<int:pk>/phone/", firms.project_phone, name="project_phone"),
]
