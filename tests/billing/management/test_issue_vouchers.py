import csv
import io
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from billing.models import Voucher, VoucherBatch
from billing.operations import issue_vouchers as issuing

pytestmark = pytest.mark.django_db


def issue(out: Path, *, face: str = "50", count: str = "12", valid_until: str = "2027-12-31", issuer: str = "") -> str:
    output = io.StringIO()
    arguments = ["--face", face, "--count", count, "--valid-until", valid_until, "--out", str(out), "--issuer", issuer]
    with translation.override("en"):
        call_command("issue_vouchers", *arguments, stdout=output, stderr=io.StringIO())
    return output.getvalue()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "cards.csv"


class TestIssueVouchersCommand:
    def test_writes_serials_and_pins_once_for_the_owner_alone(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "_CHUNK", 5)
        said = issue(out)
        assert said.startswith(f"Batch 1: 12 recharge cards written to {out}.\nThey are not active yet.")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        with out.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["serial_number"] for row in rows] == [f"000000001{place:08d}" for place in range(1, 13)]
        stored = dict(Voucher.objects.values_list("serial_number", "pin_hash"))
        assert stored == {row["serial_number"]: Voucher.hash_of(row["pin"]) for row in rows}
        batch = VoucherBatch.objects.get()
        assert (batch.face_fen, batch.count, str(batch.valid_until_date)) == (50_00, 12, "2027-12-31")
        assert batch.made_by.endswith(" (manage.py)")

    def test_refuses_to_overwrite(self, out: Path) -> None:
        out.write_text("the PINs of other cards")
        with pytest.raises(CommandError, match="exists already and is not overwritten"):
            issue(out)
        assert out.read_text() == "the PINs of other cards"
        assert not VoucherBatch.objects.exists()

    def test_refuses_a_link_in_place_of_the_file(self, out: Path, tmp_path: Path) -> None:
        out.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(CommandError, match="exists already"):
            issue(out)
        assert not VoucherBatch.objects.exists()

    def test_refuses_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be written"):
            issue(tmp_path / "nowhere" / "cards.csv")
        assert not VoucherBatch.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"count": "0"}, "from 1 to 1,000,000"),
            ({"face": "0"}, "1.00"),
            ({"face": "fifty"}, "is not an amount of yuan"),
            ({"face": "-50"}, "expected one argument|is not an amount of yuan"),
            ({"valid_until": "2020-01-01"}, "is over already"),
            ({"valid_until": "2027-02-30"}, "is not a day"),
            ({"issuer": "nobody"}, "no such issuer"),
        ],
    )
    def test_leaves_neither_file_nor_cards_when_it_refuses(self, out: Path, changes: dict[str, str], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            issue(out, **changes)
        assert not out.exists()
        assert not VoucherBatch.objects.exists()
        assert not Voucher.objects.exists()

    def test_leaves_neither_when_it_is_cut_off(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "_CHUNK", 5)
        stored = issuing._store

        def interrupted(batch: VoucherBatch, cards: list[issuing.NewCard]) -> None:
            if Voucher.objects.exists():
                raise KeyboardInterrupt
            stored(batch, cards)

        monkeypatch.setattr(issuing, "_store", interrupted)
        with pytest.raises(KeyboardInterrupt):
            issue(out)
        assert not out.exists()
        assert not Voucher.objects.exists()
