"""By subject: campaigns here, needs, surveys, commitments and rotas in files of their own."""

from django.urls import URLPattern, path

from campaigns.commitments import urls as commitment_urls
from campaigns.needs import urls as needs_urls
from campaigns.rotas import urls as rota_urls
from campaigns.satisfaction import urls as survey_urls
from campaigns.views import calendar, campaigns, drafts, imports, inspections, tasks

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
    path("import/<int:pk>/", drafts.draft, name="draft"),
    path("import/<int:pk>/rows/<int:place>/", drafts.correct_row, name="correct_draft_row"),
    path("import/<int:pk>/heading/", drafts.correct_heading, name="correct_draft_heading"),
    path("import/<int:pk>/discard/", drafts.discard, name="discard_draft"),
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
    path("<int:pk>/undo-import/", drafts.undo_import, name="undo_import"),
    path("<int:pk>/tasks/new/", tasks.new_task, name="new_task"),
    *needs_urls.urlpatterns,
    *survey_urls.urlpatterns,
    *commitment_urls.urlpatterns,
    *rota_urls.urlpatterns,
]
