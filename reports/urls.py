from django.urls import path

from reports.views import bureau, document_templates, documents, exports, overview, tables

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
    path("summary/export/", exports.export_tables, name="export_tables"),
    path("exports/", exports.export_list, name="exports"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/file/", exports.export_file, name="export_file"),
    path("weeks/", overview.weeks, name="weeks"),
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
