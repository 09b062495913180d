from django.urls import path

from imports import views

app_name = "imports"
urlpatterns = [
    path("<slug:kind>/", views.import_list, name="list"),
    path("<slug:kind>/template/", views.template, name="template"),
    path("<int:pk>/sheet/", views.sheet_import, name="import"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/rejects/", views.rejects, name="rejects"),
]
