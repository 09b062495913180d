"""A district's public pages, in one namespace: its home and letter, and the enterprise's own pages."""

from django.urls import path

from appeals.public_urls import urlpatterns as appeal_pages
from portal.views import public

app_name = "public"
urlpatterns = [
    path("", public.district_home, name="home"),
    path("letter/", public.letter, name="letter"),
    *appeal_pages,
]
