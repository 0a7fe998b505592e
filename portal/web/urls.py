"""Pages of the roof itself: home, health, modes."""

from django.urls import path
from django.views.generic import TemplateView
from django.views.i18n import set_language

from portal.web.functions import functions
from portal.web.health import healthz, readyz
from portal.web.home import home
from portal.web.installed import manifest, offline, service_worker
from portal.web.page_mode import page_mode
from portal.web.styleguide import styleguide

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("page-mode/", page_mode, name="page_mode"),
    path("language/", set_language, name="set_language"),
    path("functions/", functions, name="functions"),
    path("help/", TemplateView.as_view(template_name="information/help.html"), name="help"),
    path("complaints/", TemplateView.as_view(template_name="information/complaints.html"), name="complaints"),
    path("accessibility/", TemplateView.as_view(template_name="information/accessibility.html"), name="accessibility"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("service-worker.js", service_worker, name="service-worker"),
    path("offline/", offline, name="offline"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/<slug:page>/", styleguide, name="styleguide"),
]
