from campaigns import survey_urls

app_name = "campaigns"
urlpatterns = [*survey_urls.urlpatterns]
