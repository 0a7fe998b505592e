"""What the style guide shows: made-up people, amounts and states, in the shapes the components ask for."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kernel.templatetags.hall_format import plain_yuan, yuan

GIB = 1024**3
NUMBER = "+8613800138000"
OTHER_NUMBER = "+8613912345678"
SPRITE = settings.BASE_DIR / "static/img/icons.svg"
COLOURS = (
    *("paper", "surface", "sunk", "ink", "ink-soft", "brand", "brand-wash"),
    *("money", "good", "warn", "stop", "note"),
)

Context = dict[str, Any]


class SampleSignInForm(forms.Form):
    msisdn = forms.CharField(
        label=gettext_lazy("Phone number"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code from the text message"), help_text=gettext_lazy("6 digits, good for 5 minutes")
    )


class SampleTopUpForm(forms.Form):
    amount = forms.ChoiceField(label=gettext_lazy("Amount"), widget=forms.RadioSelect)
    other_amount = forms.CharField(label=gettext_lazy("Another amount"), required=False)
    way = forms.ChoiceField(label=gettext_lazy("Way to pay"), widget=forms.RadioSelect)
    receipt = forms.BooleanField(label=gettext_lazy("Text me the receipt"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yuan_word = _("yuan")
        amounts_fen = (30_00, 50_00, 100_00, 200_00, 300_00, 500_00)
        amounts = [(str(fen), f"{plain_yuan(fen)} {yuan_word}") for fen in amounts_fen]
        self.fields["amount"].choices = amounts  # type: ignore[attr-defined]
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            ("SANDBOX", _("Sandbox cashier (no real money)")),
            ("CARD", _("Recharge card")),
        ]


class SampleOrderCodeForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Order code"), help_text=gettext_lazy("From the text we just sent you"))


def line() -> Context:
    """What the line switcher of signed-in pages asks for."""
    return {
        "number": NUMBER,
        "state_label": _("in use"),
        "state_tone": "good",
        "others": [{"number": OTHER_NUMBER, "public_id": "sample"}],
    }


def handset() -> Context:
    """A handset with a short conversation, newest first."""
    return {
        "number": NUMBER,
        "unread": 1,
        "texts": [
            {
                "peer": "10086",
                "at": "14:32",
                "is_new": True,
                "body": _(
                    "You are ordering: 10 GB data pack, 20.00 yuan, this month only. Reply 是 to confirm. "
                    "Without your reply nothing is ordered."
                ),
            },
            {"peer": "10086", "at": "14:31", "body": _("Data left: 12.5 GB of 30 GB, as of 14:31.")},
            {"peer": "10086", "at": "14:31", "outgoing": True, "body": "CXLL"},
            {"peer": "10086", "at": "09:05", "body": _("Your sign-in code: 482913. Tell it to nobody.")},
        ],
    }


def components() -> Context:
    """Every component in each of its states."""
    refused = SampleSignInForm({"msisdn": "1380013", "code": ""}, prefix="refused")
    refused.add_error("msisdn", _("This is not a mobile number. Enter the 11 digits."))
    return {
        "form": SampleTopUpForm({"amount": "5000", "way": "SANDBOX", "receipt": False}),
        "refused": refused,
        "facts": _facts(),
        "tones": [
            ("good", _("in use")),
            ("wait", _("waiting")),
            ("warn", _("due")),
            ("stop", _("suspended")),
            ("note", _("new")),
            ("plain", _("ended")),
        ],
        "colours": COLOURS,
        "icons": re.findall(r'symbol id="([a-z-]+)"', SPRITE.read_text()),
        "incoming": {"peer": "1008611", "state_label": _("ringing …"), "ringing": True, "end_url": "#"},
        "tabs": _tabs(),
        "columns": [{"label": _("Day")}, {"label": _("Used"), "number": True}, {"label": _("Cost"), "number": True}],
        "rows": [["7-29", "1.20 GB", yuan(0)], ["7-30", "860 MB", yuan(0)], ["7-31", "2.05 GB", yuan(5_00)]],
        "total": [_("Together"), "4.09 GB", yuan(5_00)],
        "gib": {"left": 25 * GIB // 2, "total": 30 * GIB, "low": 2 * GIB, "pack": 10 * GIB},
    }


def _facts() -> list[tuple[str, str]]:
    return [
        (_("Number"), "138 0013 8000"),
        (_("Name"), "张*"),
        (_("Plan"), _("Breeze 59")),
        (_("In use since"), "2021-03-18"),
    ]


def _tabs() -> list[Context]:
    return [
        {"label": _("SMS code"), "url": "#code", "current": True},
        {"label": _("Service password"), "url": "#password"},
    ]


def home() -> Context:
    """The home page of a signed-in line."""
    return {
        "line": line(),
        "balance_fen": 86_40,
        "data_left": 25 * GIB // 2,
        "data_total": 30 * GIB,
        "voice_left": 72 * 60,
        "voice_total": 500 * 60,
        "resets_on": _("1 August"),
        "updated_at": "14:32",
        "tiles": [
            {"label": pgettext("money", "Balance"), "icon": "balance"},
            {"label": _("Allowances"), "icon": "data"},
            {"label": _("Bill"), "icon": "bill"},
            {"label": _("Order services"), "icon": "order"},
            {"label": _("My services"), "icon": "subscriptions"},
            {"label": _("Orders"), "icon": "records", "badge": 1},
            {"label": _("Credit star"), "icon": "star"},
            {"label": _("Help"), "icon": "help"},
        ],
    }


def sign_in() -> Context:
    """Signing in with a code that was just sent."""
    return {"form": SampleSignInForm(initial={"msisdn": "138 0013 8000"}), "tabs": _tabs()}


def bill() -> Context:
    """Last month's bill by its seven heads."""
    heads = [
        (_("Plan and fixed fees"), 59_00),
        (_("Voice"), 4_20),
        (_("Data"), 5_00),
        (_("Texts"), 1_10),
        (_("Value-added services"), 12_00),
        (_("Collected for others"), 6_00),
        (_("Other"), 0),
    ]
    total_fen = sum(fen for _name, fen in heads)
    parts, start = [], 0
    for place, (_name, fen) in enumerate(heads, start=1):
        parts.append((place, start, fen))
        start += fen
    return {
        "line": line(),
        "heads": [{"place": place, "name": name, "fen": fen} for place, (name, fen) in enumerate(heads, start=1)],
        "slices": {"whole": total_fen, "parts": parts},
        "total_fen": total_fen,
    }


