"""Writes sites: one that a partner tells of, and those of a file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from care.models import Site
from care.operations.site_rules import list_site_faults
from kernel.errors import DomainError


class SiteInvalid(DomainError):
    """Something about a site does not fit."""

    code = "SITE_INVALID"
    message = _("The site cannot be kept like this.")
    http_status = 400


class SiteCodeTaken(DomainError):
    """Another site has this code."""

    code = "SITE_CODE_TAKEN"
    message = _("Another site has this code.")
    http_status = 409
    field = "code"


def add_site(*, facts: Mapping[str, Any], author: str, now: datetime) -> Site:
    """Keep a new site.

    :param facts: columns of the site by name; `name_zh` at least.
    :param author: who adds it, for the record.
    :raises SiteInvalid: something does not fit; `field` names the column.
    :raises SiteCodeTaken: another site has the code.
    """
    site = Site(**facts, changed_at=now, changed_by=author)
    for column, sentence in list_site_faults(site=site):
        raise SiteInvalid(sentence, field=column)
    try:
        with transaction.atomic():
            site.save(force_insert=True)
    except IntegrityError:
        # The id is new and the facts fit: only the code can be in the way.
        raise SiteCodeTaken from None
    return site
