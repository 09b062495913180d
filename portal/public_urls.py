"""A district's public pages, in one namespace: its home and letter, and the enterprise's own pages."""

from django.urls import path

from appeals.public_urls import urlpatterns as appeal_pages
from portal.views import (
    needs,
    plaques,
    public,
    public_assignments,
    public_commitments,
    public_events,
    public_figures,
    public_policies,
    public_rotas,
    ratings,
)

app_name = "public"
urlpatterns = [
    path("", public.district_home, name="home"),
    path("letter/", public.letter, name="letter"),
    path("flow/", public.flow, name="flow"),
    path("policies/", public_policies.policies, name="policies"),
    path("policies/<int:pk>/", public_policies.policy, name="policy"),
    path("lists/<str:token>/", public_policies.policy_list, name="policy_list"),
    path("commitments/", public_commitments.commitments, name="commitments"),
    path("figures/", public_figures.figures, name="figures"),
    path("news/", public_policies.news, name="news"),
    path("p/<str:token>/", plaques.firm_page, name="plaque"),
    path("p/<str:token>/policies/", plaques.firm_policies, name="plaque_policies"),
    path("p/<str:token>/visit/", plaques.ask_for_a_visit, name="plaque_visit"),
    path("p/<str:token>/change/", plaques.report_a_change, name="plaque_change"),
    path("p/<str:token>/opening/", needs.report_an_opening, name="plaque_opening"),
    path("p/<str:token>/financing/", needs.report_a_financing_need, name="plaque_financing"),
    path("jobs/", needs.jobs, name="jobs"),
    path("p/<str:token>/rate/", ratings.rate_at_plaque, name="plaque_rate"),
    path("rate/<str:token>/", ratings.rate_by_link, name="rate"),
    path("survey/<str:token>/", ratings.survey, name="survey"),
    path("survey/open/<str:token>/", ratings.survey_open, name="survey_open"),
    path("events/<int:pk>/rate/", ratings.rate_event, name="event_rate"),
    path("assignments/<slug:kind>/", public_assignments.assignments, name="assignments"),
    path("rotas/", public_rotas.rotas, name="rotas"),
    path("events/", public_events.events, name="events"),
    path("events/calendar.ics", public_events.event_calendar, name="event_calendar"),
    path("events/<int:pk>/", public_events.event, name="event"),
    path("events/<int:pk>.ics", public_events.event_file, name="event_file"),
    *appeal_pages,
]
