"""One request to a robot or a gateway, and what its outcome means for the message it carried."""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from notifications.channels.base import Permanent, Temporary, Unknown, Unreachable

# Seconds to connect, and to wait for the answer.
TIMEOUT = (5, 15)
MOST_READ = 20_000
# The gateway says itself that it did nothing, or is known not to have.
COME_AGAIN = {408, 425, 429, 500, 502, 503}


def request(
    method: str,
    url: str,
    *,
    data: str | bytes | None = None,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    **ignored: Any,
) -> requests.Response:
    """The answer, if it is one of success.

    The errors of `requests` carry the address, and with it keys and phones: they are chained nowhere.
    """
    if settings.PRODUCTION and urlsplit(url).scheme != "https":
        raise Permanent("地址不是 https，正式环境不发送")
    try:
        answer = requests.request(
            method, url, data=data, headers=headers, params=params, timeout=TIMEOUT, allow_redirects=False
        )
    except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError):
        raise Unreachable("连接不上对方服务器，或对方证书不受信任") from None
    except (requests.Timeout, requests.exceptions.ChunkedEncodingError):
        raise Unknown("已发出，但对方没有回应") from None
    except requests.ConnectionError as error:
        if _never_connected(error):
            raise Unreachable("连接不上对方服务器") from None
        raise Unknown("已发出，但连接中断，没有收到回应") from None
    except (requests.RequestException, ValueError):
        raise Permanent("请求无法发出，请检查地址、请求头等配置") from None
    if 300 <= answer.status_code < 400:
        raise Permanent("对方要求转到别的地址，为安全起见不跟随")
    if answer.status_code in COME_AGAIN:
        raise Temporary(f"对方暂时不能处理（HTTP {answer.status_code}）")
    if answer.status_code >= 500:
        raise Unknown(f"对方没有说明是否已发出（HTTP {answer.status_code}）")
    if answer.status_code >= 400:
        raise Permanent(f"对方拒收（HTTP {answer.status_code}）")
    return answer


def _never_connected(error: requests.ConnectionError) -> bool:
    """urllib3 wraps a refused or unresolved connection this way; one that broke later it does not."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return type(cause).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
