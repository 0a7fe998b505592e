"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from channels.models import Interaction, NumberedList
from kernel.own_data import OwnData

OWN_DATA = [OwnData("uses", Interaction, ("at", "channel", "capability", "outcome"))]

LEFT_OUT: Mapping[type[models.Model], str] = {
    NumberedList: "It numbers, for two hours, subscriptions that are there.",
}
