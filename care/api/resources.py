"""Resources of this app (see `kernel.rest.registry`)."""

from care.api.trouble_ticket import TROUBLE_TICKET

RESOURCES = (TROUBLE_TICKET,)
