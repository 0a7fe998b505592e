"""The paper says what the page says; read back out of the file as a reader of files would."""

import io
from datetime import datetime
from typing import Any

import pypdf
import pytest
from django.utils import translation
from pytest_django import Settings

from accounts.models import Line
from billing.models import BillHead, ChargeReason
from billing.operations.adjustments import approve_adjustment
from billing.operations.issue_bills import issue_bills
from billing.queries.bill_paper import BillTooLong, get_bill_paper
from billing.queries.dues import get_due_date
from kernel.clock import SHANGHAI, Month
from kernel.errors import NotFound
from kernel.masking import mask_msisdn
from tests.factories.billing import make_charge, make_line, opened_long_ago, propose

pytestmark = pytest.mark.django_db

OCTOBER = Month(2026, 10)
NOVEMBER_1 = datetime(2026, 11, 1, 3, tzinfo=SHANGHAI)


def october(day: int) -> datetime:
    return datetime(2026, 10, day, tzinfo=SHANGHAI)


@pytest.fixture
def line() -> Line:
    """A line with bills for September and October 2026."""
    line = opened_long_ago(make_line(cash_fen=10_000_00, name="陈晓雨"))
    make_charge(line, amount_fen=59_00, now=october(1), name="畅享套餐")
    make_charge(line, amount_fen=6_01, now=october(9), head=BillHead.THIRD_PARTY, name="视频会员")
    make_charge(line, amount_fen=30, now=october(9), head=BillHead.VOICE, name="语音", reason=ChargeReason.USAGE)
    for month in (Month(2026, 9), OCTOBER):
        issue_bills(month=month, now=NOVEMBER_1)
    return line


def paper_of(line: Line, language: str = "zh-hans") -> pypdf.PdfReader:
    with translation.override(language):
        return pypdf.PdfReader(io.BytesIO(get_bill_paper(line.account_id, OCTOBER)))


def text_of(paper: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in paper.pages).split())


def tags_of(paper: pypdf.PdfReader) -> list[str]:
    """Return the kinds of everything in the structure tree, from the top."""

    def walk(node: Any) -> list[str]:
        node = node.get_object()
        if isinstance(node, list):
            return [tag for child in node for tag in walk(child)]
        if not isinstance(node, dict):
            return []
        own = [str(node["/S"])] if "/S" in node else []
        return own + (walk(node["/K"]) if "/K" in node else [])

    return walk(paper.root_object["/StructTreeRoot"])


