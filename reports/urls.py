from django.urls import path

from reports.views import bureau, cases, document_templates, documents, tables

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
    path("cases/<int:pk>/download/", cases.download, name="case_download"),
    path("cases/<int:pk>/<slug:action>/", cases.act, name="case_act"),
    path("documents/", documents.register, name="documents"),
    path("documents/download/", documents.register_download, name="documents_download"),
    path("documents/templates/", document_templates.index, name="document_templates"),
    path("documents/templates/<slug:kind>/", document_templates.edit, name="document_template"),
    path("documents/letters/<int:pk>/", documents.make_of_letter, name="document_of_letter"),
    path("documents/new/<str:number>/<slug:kind>/", documents.make, name="document_new"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("documents/<int:pk>/download/", documents.document_download, name="document_download"),
    path("documents/<int:pk>/withdraw/", documents.withdraw, name="document_withdraw"),
]
