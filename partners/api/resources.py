"""What this app serves over REST (`kernel.rest.registry`)."""

from kernel.rest.urls import resource_urls
from partners.api import event_delivery
from partners.api.hub import hub_doors

RESOURCES = ()
# Not among the resources: whose they are depends on the partner, not on accounts.
OTHER_DOORS = {event_delivery.API: resource_urls([event_delivery.EVENT_DELIVERY])}
DOORS_OF_EVERY_API = hub_doors
