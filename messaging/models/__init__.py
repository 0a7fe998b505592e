from messaging.models.inbound import Inbound, InboundKind
from messaging.models.sms import Sms, SmsState
from messaging.models.stub_text import StubText

__all__ = ["Inbound", "InboundKind", "Sms", "SmsState", "StubText"]
