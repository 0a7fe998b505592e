"""How English pages write instants: by the clock of 24 hours, as the Chinese ones do, for words follow many of them."""

DATETIME_FORMAT = "N j, Y, H:i"
TIME_FORMAT = "H:i"
