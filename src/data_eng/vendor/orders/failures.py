"""What a request to the vendor can come to, each in one line, and when it is worth another try."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import logging
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import requests
from databento import BentoError, BentoHttpError

from ...edge import one_line
from ...errors import VendorError, VendorRefusedError

log = logging.getLogger(__name__)

TRIES: Final = 5
"""How often a request is tried in all."""
MAX_PAUSE_S: Final = 120.0
"""A vendor that asks for a longer pause is told to the user."""
MAX_DETAIL: Final = 300
"""Characters of the vendor's own words that are shown."""

FAILURES: Final = (BentoError, requests.RequestException, OSError, ValueError)
"""What the vendor's client raises; `requests` answers without JSON by a `ValueError`."""

_TOO_MANY: Final = 429
_ABOUT: Final[Mapping[int, str]] = {
    400: "the request is not valid",
    401: "the key is not valid: see DATABENTO_API_KEY, and databento.com/portal/keys",
    402: "the account cannot pay: see databento.com/portal/billing",
    403: "the key or the plan does not allow it: see databento.com/portal",
    404: "there is no such thing: jobs are kept for 30 days",
    409: "it exists already",
    422: "it cannot be served: take other dates or symbols",
    _TOO_MANY: "too many requests, or a limit of the account: run again later",
}
_OUTAGE: Final = "the vendor has an outage: run again later"

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """A failed request.

    Attributes
    ----------
    text : str
        In one line, with what to do; the key is not in it.
    is_passing : bool
        Whether the same request may do better in a moment.
    is_refusal : bool
        Whether the vendor has surely done nothing.
    pause_s : float or None
        What the vendor asks to wait.
    """

    text: str
    is_passing: bool = False
    is_refusal: bool = False
    pause_s: float | None = None

    def error(self, what: str) -> VendorError:
        """Return the error to raise: `VendorRefusedError` where nothing was done."""
        kind = VendorRefusedError if self.is_refusal else VendorError
        return kind(f"{what}: {self.text}")


def pause(seconds: float) -> None:
    """Wait between two tries."""
    time.sleep(seconds)


def wait_before_next(what: str, failure: Failure, tried: int) -> None:
    """Wait before a request is tried again; raises its error where that is of no use.

    Parameters
    ----------
    what : str
        What is asked for.
    failure : Failure
    tried : int
        How often it was tried.
    """
    wait_s = failure.pause_s if failure.pause_s is not None else float(2**tried)
    if not failure.is_passing or tried >= TRIES or wait_s > MAX_PAUSE_S:
        raise failure.error(what)
    log.warning("%s: %s; trying again in %g s", what, failure.text, wait_s)
    pause(wait_s)


def failure_of(error: Exception, key: str) -> Failure:
    """Return what an exception of the vendor's client means."""
    if isinstance(error, BentoHttpError):
        return _of_status(error, key)
    if isinstance(error, requests.exceptions.SSLError):
        return Failure(
            f"the certificate is not trusted ({_plain(error, key)}): of a proxy, name its "
            "authority by REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return Failure("the answer is no JSON: does a proxy stand between?", is_passing=True)
    if isinstance(error, requests.Timeout):
        return Failure("no answer in time: run again later", is_passing=True)
    if isinstance(error, requests.RequestException | OSError):
        return Failure(
            f"the vendor cannot be reached or broke off ({_plain(error, key)}): see the network "
            "and run again",
            is_passing=True,
        )
    return Failure(f"not as the vendor's client expects it ({_plain(error, key)})")


def retried(what: str, key: str, call: Callable[[], T], *, is_order: bool = False) -> T:
    """Return what a request answers, tried again where it may do better.

    Parameters
    ----------
    what : str
        What is asked for, for messages.
    key : str
        The API key: struck out of all texts.
    call : callable
    is_order : bool
        It buys something: tried again only where it was surely not taken.

    Raises
    ------
    VendorError
        It failed; a `VendorRefusedError` where the vendor has surely done nothing.
    """
    for tried in range(1, TRIES + 1):
        try:
            return _quiet(call, key)
        except FAILURES as error:
            failure = failure_of(error, key)
        if is_order and not failure.is_refusal:
            break
        wait_before_next(what, failure, tried)
    raise failure.error(what)


def _quiet(call: Callable[[], T], key: str) -> T:
    # What the vendor warns of in a header comes as warnings, of several lines each.
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        answer = call()
    for one in said:
        log.warning("the vendor says: %s", _plain(one.message, key))
    return answer


def _of_status(error: BentoHttpError, key: str) -> Failure:
    status = int(error.http_status)
    about = _ABOUT.get(status, _OUTAGE if status >= 500 else "it was refused")
    pause_s = _retry_after(error.headers)
    if pause_s is not None and pause_s > MAX_PAUSE_S:
        about += f"; it asks to wait {pause_s:,.0f} s"
    words = "; ".join(str(error.message or "no reason given").splitlines())
    said = _plain(words, key)
    return Failure(
        f"{about} (HTTP {status}: {said})",
        is_passing=status == _TOO_MANY or status >= 500,
        is_refusal=400 <= status < 500,
        pause_s=pause_s,
    )


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    said = str(headers.get("Retry-After", "")).strip()
    if said.isdecimal():
        return float(said)
    with contextlib.suppress(ValueError, TypeError):
        when = email.utils.parsedate_to_datetime(said)
        return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())
    return None


def _plain(said: object, key: str) -> str:
    text = one_line(str(said)).replace(key, "***")
    return text if len(text) <= MAX_DETAIL else f"{text[:MAX_DETAIL]}..."
