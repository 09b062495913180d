from django.urls import path

from appeals.views import desks, handling, registration, supervision

app_name = "appeals"
urlpatterns = [
    path("", desks.register_list, name="list"),
    path("desk/", desks.desk, name="desk"),
    path("queue/", desks.queue, name="queue"),
    path("supervision/", supervision.supervision, name="supervision"),
    path("supervision/visits/", supervision.supervise_visits, name="supervise_visits"),
    path("letters/<int:pk>/", supervision.letter, name="letter"),
    path("letters/<int:pk>/answer/", supervision.answer, name="answer_letter"),
    path("letters/<int:pk>/set-aside/", supervision.set_letter_aside, name="set_letter_aside"),
    path("register/", registration.register, name="register"),
    path("files/<int:pk>/", handling.file, name="file"),
    path("<slug:number>/", handling.detail, name="detail"),
    path("<slug:number>/slip/", registration.slip, name="slip"),
    path("<slug:number>/phone/", handling.reveal_phone, name="reveal_phone"),
    path("<slug:number>/do/<slug:transition>/", handling.act, name="act"),
]
