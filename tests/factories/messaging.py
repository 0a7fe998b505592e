"""Lines to text to, templates, and queued texts."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

from accounts.models import Line
from accounts.operations.open_account import open_account
from messaging.gateways import get_gateway
from messaging.gateways.memory import MemoryGateway
from messaging.models import InboundKind, Sms
from messaging.operations.queue_sms import queue_sms
from messaging.operations.receive_inbound import receive_inbound
from messaging.texts import SmsTemplate

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
LATE = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai, quiet hours
MORNING = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # 07:00 the next day in Shanghai

NOTICE = SmsTemplate(kind="NOTICE", zh="您好，{name}。", en="Hello, {name}.", lifetime=timedelta(hours=1), urgent=True)
REMINDER = SmsTemplate(kind="REMINDER", zh="还剩{left}。", en="{left} left.", lifetime=timedelta(hours=6), urgent=False)
SECRET = SmsTemplate(
    kind="SECRET", zh="验证码{code}", en="Code {code}", lifetime=timedelta(minutes=5), urgent=True, secret=True
)

_numbers = itertools.count(13_700_000_000)


def make_line(*, language: str = "zh-hans", msisdn: str = "") -> Line:
    """Open an account with one line."""
    return open_account(
        customer_name="张三",
        msisdn=msisdn or f"+86{next(_numbers)}",
        province="CN-GD",
        language=language,
        now=NOW,
    )


def queue_text(line: Line, *, template: SmsTemplate = NOTICE, key: str = "", now: datetime = NOW) -> Sms:
    """Queue one text to a line and return its row."""
    sms_id = queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=template,
        language=line.language,
        values={"name": "张三", "left": "1 GB", "code": "482913"},
        dedup_key=key or f"test:{uuid.uuid4()}",
        now=now,
    )
    return Sms.objects.get(account_id=line.account_id, id=sms_id)


def memory_gateway() -> MemoryGateway:
    """Return the memory gateway that the settings name."""
    gateway = get_gateway()
    assert isinstance(gateway, MemoryGateway)
    return gateway


def receive_text(line: Line, body: str, *, gateway_message_id: str = "", now: datetime = NOW) -> uuid.UUID:
    """Let a line send a text to 10086 and return the id of what was stored."""
    return _receive(line, InboundKind.SMS, "10086", body, gateway_message_id, now)


def receive_call(line: Line, to_number: str, *, gateway_message_id: str = "", now: datetime = NOW) -> uuid.UUID:
    """Let a line ring a service number and return the id of what was stored."""
    return _receive(line, InboundKind.CALL, to_number, "", gateway_message_id, now)


def _receive(
    line: Line, kind: InboundKind, to_number: str, body: str, gateway_message_id: str, now: datetime
) -> uuid.UUID:
    return receive_inbound(
        account_id=line.account_id,
        kind=kind,
        from_msisdn=line.msisdn,
        to_number=to_number,
        body=body,
        gateway_message_id=gateway_message_id or f"test-{uuid.uuid4()}",
        now=now,
    )
