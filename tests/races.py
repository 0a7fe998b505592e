"""Many callers at once, on real threads with database connections of their own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import DatabaseError, connection

from kernel.errors import DomainError

AT_ONCE = 64


def outcomes(act: Callable[[int], object], *, times: int = AT_ONCE) -> Counter[str]:
    """Do something many times at once and count how it ended: OK, the code of a refusal, or DATABASE_ERROR.

    :param act: called with 0, 1, 2 …; needs `django_db(transaction=True)`.
    """
    start = Barrier(times)

    def one(number: int) -> str:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            act(number)
        except DomainError as refusal:
            return refusal.code
        except DatabaseError:
            return "DATABASE_ERROR"
        finally:
            connection.close()
        return "OK"

    with ThreadPoolExecutor(times) as threads:
        return Counter(threads.map(one, range(times)))
