from django.urls import URLPattern

from campaigns.rota_urls import urlpatterns as rota_pages

app_name = "campaigns"
urlpatterns: list[URLPattern] = [*rota_pages]
