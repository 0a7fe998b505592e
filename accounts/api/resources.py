"""What this app serves over REST (`kernel.rest.registry`)."""

from accounts.api.customer import CUSTOMER

RESOURCES = (CUSTOMER,)
