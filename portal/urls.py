from django.urls import path

from portal.views import event_records, events, firms, public, sitting, visits, workbench

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("search/", workbench.search, name="search"),
    path("manual/", workbench.manual, name="manual"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/new/", sitting.sitting, name="sitting"),
    path("visits/photos/<int:pk>/", visits.visit_photo, name="visit_photo"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit"),
    path("visits/<int:pk>/saved/", sitting.visit_saved, name="visit_saved"),
    path("liaisons/events/", events.event_list, name="events"),
    path("liaisons/events/month/", events.event_month, name="events_month"),
    path("liaisons/events/new/", events.plan, name="plan_event"),
    path("liaisons/events/rota/", events.rota, name="event_rota"),
    path("liaisons/events/tasks/", event_records.task_list, name="event_tasks"),
    path("liaisons/events/tasks/<int:pk>/", event_records.task_detail, name="event_task"),
    path("liaisons/events/tasks/<int:pk>/change/", event_records.change_task, name="change_event_task"),
    path("liaisons/events/tasks/<int:pk>/reopen/", event_records.reopen_task, name="reopen_event_task"),
    path(
        "liaisons/events/attendances/<int:pk>/remove/",
        event_records.remove_attendance,
        name="remove_attendance",
    ),
    path("liaisons/events/<int:pk>/", events.event_detail, name="event"),
    path("liaisons/events/<int:pk>/notice/", events.event_notice, name="event_notice"),
    path("liaisons/events/<int:pk>/change/", events.change, name="change_event"),
    path("liaisons/events/<int:pk>/announce/", events.announce, name="announce_event"),
    path("liaisons/events/<int:pk>/cancel/", events.cancel, name="cancel_event"),
    path("liaisons/events/<int:pk>/duties/", events.duties, name="event_duties"),
    path("liaisons/events/<int:pk>/record/", event_records.record, name="record_event"),
    path("enterprises/<int:pk>/", firms.enterprise, name="enterprise"),
    path("enterprises/<int:pk>/phone/", firms.enterprise_phone, name="enterprise_phone"),
    path("enterprises/<int:pk>/print/", firms.enterprise_print, name="enterprise_print"),
    path("enterprises/projects/<int:pk>/", firms.project, name="project"),
    path("enterprises/projects/<int:pk>/phone/", firms.project_phone, name="project_phone"),
    path("enterprises/projects/<int:pk>/print/", firms.project_print, name="project_print"),
]
