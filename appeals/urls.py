from django.urls import path

from appeals.views import staff

app_name = "appeals"
urlpatterns = [
    path("", staff.register_list, name="list"),
    path("desk/", staff.desk, name="desk"),
    path("queue/", staff.queue, name="queue"),
    path("register/", staff.register, name="register"),
    path("files/<int:pk>/", staff.file, name="file"),
    path("<slug:number>/", staff.detail, name="detail"),
    path("<slug:number>/slip/", staff.slip, name="slip"),
    path("<slug:number>/phone/", staff.reveal_phone, name="reveal_phone"),
    path("<slug:number>/do/<slug:transition>/", staff.act, name="act"),
]
