"""Pages as people read them."""

import re
from typing import Any

_TAG = re.compile(r"<[^>]+>")
_MAIN = re.compile(r"<main.*</main>", re.DOTALL)


def words(page: Any, *, main: bool = False) -> str:
    """Return the words of an answer in one line, without its tags.

    :param main: only what stands in <main>.
    """
    html = page.content.decode()
    if main:
        (html,) = _MAIN.findall(html)
    return " ".join(_TAG.sub(" ", html).split())
