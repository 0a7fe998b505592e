"""Resources of this app (see `kernel.rest.registry`)."""

from care.api.geographic_site import GEOGRAPHIC_SITE
from care.api.trouble_ticket import TROUBLE_TICKET

RESOURCES = (TROUBLE_TICKET, GEOGRAPHIC_SITE)
