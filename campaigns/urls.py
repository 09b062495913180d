from django.urls import URLPattern, path

from campaigns.views import calendar, campaigns, imports, inspections, tasks

from campaigns.rota_urls import urlpatterns as rota_pages

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    path("", campaigns.campaign_list, name="list"),
    path("new/", campaigns.new_campaign, name="new"),
    path("copy/", campaigns.copy_year, name="copy"),
    path("mine/", tasks.mine, name="mine"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/sheet/", calendar.calendar_sheet, name="calendar_sheet"),
    path("import/", imports.import_list, name="import"),
    path("import/template/", imports.template, name="import_template"),
    path("import/<int:pk>/", imports.draft, name="draft"),
    path("import/<int:pk>/discard/", imports.discard, name="discard_draft"),
    path("inspections/", inspections.inspection_list, name="inspections"),
    path("inspections/draw-up/", inspections.draw_up, name="draw_up"),
    path("inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("inspections/<int:pk>/close/", inspections.close, name="close_inspection"),
    path("inspections/<int:pk>/sheet/", inspections.sheet, name="inspection_sheet"),
    path("tasks/<int:pk>/", tasks.task, name="task"),
    path("tasks/<int:pk>/edit/", tasks.edit_task, name="edit_task"),
    path("tasks/<int:pk>/remove/", tasks.remove_task, name="remove_task"),
    path("tasks/<int:pk>/day/", tasks.set_day, name="set_day"),
    path("items/<int:pk>/day/", tasks.set_item_day, name="set_item_day"),
    path("tasks/<int:pk>/report/", tasks.report, name="report"),
    path("tasks/<int:pk>/targets/", tasks.add_target, name="add_target"),
    path("targets/<int:pk>/", tasks.target, name="target"),
    path("targets/<int:pk>/drop/", tasks.drop_target, name="drop_target"),
    path("tasks/<int:pk>/links/", tasks.add_link, name="add_link"),
    path("links/<int:pk>/remove/", tasks.remove_link, name="remove_link"),
    path("<int:pk>/", campaigns.campaign, name="campaign"),
    path("<int:pk>/edit/", campaigns.edit_campaign, name="edit"),
    path("<int:pk>/sheet/", campaigns.sheet, name="sheet"),
    path("<int:pk>/tasks/new/", tasks.new_task, name="new_task"),
from campaigns.views import financing, needs, openings, seekers

app_name = "campaigns"
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
from campaigns import survey_urls

app_name = "campaigns"
urlpatterns = [*survey_urls.urlpatterns]
from django.urls import path

from campaigns.views import commitments

app_name = "campaigns"
urlpatterns = [
    path("commitments/", commitments.commitment_list, name="commitments"),
    path("commitments/figures/", commitments.chart, name="commitment_figures"),
    path("commitments/export/", commitments.export, name="commitment_export"),
    path("commitments/new/", commitments.new, name="new_commitment"),
    path("commitments/<int:pk>/", commitments.detail, name="commitment"),
    path("commitments/<int:pk>/change/", commitments.change, name="change_commitment"),
    path("commitments/<int:pk>/course/", commitments.set_course, name="commitment_course"),
    *(
        path(f"commitments/<int:pk>/{step}/", commitments.act, {"step": step}, name=f"commitment_{step}")
        for step in ("progress", "pay", "kept", "confirm", "send_back", "broken", "withdraw", "restore")
    ),
    path("commitments/<int:pk>/publish/", commitments.publish, name="publish_commitment"),
    path("commitments/payments/<int:pk>/cancel/", commitments.cancel_payment, name="cancel_instalment"),
]
urlpatterns: list[URLPattern] = [*rota_pages]
