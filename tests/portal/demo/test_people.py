import random
import uuid
from datetime import datetime, timedelta

import pytest

from kernel.clock import SHANGHAI
from kernel.phone import parse_msisdn
from portal.demo.people import FIXED_PEOPLE, bulk_line, bulk_msisdn, fixed_lines, is_demo_msisdn, time_ordered_id

AS_OF = datetime(2026, 11, 22, tzinfo=SHANGHAI)


class TestBulkMsisdn:
    def test_gives_every_line_a_valid_number_of_its_own(self) -> None:
        numbers = {bulk_msisdn(index) for index in range(5000)}
        assert len(numbers) == 5000
        assert {parse_msisdn(number) for number in numbers} == numbers
        assert {number[:7] for number in numbers} == {"+861990"}

    def test_ends_where_its_range_ends(self) -> None:
        assert bulk_msisdn(9_999_999).startswith("+861990")
        with pytest.raises(ValueError, match="no more than"):
            bulk_msisdn(10_000_000)


class TestIsDemoMsisdn:
    def test_knows_the_demo_numbers_and_no_others(self) -> None:
        assert all(is_demo_msisdn(number) for number in ["+8613800138000", bulk_msisdn(0), bulk_msisdn(77)])
        assert not any(is_demo_msisdn(number) for number in ["+8613800138004", "+8613912345678", "+8619912345678"])


class TestPeople:
    def test_are_the_same_for_the_same_seed(self) -> None:
        first, again, other = (bulk_line(7, seed=seed, as_of=AS_OF) for seed in (1, 1, 2))
        assert (first.line, first.plan) == (again.line, again.plan)
        assert first.line.msisdn == other.line.msisdn
        assert first.line.account_id != other.line.account_id

    def test_come_from_four_provinces_and_have_names_of_two_or_three_characters(self) -> None:
        lines = [bulk_line(index, seed=1, as_of=AS_OF).line for index in range(500)]
        assert {line.province for line in lines} == {"CN-GD", "CN-ZJ", "CN-SC", "CN-SN"}
        assert {len(line.customer_name) for line in lines} == {2, 3}
        assert all(line.activated_at < AS_OF for line in lines)

    def test_the_four_that_are_named_are_those_of_the_documentation(self) -> None:
        lines = [demo.line for demo in fixed_lines(seed=1, as_of=AS_OF)]
        assert [(line.msisdn, line.customer_name, line.province, line.language) for line in lines] == [
            ("+8613800138000", "陈晓雨", "CN-GD", "zh-hans"),
            ("+8613800138001", "林建国", "CN-ZJ", "zh-hans"),
            ("+8613800138002", "Emma Clarke", "CN-SC", "en"),
            ("+8613800138003", "王秀兰", "CN-SN", "zh-hans"),
        ]
        assert len(FIXED_PEOPLE) == 4


class TestTimeOrderedId:
    def test_is_a_version_7_uuid_of_its_instant(self) -> None:
        chance = random.Random(1)
        earlier, later = (time_ordered_id(at, chance) for at in (AS_OF, AS_OF + timedelta(milliseconds=1)))
        assert earlier < later
        assert (earlier.version, earlier.variant) == (7, uuid.RFC_4122)
        assert earlier.int >> 80 == int(AS_OF.timestamp() * 1000)
