from django.urls import path

from liaisons import views

app_name = "liaisons"
urlpatterns = [
    path("", views.assignment_list, name="assignments"),
    path("mine/", views.mine, name="mine"),
    path("new/", views.assign, name="assign"),
    path("<int:pk>/end/", views.end, name="end"),
    path("officials/lookup/", views.official_lookup, name="official_lookup"),
]
