"""An enterprise's own pages. ``config.urls`` puts the district before them: an address may stand on brass."""

from django.urls import path

from appeals.views import answer_links, public

urlpatterns = [
    path("submit/", public.submit, name="submit"),
    path("slip/<slug:number>/", public.slip, name="slip"),
    path("track/", public.track, name="track"),
    path("track/<slug:number>/", public.appeal, name="appeal"),
    path("track/<slug:number>/<slug:transition>/", public.act, name="act"),
    path("answer/<str:token>/", answer_links.open_link, name="answer_link"),
    path("files/<int:pk>/", public.file, name="file"),
]
