from django.urls import path

from notifications.views import channels, inbox, preferences

app_name = "notifications"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.read_all, name="read_all"),
    path("<int:pk>/", inbox.open_notice, name="open"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("channels/", channels.channels, name="channels"),
    path("channels/robots/new/", channels.new_robot, name="new_robot"),
    path("channels/robots/<int:pk>/switch/", channels.switch_robot, name="switch_robot"),
    path("channels/robots/<int:pk>/test/", channels.try_robot, name="try_robot"),
    path("channels/undelivered/", channels.undelivered, name="undelivered"),
]
