from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Line, RetentionRecord
from accounts.operations.retention import apply_retention, count_retention, list_all_rules
from billing.models import LedgerEntry
from channels.models import Interaction
from channels.operations.record_interaction import record_interaction
from kernel.channel import Channel
from messaging.models import Inbound, Sms
from packages_app.models import UsageRecord
from tests.books import broken_checks
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.channels import text_10086

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2_000)


@pytest.fixture
def line() -> Line:
    """A customer with texts both ways, a proof, uses, a detail record, and money."""
    line = make_line(cash_fen=50_00)
    make_charge(line)
    text_10086(line, "CXYE")
    Sms.objects.filter(account_id=line.account_id).update(state="SENT")
    proof = Sms.objects.filter(account_id=line.account_id).earliest("id")
    Sms.objects.create(
        account_id=line.account_id, msisdn=line.msisdn, kind="ORDER_CONFIRMATION", body="proof", dedup_key="proof",
        state="SENT", queued_at=NOW, due_at=NOW, expires_at=proof.expires_at,
    )  # fmt: skip
    record_interaction(channel=Channel.WEB, capability="home", account_id=line.account_id, now=NOW)
    UsageRecord.objects.create(
        account_id=line.account_id, started_at=NOW, record_key="1", line_id=line.id, usage_kind="VOICE", amount=60,
        other_party="+8613800138001", recorded_at=NOW,
    )  # fmt: skip
    return line


def kept(line: Line) -> dict[str, int]:
    """Return how many rows stand there, and how many texts have words."""
    mine = {"account_id": line.account_id}
    return {
        "texts": Sms.objects.filter(**mine).count(),
        "words": Sms.objects.filter(**mine).exclude(body="").count(),
        "inbound": Inbound.objects.filter(**mine).count(),
        "uses": Interaction.objects.filter(**mine).count(),
        "records": UsageRecord.objects.filter(**mine).count(),
        "other_parties": UsageRecord.objects.filter(**mine).exclude(other_party="").count(),
        "entries": LedgerEntry.objects.filter(**mine).count(),
    }


class TestApplyRetention:
    def test_forgets_what_is_old_and_neither_money_nor_proof(self, line: Line) -> None:
        before, broken = kept(line), broken_checks()
        counted = {result.rule.name: result.rows for result in count_retention(now=LATER)}
        assert kept(line) == before
        applied = {result.rule.name: result.rows for result in apply_retention(now=LATER)}
        assert applied == counted
        gone = {"words": 1, "inbound": 0, "uses": 0, "other_parties": 0}
        assert kept(line) == {**before, **gone}
        assert (applied["texts"], applied["texts_received"], applied["detail_records"]) == (before["words"] - 1, 1, 1)
        written = dict(RetentionRecord.objects.values_list("rule", "rows"))
        assert written == {name: rows for name, rows in applied.items() if rows}
        assert broken_checks() == broken

    def test_forgets_nothing_that_is_young_and_nothing_twice(self, line: Line) -> None:
        before = kept(line)
        assert sum(result.rows for result in apply_retention(now=NOW + timedelta(days=200))) == 0
        assert kept(line) == before
        apply_retention(now=LATER)
        assert sum(result.rows for result in apply_retention(now=LATER)) == 0

    def test_goes_on_chunk_by_chunk(self, line: Line) -> None:
        rule = next(rule for rule in list_all_rules() if rule.name == "texts")
        assert rule.apply(LATER, chunk=1) == 2
        assert rule.apply(LATER, chunk=1) == 0

    def test_never_touches_a_table_of_money(self) -> None:
        rules = list_all_rules()
        assert len({rule.name for rule in rules}) == len(rules) > 10
        assert [rule.name for rule in rules if rule.due(LATER).model._meta.app_label == "billing"] == []


class TestCommand:
    def test_counts_only_when_it_is_dry(self, line: Line) -> None:
        Sms.objects.filter(account_id=line.account_id).update(queued_at=timezone.now() - timedelta(days=1_000))
        before = kept(line)
        out = StringIO()
        call_command("apply_retention", dry_run=True, stdout=out)
        assert "2 rows are due; nothing was changed." in out.getvalue()
        assert kept(line) == before
        call_command("apply_retention", stdout=out)
        assert "2 rows forgotten." in out.getvalue()
