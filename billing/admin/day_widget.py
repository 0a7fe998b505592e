"""How a day is entered at the desk: the browser's own calendar, which needs no script."""

from django.forms import DateInput

DAY_WIDGET = DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
