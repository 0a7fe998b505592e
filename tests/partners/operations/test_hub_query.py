import pytest

from partners.operations.hub_query import HubQueryInvalid, read_hub_query

RESOURCES = ("topupBalance", "bucket")
TOP_UP = {
    "id": "1",
    "status": "completed",
    "isAutoTopup": False,
    "amount": {"amount": 49.9, "units": "CNY"},
    "bucket": {"id": "b"},
    "logicalResource": [{"value": "13800138000"}, {"value": "13800138001"}],
}


class TestReadHubQuery:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("", True),
            ("eventType=A", True),
            ("eventType=B", False),
            ("eventType=A,B", True),
            ("eventType=B&eventType=A", True),
            ("status=completed", True),
            ("status=failed,completed", True),
            ("status=failed", False),
            ("eventType=A&status=failed", False),
            ("event.topupBalance.status=completed", True),
            ("bucket.id=b", True),
            ("event.bucket.id=b", False),
            ("amount.amount=49.9", True),
            ("isAutoTopup=false", True),
            ("logicalResource.value=13800138001", True),
            ("logicalResource.value=13800138001&logicalResource.value=13900000000", False),
            ("amount=49.9", False),
            ("status.more=completed", False),
        ],
    )
    def test_tells_which_events_are_wanted(self, text: str, wanted: bool) -> None:
        assert read_hub_query(text=text, resources=RESOURCES).wants("A", TOP_UP) is wanted

    @pytest.mark.parametrize("text", ["eventType", "a=1&", "&".join(f"a{number}=1" for number in range(21))])
    def test_refuses_what_it_cannot_read(self, text: str) -> None:
        with pytest.raises(HubQueryInvalid):
            read_hub_query(text=text, resources=RESOURCES)
