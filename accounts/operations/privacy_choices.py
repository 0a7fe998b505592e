"""What a customer decides about their data."""

import uuid
from datetime import datetime

from accounts.models import PrivacyChoice


def choose_recommendations(*, account_id: uuid.UUID, personal: bool, now: datetime) -> PrivacyChoice:
    """Keep whether an account wants to be shown what its own use suggests (个性化推荐).

    :param personal: False shows the same offers as to everybody.
    """
    choice, _made = PrivacyChoice.objects.update_or_create(
        account_id=account_id, defaults={"personal_recommendations": personal, "changed_at": now}
    )
    return choice
