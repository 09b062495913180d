"""A district's public pages, in one namespace: its home and letter, and the enterprise's own pages."""

from django.urls import path

from appeals.public_urls import urlpatterns as appeal_pages
from portal.views import (
    plaques,
    public,
    public_assignments,
    public_events,
    public_figures,
    public_policies,
    public_rotas,
)

app_name = "public"
urlpatterns = [
    path("", public.district_home, name="home"),
    path("letter/", public.letter, name="letter"),
    path("policies/", public_policies.policies, name="policies"),
    path("policies/<int:pk>/", public_policies.policy, name="policy"),
    path("figures/", public_figures.figures, name="figures"),
    path("news/", public_policies.news, name="news"),
    path("p/<str:token>/", plaques.firm_page, name="plaque"),
    path("p/<str:token>/visit/", plaques.ask_for_a_visit, name="plaque_visit"),
    path("p/<str:token>/change/", plaques.report_a_change, name="plaque_change"),
    path("assignments/<slug:kind>/", public_assignments.assignments, name="assignments"),
    path("rotas/", public_rotas.rotas, name="rotas"),
    path("events/", public_events.events, name="events"),
    path("events/calendar.ics", public_events.event_calendar, name="event_calendar"),
    path("events/<int:pk>/", public_events.event, name="event"),
    path("events/<int:pk>.ics", public_events.event_file, name="event_file"),
    *appeal_pages,
]
