"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from kernel.own_data import OwnData
from partners.models import CustomerToken

OWN_DATA = [OwnData("tokens", CustomerToken, ("line_id", "name", "made_at", "expires_at", "used_at", "revoked_at"))]

LEFT_OUT: Mapping[type[models.Model], str] = {}
