from django.urls import path

from appeals.views import answer_links, desks, handling, refusals, registration, revisits

app_name = "appeals"
urlpatterns = [
    path("", desks.register_list, name="list"),
    path("desk/", desks.desk, name="desk"),
    path("queue/", desks.queue, name="queue"),
    path("revisits/", revisits.call_list, name="revisits"),
    path("refusals/", refusals.refusals, name="refusals"),
    path("register/", registration.register, name="register"),
    path("files/<int:pk>/", handling.file, name="file"),
    path("<slug:number>/", handling.detail, name="detail"),
    path("<slug:number>/slip/", registration.slip, name="slip"),
    path("<slug:number>/phone/", handling.reveal_phone, name="reveal_phone"),
    path("<slug:number>/revisit/<slug:transition>/", revisits.record, name="record_revisit"),
    path("<slug:number>/answer-link/", answer_links.create, name="answer_link"),
    path("<slug:number>/do/<slug:transition>/", handling.act, name="act"),
]
