"""What this app serves over REST (`kernel.rest.registry`)."""

from kernel.rest.urls import resource_urls
from partners.api import event_delivery, top_up_statement
from partners.api.hub import hub_doors

RESOURCES = ()
# Not among the resources: whose these are depends on the partner, not on accounts.
OTHER_DOORS = {
    event_delivery.API: resource_urls([event_delivery.EVENT_DELIVERY]),
    top_up_statement.API: top_up_statement.statement_doors(),
}
DOORS_OF_EVERY_API = hub_doors
