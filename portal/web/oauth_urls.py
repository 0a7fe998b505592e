"""OAuth 2.0 for partner systems: client credentials need the token endpoint and its revocation, nothing else."""

from django.urls import path

from partners.api.oauth import PartnerRevocationView, PartnerTokenView

app_name = "oauth2_provider"
urlpatterns = [
    path("token/", PartnerTokenView.as_view(), name="token"),
    path("revoke_token/", PartnerRevocationView.as_view(), name="revoke-token"),
]
