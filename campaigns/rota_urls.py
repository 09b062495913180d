"""Rotas and the records of windows; part of the campaigns' addresses."""

from django.urls import path

from campaigns.views import rotas, sittings, visit_sheets

urlpatterns = [
    path("sittings/", sittings.sitting_list, name="sittings"),
    path("sittings/new/", sittings.plan_sittings, name="plan_sittings"),
    path("sittings/announce/", sittings.announce_sittings, name="announce_sittings"),
    path("sittings/<int:pk>/", sittings.sitting, name="sitting"),
    path("sittings/<int:pk>/record/", sittings.record_sitting, name="record_sitting"),
    path("sittings/<int:pk>/drop/", sittings.drop_sitting, name="drop_sitting"),
    path("sittings/problems/<int:pk>/", sittings.improve, name="improve_sitting"),
    path("rotas/", rotas.rota_list, name="rotas"),
    path("rotas/mine/<str:key>.ics", rotas.duty_feed, name="duty_feed"),
    path("rotas/duties/<int:pk>/change/", rotas.change_duty, name="change_duty"),
    path("rotas/duties/<int:pk>/remove/", rotas.remove_duty, name="remove_duty"),
    path("rotas/duties/<int:pk>/substitute/", rotas.substitute, name="substitute_duty"),
    path("rotas/duties/<int:pk>/swap/", rotas.swap_duty, name="swap_duty"),
    path("rotas/duties/<int:pk>/record/", rotas.record_duty, name="record_duty"),
    path("rotas/<slug:code>/<slug:month>/", rotas.rota, name="rota"),
    path("rotas/<slug:code>/<slug:month>/print/", rotas.rota_print, name="print_rota"),
    path("rotas/<slug:code>/<slug:month>/download/", rotas.download_rota, name="download_rota"),
    path("rotas/<slug:code>/<slug:month>/plan/", rotas.plan_rota, name="plan_rota"),
    path("rotas/<slug:code>/<slug:month>/add/", rotas.add_duty, name="add_duty"),
    path("rotas/<slug:code>/<slug:month>/import/", rotas.import_rota, name="import_rota"),
    path("rotas/<slug:code>/<slug:month>/publish/", rotas.publish_rota, name="publish_rota"),
    path("visit-sheets/", visit_sheets.sheet_list, name="visit_sheets"),
    path("visit-sheets/<int:pk>/give-back/", visit_sheets.give_back, name="give_back_visit_sheet"),
    path("visit-sheets/<int:unit>/<slug:month>/", visit_sheets.visit_sheet, name="visit_sheet"),
    path(
        "visit-sheets/<int:unit>/<slug:month>/download/",
        visit_sheets.download_sheet,
        name="download_visit_sheet",
    ),
]
