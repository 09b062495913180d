from django.urls import path

from reports.views import bureau, cases, tables

app_name = "reports"

urlpatterns = [
    path("", tables.index, name="index"),
    path("tables/", bureau.week, name="week"),
    path("tables/mine/", tables.mine, name="mine"),
    path("tables/<int:pk>/", tables.table, name="table"),
    path("tables/<int:pk>/rows/<int:row>/", tables.evidence, name="evidence"),
    path("tables/<int:pk>/rows/<int:row>/entry/", tables.entry, name="entry"),
    path("tables/<int:pk>/checks/<slug:name>/", tables.check, name="check"),
    path("tables/<int:pk>/submit/", tables.submit, name="submit"),
    path("tables/<int:pk>/download/", tables.download, name="download"),
    path("tables/<int:pk>/accept/", bureau.accept, name="accept"),
    path("tables/<int:pk>/send-back/", bureau.send_back, name="send_back"),
    path("summary/", bureau.summary, name="summary"),
    path("summary/rows/<int:row>/", bureau.summary_evidence, name="summary_evidence"),
    path("summary/download/", bureau.summary_download, name="summary_download"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/candidates/", cases.candidates, name="case_candidates"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/print/", cases.print_case, name="case_print"),
    path("cases/<int:pk>/<slug:action>/", cases.act, name="case_act"),
]
