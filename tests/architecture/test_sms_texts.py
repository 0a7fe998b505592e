"""What every text of every app keeps, so that staff and customers can tell them apart and word them."""

import pytest

from messaging.queries.templates import list_texts_as_written
from messaging.sms_parts import count_parts
from messaging.text_samples import sample_values
from messaging.texts import LANGUAGES, SmsTemplate, signed

TEXTS = list_texts_as_written()


@pytest.mark.parametrize("template", TEXTS, ids=lambda template: template.key)
class TestEveryText:
    def test_has_a_name_for_staff(self, template: SmsTemplate) -> None:
        assert str(template.name), f"{template.key}: add name=_(…), and its Chinese to the catalogue"

    def test_has_a_key_of_its_own(self, template: SmsTemplate) -> None:
        others = [other for other in TEXTS if other.key == template.key]
        assert {(other.zh, other.en) for other in others} == {(template.zh, template.en)}, (
            f"two texts are called {template.key}: give one of them a variant"
        )
        assert len(template.kind) <= 40
        assert len(template.key) <= 64

    def test_says_the_same_in_both_languages(self, template: SmsTemplate) -> None:
        assert template.placeholders("zh-hans") == template.placeholders("en")

    def test_has_sample_values_and_a_size_that_fits(self, template: SmsTemplate) -> None:
        for language in LANGUAGES:
            values = sample_values(template, language)
            assert not [value for value in values.values() if value.startswith("‹")], (
                f"{template.key}: add its placeholders to messaging/text_samples.py"
            )
            assert count_parts(signed(language, template.render(language, values))) <= 5