def top_up() -> Context:
    """Choosing how much to top up."""
    return {"line": line(), "form": SampleTopUpForm(initial={"amount": "5000", "way": "SANDBOX"})}


def top_up_result() -> Context:
    """A payment whose outcome is not known yet, and one that is."""
    return {"line": line(), "facts": [(_("Number"), "138 0013 8000"), (_("Name"), "张*"), (_("Paid at"), "14:32")]}


def cashier() -> Context:
    """The sandbox cashier."""
    return {"facts": [(_("For"), _("Top-up of 138****8000")), (_("Payment number"), "SB-20250731-000482")]}


def catalogue() -> Context:
    """Three things on sale."""
    return {
        "line": line(),
        "offers": [
            {
                "name": _("Breeze 59"),
                "price_fen": 59_00,
                "cycle": "MONTHLY",
                "gives": [_("30 GB of data"), _("500 minutes"), _("Free calls to family")],
                "badge": _("yours now"),
            },
            {
                "name": _("10 GB data pack"),
                "price_fen": 20_00,
                "cycle": "ONCE",
                "gives": [_("10 GB of data, this month only")],
            },
            {
                "name": _("Music club"),
                "price_fen": 9_90,
                "cycle": "MONTHLY",
                "gives": [_("Songs without using up data")],
                "note": _("Collected for Sample Music Ltd."),
            },
        ],
    }


def order_check() -> Context:
    """What an order will cost and change, before the yes."""
    return {
        "line": line(),
        "form": SampleOrderCodeForm(),
        "facts": [
            (_("What"), _("10 GB data pack")),
            (_("Price now"), f"{yuan(20_00)} {_('yuan')}"),
            (_("Each month after"), f"{yuan(0)} {_('yuan')}"),
            (_("From"), _("at once, after your confirmation")),
            (_("Until"), _("31 July, 24:00")),
            (_("What ends"), _("nothing")),
            (_("How to leave"), _("ends by itself")),
        ],
    }


def order_waiting() -> Context:
    """An order that waits for its second confirmation."""
    return {"line": line(), "form": SampleOrderCodeForm()}


def receipt() -> Context:
    """An order that was carried out."""
    return {
        "line": line(),
        "facts": [
            (_("What"), _("10 GB data pack")),
            (_("Charged"), f"{yuan(20_00)} {_('yuan')}"),
            (_("Balance after"), f"{yuan(66_40)} {_('yuan')}"),
            (_("Confirmed"), _("by text, 14:33")),
            (_("Order"), "20250731-0482"),
        ],
    }


def subscriptions() -> Context:
    """What a line has, each with its way out."""
    return {
        "line": line(),
        "subscriptions": [
            {
                "name": _("Breeze 59"),
                "price_fen": 59_00,
                "cycle": "MONTHLY",
                "since": "2021-03-18",
                "kept_because": _("A line needs a plan: change it instead of cancelling."),
            },
            {
                "name": _("Music club"),
                "price_fen": 9_90,
                "cycle": "MONTHLY",
                "since": "2024-11-02",
                "cancel_url": "#cancel",
            },
            {
                "name": _("10 GB data pack"),
                "price_fen": 20_00,
                "cycle": "ONCE",
                "since": "2025-07-31",
                "until": "2025-07-31",
                "badge": _("ends by itself"),
                "tone": "plain",
            },
        ],
    }


def mishap() -> Context:
    """What an error page knows."""
    return {"request_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "retry_after_seconds": 60}
