"""Keeps texts from numbers that have gone to somebody else since they were written.

Who holds a number the floor above knows: `settings.SMS_NUMBER_OWNERS` names its query.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping

from django.conf import settings
from django.utils.module_loading import import_string

WITHHELD = "withheld: the number belongs to another account now"


def list_withheld(*, texts: Iterable[tuple[uuid.UUID, str]]) -> set[tuple[uuid.UUID, str]]:
    """Return those (account id, E.164 number) whose number now leads to another account; one query.

    A number that leads nowhere is not among them: nobody else reads there.
    """
    asked = set(texts)
    list_owners: Callable[[Collection[str]], Mapping[str, uuid.UUID]] = import_string(settings.SMS_NUMBER_OWNERS)
    owners = list_owners({msisdn for _account_id, msisdn in asked})
    return {(account_id, msisdn) for account_id, msisdn in asked if owners.get(msisdn, account_id) != account_id}
