"""Addresses of ratings, low ratings, survey rounds and remarks on conduct."""

from django.urls import path

from campaigns.satisfaction.views import (
    conduct,
    low_ratings,
    rating_codes,
    satisfaction,
    survey_desk,
    surveys,
)

urlpatterns = [
    path("satisfaction/", satisfaction.overview, name="satisfaction"),
    path("satisfaction/download/", satisfaction.download_list, name="satisfaction_download"),
    path("satisfaction/units/<int:pk>/", satisfaction.unit_page, name="satisfaction_unit"),
    path("low-ratings/", low_ratings.case_list, name="low_ratings"),
    path("low-ratings/<int:pk>/", low_ratings.case_page, name="low_rating"),
    path("low-ratings/<int:pk>/answer/", low_ratings.answer_case, name="answer_low_rating"),
    path("low-ratings/<int:pk>/dispute/", low_ratings.dispute_case, name="dispute_low_rating"),
    path("low-ratings/<int:pk>/rule/", low_ratings.rule_case, name="rule_low_rating"),
    path("low-ratings/files/<int:pk>/", low_ratings.evidence_file, name="low_rating_file"),
    path("rating-codes/", rating_codes.codes, name="rating_codes"),
    path("rating-codes/visits/<int:pk>/", rating_codes.visit_link, name="visit_rating_link"),
    path("surveys/", surveys.round_list, name="surveys"),
    path("surveys/new/", surveys.new_round, name="new_survey"),
    path("surveys/<int:pk>/", surveys.round_page, name="survey"),
    path("surveys/<int:pk>/team/", surveys.team, name="survey_team"),
    path("surveys/<int:pk>/draw/", surveys.draw, name="draw_survey"),
    path("surveys/<int:pk>/start/", surveys.start, name="start_survey"),
    path("surveys/<int:pk>/close/", surveys.close, name="close_survey"),
    path("surveys/<int:pk>/publish/", surveys.publish, name="publish_survey"),
    path("surveys/<int:pk>/slips/", surveys.slips, name="survey_slips"),
    path("surveys/<int:pk>/results/", surveys.results, name="survey_results"),
    path("survey-desk/", survey_desk.desk, name="survey_desk"),
    path("survey-desk/<int:pk>/", survey_desk.phone_list, name="survey_list"),
    path("survey-desk/samples/<int:pk>/", survey_desk.sample_page, name="survey_sample"),
    path("survey-desk/samples/<int:pk>/phone/", survey_desk.phone, name="survey_phone"),
    path("survey-desk/samples/<int:pk>/attempt/", survey_desk.attempt, name="survey_attempt"),
    path("conduct/", conduct.remark_list, name="conduct"),
    path("conduct/<uuid:pk>/", conduct.remark_page, name="conduct_remark"),
]
