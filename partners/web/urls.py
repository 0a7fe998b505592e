from django.urls import path

from partners.web.tokens import make, revoke, tokens

app_name = "partners"
urlpatterns = [
    path("tokens/", tokens, name="tokens"),
    path("tokens/make/", make, name="token-make"),
    path("tokens/revoke/", revoke, name="token-revoke"),
]
