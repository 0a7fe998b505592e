import io
import json
import zipfile
from datetime import timedelta

import pytest

from accounts.models import DataDownload, Line
from accounts.operations import data_downloads
from accounts.operations.data_downloads import (
    TooManyDownloads,
    delete_data_downloads,
    make_data_downloads,
    pack_own_data,
    request_data_download,
)
from accounts.queries.privacy import get_download_content
from kernel.errors import NotFound
from messaging.models import Sms
from tests.factories.accounts import NOON, give_service_password
from tests.factories.billing import make_charge, make_line

pytestmark = pytest.mark.django_db

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def line() -> Line:
    line = make_line(cash_fen=50_00, name=FORMULA)
    give_service_password(line)
    make_charge(line, amount_fen=12_34)
    return line


def ask(line: Line, *, minutes: int = 0) -> DataDownload:
    return request_data_download(
        account_id=line.account_id, line_id=line.id, language="en", now=NOON + timedelta(minutes=minutes)
    )


def states(line: Line) -> list[str]:
    downloads = DataDownload.objects.filter(account_id=line.account_id).order_by("requested_at")
    return list(downloads.values_list("state", flat=True))


class TestPackOwnData:
    def test_holds_the_same_as_json_and_as_tables_without_formulas_and_secrets(self, line: Line) -> None:
        other = make_line(cash_fen=77_77, name="别人")
        packed = pack_own_data(account_id=line.account_id, language="en", now=NOON)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            document = json.loads(archive.read("data.json"))
            sheets = {name: archive.read(name).decode() for name in archive.namelist() if name.startswith("csv/")}
            read_me = archive.read("README.txt").decode()
        assert {f"csv/{name}.csv" for name in document} == set(sheets)
        assert document["account"][0]["customer__name"] == FORMULA
        assert [charge["amount_fen"] for charge in document["charges"]] == [12_34]
        assert document["wallet"][0]["cash_fen"] == 37_66
        assert f",'{FORMULA}," in sheets["csv/account.csv"]
        assert "12.34 yuan" in document["texts_sent"][0]["body"] or "12.34元" in document["texts_sent"][0]["body"]
        everything = "".join(sheets.values()) + json.dumps(document) + read_me
        assert "hash" not in everything
        assert str(other.account_id) not in everything
        assert "charges: charges" in read_me


class TestRequestDataDownload:
    def test_waits_once_however_often_it_is_asked_for(self, line: Line) -> None:
        assert ask(line).id == ask(line, minutes=1).id
        assert states(line) == ["WAITING"]

    def test_is_limited(self, line: Line) -> None:
        for minutes in range(3):
            ask(line, minutes=minutes)
            make_data_downloads(now=NOON)
        with pytest.raises(TooManyDownloads):
            ask(line, minutes=5)
        assert states(line) == ["READY"] * 3


class TestMakeDataDownloads:
    def test_makes_it_and_says_so_once(self, line: Line) -> None:
        download = ask(line)
        assert make_data_downloads(now=NOON) == 1
        assert make_data_downloads(now=NOON) == 0
        content = get_download_content(account_id=line.account_id, download_id=download.id, now=NOON)
        assert zipfile.is_zipfile(io.BytesIO(content))
        assert Sms.objects.filter(account_id=line.account_id, kind="DATA_DOWNLOAD_READY").count() == 1

    def test_gives_up_after_three_tries_and_keeps_nobody_waiting(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = make_line()
        ask(line)
        ask(other, minutes=1)
        whole = data_downloads.pack_own_data

        def pack(**named: object) -> bytes:
            if named["account_id"] == line.account_id:
                raise ValueError
            return whole(**named)  # type: ignore[arg-type]

        monkeypatch.setattr(data_downloads, "pack_own_data", pack)
        assert [make_data_downloads(now=NOON) for _time in range(4)] == [1, 0, 0, 0]
        assert (states(line), states(other)) == (["FAILED"], ["READY"])


class TestDeleteDataDownloads:
    def test_leaves_nothing_of_it_and_nobody_gets_it_after_its_time(self, line: Line) -> None:
        download = ask(line)
        make_data_downloads(now=NOON)
        later = NOON + timedelta(hours=24)
        assert delete_data_downloads(now=later - timedelta(seconds=1)) == 0
        with pytest.raises(NotFound):
            get_download_content(account_id=line.account_id, download_id=download.id, now=later)
        assert delete_data_downloads(now=later) == 1
        assert DataDownload.objects.get(id=download.id).content is None
