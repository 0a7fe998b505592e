"""Every address of the hall. Each app brings its own; the roof only says where they hang."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from kernel.rest.urls import rest_urls

urlpatterns = [
    # First: partners call often, and no page begins like this.
    rest_urls(),
    path("", include("portal.web.urls")),
    path("", include("accounts.web.urls")),
    path("", include("billing.web.urls")),
    path("", include("packages_app.web.urls")),
    path("", include("care.web.urls")),
    path("", include("channels.web.urls")),
    path("", include("messaging.web.urls")),
    path("", include("partners.web.urls")),
    path("staff/", admin.site.urls),
    path("oauth/", include("portal.web.oauth_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="openapi-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="openapi-schema"), name="openapi-docs"),
]

handler400 = "portal.web.error_pages.bad_request"
handler403 = "portal.web.error_pages.forbidden"
handler404 = "portal.web.error_pages.not_found"
handler500 = "portal.web.error_pages.server_error"
