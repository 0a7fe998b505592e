from django.urls import path

from packages_app.api.usage import UsageView

app_name = "usage"
# The address without a slash comes last: it is the one that `reverse` gives.
urlpatterns = [
    path("usage/", UsageView.as_view(schema=None), name="usage"),
    path("usage", UsageView.as_view(), name="usage"),
]
