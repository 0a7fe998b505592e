"""What stands for each placeholder when staff look at a text before anybody gets it: (Chinese, English)."""

from messaging.texts import ENGLISH, SmsTemplate

_SAMPLES = {
    "amount": ("50.00", "50.00"),
    "as_of": ("3月26日8时32分", "26 Mar 08:32"),
    "at": ("3月26日8时32分", "26 Mar 08:32"),
    "average": ("98.60", "98.60"),
    "balance": ("126.40", "126.40"),
    "before": ("3", "3"),
    "bonus": ("20.00", "20.00"),
    "card": ("6789", "6789"),
    "cash": ("106.40", "106.40"),
    "code": ("482913", "482913"),
    "count": ("2", "2"),
    "cycle": ("按月续订，可随时退订", "renewed each month until you cancel"),
    "cure": ("请携带有效证件到营业厅办理。", "Visit a shop with your identity document."),
    "data": ("流量剩余8 GB，共30 GB", "data 8 GB left of 30 GB"),
    "day": ("4月1日", "1 Apr"),
    "deadline": ("3月27日8时32分", "27 Mar 08:32"),
    "device": ("Chrome · Android", "Chrome · Android"),
    "domain": ("hall.example.com", "hall.example.com"),
    "ending": ("\n回复序号退订。", "\nReply with a number to cancel."),
    "flash_call_number": ("1008611", "1008611"),
    "hours": ("2", "2"),
    "first": ("15.80", "15.80"),
    "included": ("流量30 GB、语音500分钟、短信50条", "30 GB of data, 500 minutes of calls, 50 texts"),
    "kept": ("畅享套餐59元", "Breeze 59"),
    "last": ("5", "5"),
    "last_day": ("3月31日", "31 Mar"),
    "left": ("6 GB", "6 GB"),
    "limit": ("200.00", "200.00"),
    "lines": (
        "流量剩余8 GB，共30 GB\n语音剩余120分钟，共300分钟",
        "data 8 GB left of 30 GB\ncalls 120 min left of 300 min",
    ),
    "minutes": ("5", "5"),
    "missing": ("30.00", "30.00"),
    "months": ("3", "3"),
    "month": ("2026年3月", "Mar 2026"),
    "name": ("畅享流量包", "Data pack"),
    "names": ("畅享流量包", "Data pack"),
    "number": ("138****5678", "138****5678"),
    "numbers": ("7", "7"),
    "old": ("139****0001", "139****0001"),
    "offer": (
        "本次扣10.00元，之后每月1日10.00元，确认后立即生效，可随时退订",
        "10.00 yuan now, then 10.00 yuan on the first of each month, starts when you confirm, cancel at any time",
    ),
    "offers": (
        "（1）“畅享流量包”：10.00元，一次性，确认当月有效；（2）“视频会员”：本次扣10.00元，之后每月1日10.00元，确认后立即生效",
        (
            '(1) "Data pack": 10.00 yuan, once, for the month in which you confirm; (2) "Video club": 10.00 yuan now,'
            " then 10.00 yuan on the first of each month"
        ),
    ),
    "others": ("SIM卡挂失", "SIM card reported lost"),
    "orders": ("是 4821（畅享流量包）\n是 7305（视频会员）", "YES 4821 (Data pack)\nYES 7305 (Video club)"),
    "overdraft": ("100.00", "100.00"),
    "owed": ("30.00", "30.00"),
    "packs": ("流量包：畅享流量包。", " Packs: Data pack."),
    "page": ("https://hall.example.com/barring/", "https://hall.example.com/barring/"),
    "percent": ("80", "80"),
    "plan": ("畅享套餐59元", "Plan 59"),
    "points": ("1200", "1200"),
    "price": ("10.00元/月", "10.00 yuan a month"),
    "reason": ("误收费用", "charged wrongly"),
    "reset": ("4月1日", "1 Apr"),
    "sender": ("和风商城", "Hefeng Market"),
    "sentence": ("该序号不在清单中。", "This number is not on the list."),
    "service_number": ("10086", "10086"),
    "kind": ("投诉", "complaint"),
    "state": ("已结单", "closed"),
    "services": ("1 视频会员 15.00元/月", "1 Video club 15.00 yuan a month"),
    "spent": ("150.00", "150.00"),
    "total": ("30 GB", "30 GB"),
    "tries": ("3", "3"),
    "star": ("4", "4"),
    "next_star": ("5", "5"),
    "until": ("4月25日", "25 Apr"),
    "used": ("24 GB", "24 GB"),
    "words": ("您的订单已发货。", "Your parcel is on its way."),
    "what": ("2026年3月账单", "bill of Mar 2026"),
    "yes": ("是", "YES"),
    "beyond": ("套餐外流量5元/GB，本月封顶100.00元。", "Beyond the plan: 5 yuan per GB, at most 100 yuan this month."),
    "ends": ("3月31日24时", "the end of 31 Mar"),
    "cap": ("100.00", "100.00"),
    "fee": ("80.00", "80.00"),
    "next": ("200.00", "200.00"),
}


def sample_values(template: SmsTemplate, language: str) -> dict[str, str]:
    """Return a value for each placeholder of a text; one without a sample shows its own name."""
    place = 1 if language == ENGLISH else 0
    return {
        name: _SAMPLES[name][place] if name in _SAMPLES else f"‹{name}›" for name in template.placeholders(language)
    }
