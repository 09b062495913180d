"""All addresses. Public ones carry the district; everything else asks for sign-in unless it says otherwise."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, register_converter

from core.health import healthz
from districts.converters import DistrictCode

register_converter(DistrictCode, "district")
# Administrators sign in where everybody does: with its lock-out and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "portal.views.errors.bad_request"
handler500 = "portal.views.errors.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("appeals/", include("appeals.urls")),
    path("enterprises/", include("enterprises.urls")),
    path("imports/", include("imports.urls")),
    path("liaisons/", include("liaisons.urls")),
    path("policies/", include("policies.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("reports/", include("reports.urls")),
    path("inbox/", include("notifications.urls")),
    path("admin/", admin.site.urls),
    path("<district:code>/", include("portal.public_urls")),
    path("", include("portal.urls")),
]
