"""演练: what a district that only tries things out shows and hands out bears the word, so that nobody takes it for real.

Pages know their district. Files are written far from the page that asked for them, so whoever writes one asks here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MARK = "演练"
NOTICE = "演练　内容不作数，演练结束后全部清除"

_asked: ContextVar[Callable[[], bool] | None] = ContextVar("rehearsing", default=None)


@contextmanager
def rehearsing(asked: Callable[[], bool]) -> Iterator[None]:
    """Within, files are marked if the district rehearses; it is asked for only when one is written."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


def is_rehearsing() -> bool:
    asked = _asked.get()
    return asked is not None and asked()
