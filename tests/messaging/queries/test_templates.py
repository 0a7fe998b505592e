import pytest

from accounts.texts import SIGN_IN_CODE
from messaging.models import TextGroup
from messaging.queries.templates import (
    TemplateUnknown,
    get_kind_names,
    get_template,
    list_groups_in_use,
    list_templates,
)


class TestListTemplates:
    def test_has_the_texts_of_every_app(self) -> None:
        kinds = {template.kind for template in list_templates()}
        assert {"SIGN_IN_CODE", "CHARGE_NOTICE", "ORDER_CONFIRMATION", "DATA_USED_UP", "ANSWER_MENU"} <= kinds

    def test_has_each_once(self) -> None:
        keys = [template.key for template in list_templates()]
        assert len(keys) == len(set(keys)) > 20


class TestGetTemplate:
    def test_finds_a_text_by_its_key(self) -> None:
        assert get_template("SIGN_IN_CODE") is SIGN_IN_CODE
        assert get_template("TOP_UP_RECEIVED.WITH_BONUS").kind == "TOP_UP_RECEIVED"

    @pytest.mark.parametrize("key", ["", "sign_in_code", "TOP_UP_RECEIVED.NONE"])
    def test_refuses_what_nobody_has(self, key: str) -> None:
        with pytest.raises(TemplateUnknown):
            get_template(key)


class TestGetKindNames:
    def test_names_a_kind_after_its_plain_text(self) -> None:
        assert str(get_kind_names()["TOP_UP_RECEIVED"]) in ("top-up received", "充值到账")


class TestListGroupsInUse:
    def test_leaves_out_what_cannot_be_switched_off_and_what_no_text_is_in(self) -> None:
        groups = list_groups_in_use()
        assert TextGroup.USAGE in groups
        assert TextGroup.REQUIRED not in groups
