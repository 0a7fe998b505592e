"""Data reminders (流量提醒): what is used, left and included, until when, and what comes beyond."""

from datetime import timedelta

from messaging.texts import SmsTemplate

FIRST_USE = SmsTemplate(
    kind="DATA_FIRST_USE",
    zh="您本月已开始使用流量。截至{as_of}，套餐内共{total}，已用{used}，剩余{left}。套餐外流量不会自动扣费。发送CXLL可查余量。",
    en="You started to use data this month. As of {as_of}: {used} used of {total}, {left} left. Data beyond the plan is"
    " not charged by itself. Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
)
FIRST_USE_WITHOUT_ALLOWANCE = SmsTemplate(
    kind="DATA_FIRST_USE_BEYOND",
    zh="您本月已开始使用流量，当前没有套餐流量（截至{as_of}）。套餐外流量不会自动扣费。发送CXLL可查余量。",
    en="You started to use data this month and have no data allowance (as of {as_of}). Data beyond the plan is not"
    " charged by itself. Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
)
THRESHOLD_PASSED = SmsTemplate(
    kind="DATA_THRESHOLD_PASSED",
    zh="截至{as_of}，您的{name}流量已用{used}（{percent}%），剩余{left}，共{total}。用完后套餐外流量不会自动扣费。"
    "发送CXLL可查余量。",
    en="As of {as_of} you used {used} ({percent}%) of the {total} data in {name}, {left} left. Data beyond the plan is"
    " not charged by itself. Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
)
USED_UP = SmsTemplate(
    kind="DATA_USED_UP",
    zh="截至{as_of}，您的{name}流量共{total}已全部用完，剩余{left}。套餐外流量不会自动扣费。发送CXLL可查其他余量。",
    en="As of {as_of} all {total} of the data in {name} is used, {left} left. Data beyond the plan is not charged by"
    " itself. Text CXLL for other allowances.",
    lifetime=timedelta(hours=24),
    urgent=True,
)
