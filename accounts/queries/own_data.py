"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from accounts.models import (
    Account,
    Bar,
    BarProposal,
    Contact,
    DataDownload,
    IdentityDocument,
    Line,
    LineAct,
    PartnerGrant,
    PartnerMessage,
    PrivacyChoice,
    ServicePassword,
    SignIn,
    SimCard,
    StarRating,
)
from kernel.own_data import OwnData

OWN_DATA = [
    OwnData("account", Account, ("id", "customer__name", "province", "created_at"), account_field="id"),
    OwnData("contact", Contact, ("name", "email", "changed_at")),
    # The number itself is sealed: a copy that lies in a folder of downloads must not open it.
    OwnData("identity_document", IdentityDocument, ("kind", "masked", "recorded_at")),
    OwnData("sim_cards", SimCard, ("line_id", "iccid", "from_at", "to_at")),
    OwnData("changes_of_lines", LineAct, ("line_id", "kind", "at")),
    OwnData("lines", Line, ("msisdn", "state", "language", "activated_at")),
    OwnData("bars", Bar, ("line_id", "reason", "words", "started_at", "started_channel", "until_at", "ended_at")),
    OwnData("service_passwords", ServicePassword, ("line_id", "set_at")),
    OwnData("sign_ins", SignIn, ("line_id", "device", "place", "signed_in_at", "seen_at", "ended_at")),
    OwnData("partner_grants", PartnerGrant, ("client_id", "granted_at")),
    OwnData("messages_of_partners", PartnerMessage, ("sent_at", "msisdn", "sender_name", "words")),
    OwnData(
        "star_ratings",
        StarRating,
        (
            *("period_date", "months_on_network", "has_real_name", "average_spend_fen", "late_months", "suspensions"),
            *("points", "star", "overdraft_fen", "valid_until", "rated_at"),
        ),
    ),
    OwnData("privacy_choices", PrivacyChoice, ("personal_recommendations", "changed_at")),
    OwnData("data_downloads", DataDownload, ("state", "requested_at", "ready_at", "expires_at")),
]

LEFT_OUT: Mapping[type[models.Model], str] = {
    BarProposal: "what staff consider doing; what is done stands in bars, with its reason",
}
