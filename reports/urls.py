from django.urls import path

from reports.views import bulletins, bureau, tables

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
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/new/", bulletins.new, name="new_bulletin"),
    path("bulletins/<int:pk>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<int:pk>/print/", bulletins.print_view, name="bulletin_print"),
    path("bulletins/<int:pk>/figure/", bulletins.figure, name="bulletin_figure"),
    path("bulletins/<int:pk>/title/", bulletins.title, name="bulletin_title"),
    path("bulletins/<int:pk>/sections/<slug:code>/", bulletins.section, name="bulletin_section"),
    path("bulletins/<int:pk>/refresh/", bulletins.refresh, name="refresh_bulletin"),
    path("bulletins/<int:pk>/submit/", bulletins.submit, name="submit_bulletin"),
    path("bulletins/<int:pk>/send-back/", bulletins.send_back, name="send_back_bulletin"),
    path("bulletins/<int:pk>/approve/", bulletins.approve, name="approve_bulletin"),
    path("bulletins/<int:pk>/send/", bulletins.send, name="send_bulletin"),
    path("bulletins/<int:pk>/withdraw/", bulletins.withdraw, name="withdraw_bulletin"),
    path("bulletins/<int:pk>/correct/", bulletins.correct, name="correct_bulletin"),
    path("bulletins/<int:pk>/read/", bulletins.mark_read, name="read_bulletin"),
]
