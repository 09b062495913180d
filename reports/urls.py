from django.urls import path

from reports.views import bureau, indicators, overview, statistics, tables

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
    path("tables/<int:pk>/correct/", bureau.correct, name="correct"),
    path("summary/", overview.summary, name="summary"),
    path("summary/rows/<int:row>/", overview.summary_evidence, name="summary_evidence"),
    path("summary/download/", overview.summary_download, name="summary_download"),
    path("summary/matrix/", overview.matrix, name="matrix"),
    path("summary/matrix/download/", overview.matrix_download, name="matrix_download"),
    path("weeks/", overview.weeks, name="weeks"),
    path("statistics/", statistics.page, name="statistics"),
    path("statistics/print/", statistics.printed, name="statistics_print"),
    path("statistics/records/", statistics.records, name="statistics_records"),
    path("statistics/sheets/<slug:part>/", statistics.sheet, name="statistics_sheet"),
    path("indicators/", indicators.listed, name="indicators"),
]
