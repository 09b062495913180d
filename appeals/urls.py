from django.urls import path

from appeals.views import backlog, desks, handling, provincial, registration

app_name = "appeals"
urlpatterns = [
    path("", desks.register_list, name="list"),
    path("desk/", desks.desk, name="desk"),
    path("queue/", desks.queue, name="queue"),
    path("register/", registration.register, name="register"),
    path("provincial/", provincial.number_list, name="provincial"),
    path("provincial/export/", provincial.export, name="provincial_export"),
    path("provincial/<slug:number>/", provincial.enter, name="provincial_number"),
    path("files/<int:pk>/", handling.file, name="file"),
    path("backlog/", backlog.item_list, name="backlog"),
    path("backlog/chart/", backlog.chart, name="backlog_chart"),
    path("backlog/export/", backlog.export, name="backlog_export"),
    path("backlog/new/", backlog.new, name="backlog_new"),
    path("backlog/candidates/", backlog.candidates, name="backlog_candidates"),
    path("backlog/<int:pk>/", backlog.detail, name="backlog_item"),
    path("backlog/<int:pk>/change/", backlog.change, name="backlog_change"),
    path("backlog/<int:pk>/course/", backlog.set_course, name="backlog_course"),
    path("backlog/<int:pk>/progress/", backlog.add_progress, name="backlog_progress"),
    path("backlog/<int:pk>/report/", backlog.report, name="backlog_report"),
    path("backlog/<int:pk>/confirm/", backlog.confirm, name="backlog_confirm"),
    path("backlog/<int:pk>/send-back/", backlog.send_back, name="backlog_send_back"),
    path("backlog/<int:pk>/remove/", backlog.remove, name="backlog_remove"),
    path("backlog/<int:pk>/restore/", backlog.restore, name="backlog_restore"),
    path("<slug:number>/", handling.detail, name="detail"),
    path("<slug:number>/slip/", registration.slip, name="slip"),
    path("<slug:number>/phone/", handling.reveal_phone, name="reveal_phone"),
    path("<slug:number>/do/<slug:transition>/", handling.act, name="act"),
]
