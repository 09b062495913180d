from django.urls import URLPattern, path

from campaigns.needs.views import financing, openings, seekers
from campaigns.needs.views import lists as needs

urlpatterns: list[URLPattern] = [
    # 需求清单
    path("needs/", needs.needs, name="needs"),
    path("needs/confirm/<slug:kind>/", needs.confirm_list, name="confirm_list"),
    path("needs/preview/", needs.preview, name="needs_preview"),
    path("needs/published/<int:pk>/", needs.published, name="published_needs"),
    path("needs/published/<int:pk>/sheet/", needs.published_sheet, name="published_sheet"),
    path("needs/openings/", openings.opening_list, name="openings"),
    path("needs/openings/new/", openings.new_opening, name="new_opening"),
    path("needs/openings/<int:pk>/", openings.opening, name="opening"),
    path("needs/openings/<int:pk>/edit/", openings.edit_opening, name="edit_opening"),
    path("needs/openings/<int:pk>/phone/", openings.opening_phone, name="opening_phone"),
    path("needs/openings/<int:pk>/place/", openings.place, name="place"),
    path("needs/openings/<int:pk>/recommend/", openings.recommend, name="recommend"),
    path("needs/openings/<int:pk>/do/<slug:step>/", openings.opening_act, name="opening_act"),
    path("needs/placements/<int:pk>/cancel/", openings.cancel_placement, name="cancel_placement"),
    path("needs/recommendations/<int:pk>/", openings.advance, name="recommendation"),
    path("needs/seekers/", seekers.seeker_list, name="seekers"),
    path("needs/seekers/new/", seekers.new_seeker, name="new_seeker"),
    path("needs/seekers/<int:pk>/", seekers.seeker, name="seeker"),
    path("needs/seekers/<int:pk>/edit/", seekers.edit_seeker, name="edit_seeker"),
    path("needs/seekers/<int:pk>/phone/", seekers.seeker_phone, name="seeker_phone"),
    path("needs/seekers/<int:pk>/state/", seekers.seeker_state, name="seeker_state"),
    path("needs/seekers/<int:pk>/erase/", seekers.erase, name="erase_seeker"),
    path("needs/financing/", financing.financing_list, name="financing"),
    path("needs/financing/new/", financing.new_need, name="new_financing_need"),
    path("needs/financing/rounds/<int:pk>/", financing.financing_round, name="round"),
    path("needs/financing/rounds/<int:pk>/close/", financing.close_round, name="close_round"),
    path("needs/financing/<int:pk>/", financing.need, name="financing_need"),
    path("needs/financing/<int:pk>/edit/", financing.edit_need, name="edit_financing_need"),
    path("needs/financing/<int:pk>/phone/", financing.need_phone, name="financing_phone"),
    path("needs/financing/<int:pk>/dispatch/", financing.dispatch_need, name="dispatch_need"),
    path("needs/financing/<int:pk>/do/<slug:step>/", financing.need_act, name="financing_act"),
    path("needs/dispatches/<int:pk>/answer/", financing.answer, name="answer_dispatch"),
]
