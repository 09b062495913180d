from django.urls import path

from appeals.views import batch, desks, handling, phrases, registration, saved

app_name = "appeals"
urlpatterns = [
    path("", desks.register_list, name="list"),
    path("desk/", desks.desk, name="desk"),
    path("queue/", desks.queue, name="queue"),
    path("desk/dispatch/", batch.batch_dispatch, name="batch_dispatch"),
    path("filters/", saved.filters, name="filters"),
    path("filters/<int:pk>/rename/", saved.rename, name="rename_filter"),
    path("filters/<int:pk>/delete/", saved.delete, name="delete_filter"),
    path("phrases/", phrases.phrases, name="phrases"),
    path("phrases/new/", phrases.new_phrase, name="new_phrase"),
    path("phrases/<int:pk>/", phrases.edit_phrase, name="edit_phrase"),
    path("register/", registration.register, name="register"),
    path("register/alike/", registration.alike, name="alike"),
    path("files/<int:pk>/", handling.file, name="file"),
    path("<slug:number>/", handling.detail, name="detail"),
    path("<slug:number>/slip/", registration.slip, name="slip"),
    path("<slug:number>/phone/", handling.reveal_phone, name="reveal_phone"),
    path("<slug:number>/do/<slug:transition>/", handling.act, name="act"),
]