class TestGetBillPaper:
    def test_says_the_seven_heads_in_order_and_their_sum(self, line: Line) -> None:
        text = text_of(paper_of(line))
        assert (
            "账单费用构成 科目 金额（元） 套餐及固定费 59.00 语音通信费 0.30 上网费 0.00 短彩信费 0.00"
            " 增值业务费 0.00 代收费 6.01 其他 0.00 合计 65.31"
        ) in text

    def test_says_every_line_with_its_reason_and_for_whom_it_is_collected(self, line: Line) -> None:
        text = text_of(paper_of(line, "en"))
        assert "Plan and fixed fees 59.00 畅享套餐 a subscription's fee 59.00" in text
        assert "Voice 0.30 语音 use beyond the plan 0.30" in text
        assert (
            "Collected for others 6.01 视频会员 Collected for 某公司 a subscription's fee 6.01 Together 65.31" in text
        )

    def test_says_why_it_is_more_than_the_month_before(self, line: Line) -> None:
        text = text_of(paper_of(line, "en"))
        assert "Compared with the month before 65.31 yuan more than the 0.00 yuan of the month before." in text
        assert "畅享套餐 new: charged every month until you cancel it 0.00 59.00 +59.00" in text

    def test_says_what_is_still_to_pay(self, line: Line) -> None:
        assert "Still to pay" not in text_of(paper_of(line, "en"))
        poor = opened_long_ago(make_line(cash_fen=1_00))
        make_charge(poor, amount_fen=5_00, now=october(1), may_owe=True)
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        last_day = get_due_date(OCTOBER)
        assert f"Still to pay 5.00 yuan until {last_day:%b}. {last_day.day}, 2026" in text_of(paper_of(poor, "en"))

    def test_shows_a_correction_below_zero(self) -> None:
        line = opened_long_ago(make_line())
        adjustment = propose(line, 5_00, now=october(20))
        approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=october(21))
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        text = text_of(paper_of(line, "en"))
        assert "Total -5.00 yuan" in text
        assert "Other -5.00" in text
        assert "a correction: charged wrongly -5.00 Together -5.00" in text

    def test_shows_neither_name_nor_number_whole(self, line: Line) -> None:
        text = text_of(paper_of(line))
        assert "陈**" in text
        assert mask_msisdn(line.msisdn) in text
        assert "陈晓雨" not in text
        assert line.msisdn.removeprefix("+86") not in text.replace(" ", "")

    def test_names_the_number_of_every_line_where_there_are_several(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        make_charge(line, amount_fen=59_00, now=october(1), name="畅享套餐")
        make_charge(line, amount_fen=5_00, now=october(2), name="流量包", msisdn="+8613012345678")
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        text = text_of(paper_of(line, "en"))
        assert "流量包 130****5678 a subscription's fee 5.00" in text
        assert f"By number 130****5678 5.00 {mask_msisdn(line.msisdn)} 59.00 Together 64.00" in text

    def test_is_made_for_a_month_in_which_nothing_was_charged(self) -> None:
        line = opened_long_ago(make_line())
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        text = text_of(paper_of(line, "en"))
        assert "Bill of October 2026" in text
        assert "Other 0.00 Together 0.00" in text
        assert "What was charged" not in text

    @pytest.mark.parametrize(
        ("language", "tag", "title"), [("zh-hans", "zh-CN", "2026年10月账单"), ("en", "en", "Bill of October 2026")]
    )
    def test_is_tagged_with_title_and_language(self, line: Line, language: str, tag: str, title: str) -> None:
        paper = paper_of(line, language)
        root: Any = paper.root_object
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == tag
        assert paper.metadata is not None
        assert paper.metadata.title == title
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
        tags = tags_of(paper)
        assert tags.count("/H1") == 1
        assert tags.count("/H2") == tags.count("/Table") == 3
        assert {"/TH", "/TD", "/THead", "/TBody", "/TFoot"} <= set(tags)

    def test_takes_names_for_words_and_never_for_commands(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00, name="#panic()"))
        name = '#read("/etc/passwd") *b* $x$ @a <l> "\\'
        make_charge(line, amount_fen=1_00, now=october(1), name=name)
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        text = text_of(paper_of(line))
        assert name in text
        assert "#**" in text

    def test_marks_a_character_that_the_font_does_not_have(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        make_charge(line, amount_fen=1_00, now=october(1), name="龘 Łódź 😀\u202e\x07ﬁ套餐")
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        assert "〓 〓ódz 〓〓〓f套餐" in text_of(paper_of(line))

    def test_keeps_a_word_without_end_on_the_paper(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        make_charge(line, amount_fen=1_00, now=october(1), name="W" * 120)
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        paper = paper_of(line)
        places: list[float] = []
        paper.pages[0].extract_text(visitor_text=lambda text, _cm, tm, _font, _size: places.append(tm[4]))
        assert "W" * 24 in text_of(paper)
        assert places
        assert max(places) < float(paper.pages[0].mediabox.width)

    def test_is_the_same_file_every_time(self, line: Line) -> None:
        assert get_bill_paper(line.account_id, OCTOBER) == get_bill_paper(line.account_id, OCTOBER)

    def test_runs_over_as_many_sheets_as_it_takes(self) -> None:
        line = opened_long_ago(make_line(cash_fen=1_000_00))
        for number in range(60):
            make_charge(line, amount_fen=number + 1, now=october(1), name=f"业务{number:02d}")
        issue_bills(month=OCTOBER, now=NOVEMBER_1)
        paper = paper_of(line)
        assert len(paper.pages) == 3
        text = text_of(paper)
        assert [number for number in range(60) if f"业务{number:02d} " not in text] == []

    def test_is_not_made_of_more_lines_than_anybody_prints(self, line: Line, settings: Settings) -> None:
        settings.BILL_PAPER_LINES = 2
        with pytest.raises(BillTooLong):
            get_bill_paper(line.account_id, OCTOBER)

    def test_is_not_there_for_a_month_without_a_bill_nor_for_another_account(self, line: Line) -> None:
        with pytest.raises(NotFound):
            get_bill_paper(line.account_id, OCTOBER.next)
        with pytest.raises(NotFound):
            get_bill_paper(make_line().account_id, OCTOBER)
