from messaging.models.gateway_pace import GatewayPace
from messaging.models.inbound import Inbound, InboundKind
from messaging.models.network_message import NetworkMessage, ReportState
from messaging.models.sms import OUT, Sms, SmsState
from messaging.models.stub_text import StubText

__all__ = [
    "OUT",
    "GatewayPace",
    "Inbound",
    "InboundKind",
    "NetworkMessage",
    "ReportState",
    "Sms",
    "SmsState",
    "StubText",
]
