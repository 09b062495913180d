from django.urls import path

from appeals.views import desks, handling, provincial, registration

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
    path("<slug:number>/", handling.detail, name="detail"),
    path("<slug:number>/slip/", registration.slip, name="slip"),
    path("<slug:number>/phone/", handling.reveal_phone, name="reveal_phone"),
    path("<slug:number>/do/<slug:transition>/", handling.act, name="act"),
]
