"""What this app serves over REST (`kernel.rest.registry`)."""

from accounts.api.communication_message import COMMUNICATION_MESSAGE
from accounts.api.customer import CUSTOMER

RESOURCES = (CUSTOMER, COMMUNICATION_MESSAGE)
