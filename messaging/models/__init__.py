from messaging.models.gateway_pace import GatewayPace
from messaging.models.inbound import Inbound, InboundKind
from messaging.models.network_message import NetworkMessage, ReportState
from messaging.models.sms import OUT, Sms, SmsState
from messaging.models.sms_resend import SmsResend
from messaging.models.sms_wording import SmsWording
from messaging.models.stub_text import StubText
from messaging.models.text_preference import TextGroup, TextPreference

__all__ = [
    "OUT",
    "GatewayPace",
    "Inbound",
    "InboundKind",
    "NetworkMessage",
    "ReportState",
    "Sms",
    "SmsResend",
    "SmsState",
    "SmsWording",
    "StubText",
    "TextGroup",
    "TextPreference",
]
