"""What the failure of a request of object storage means: one line, and whether to ask again."""

from __future__ import annotations

import re
from typing import Final

from ...errors import LakeError

_STATUS: Final = re.compile(r"status code: (\d{3})(?: ([A-Za-z -]+))?")
_PASSING: Final = frozenset({"408", "409", "412", "425", "429"})
_TIMED_OUT: Final = "kind: Timeout"
_CONNECTING: Final = re.compile(r'ConnectError\(\s*"([a-z ]+)"')
"""Of the library's second part, which names what its first line does not."""
_BAD_NAME: Final = "Encountered object with invalid path"
_NO_CONDITIONS: Final = frozenset({"400", "405", "411", "501"})


class RequestError(LakeError):
    """A request failed.

    Attributes
    ----------
    status : str
        Of the answer; empty without one.
    """

    status: str = ""

    @property
    def is_of_conditions(self) -> bool:
        """Whether a failed conditional PUT says that the store knows none."""
        return self.status in _NO_CONDITIONS


def status_of(error: Exception | None) -> str:
    """Return the status of the answer that an error of the library is of; empty without one."""
    found = _STATUS.search(str(error))
    return found[1] if found else ""


def is_silent(error: Exception) -> bool:
    """Tell whether no answer came in time: what was asked for may have been done."""
    return _TIMED_OUT in str(error)


def is_final(error: Exception) -> bool:
    """Tell whether asking again will not change it."""
    status = status_of(error)
    return (status.startswith("4") and status not in _PASSING) or _BAD_NAME in str(error)


def explained(what: str, kind: str, error: Exception | None) -> RequestError:
    """Return the error to raise.

    Parameters
    ----------
    what : str
        The object, by its URL.
    kind : str
        Of the request.
    error : Exception or None
        Of the library; None where a condition failed without a reason.
    """
    # Of what the server says only the status: its text may hold the key's name.
    found = _STATUS.search(str(error))
    reason = f"{found[1]} {found[2] or ''}".strip() if found else first_words(error)
    status = status_of(error)
    remedy = "look at the store and the way to it, and run again"
    if status in ("401", "403"):
        remedy = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they permit"
    elif status == "404":
        remedy = "check the bucket, AWS_REGION and AWS_ENDPOINT_URL"
    elif status in ("301", "307", "400") or "BadScheme" in str(error):
        remedy = "check AWS_REGION, AWS_ENDPOINT_URL and AWS_ALLOW_HTTP"
    elif _BAD_NAME in str(error):
        remedy = "an object of the lake has such a name; remove it"
    made = RequestError(f"{what}: {kind} failed ({reason}); {remedy}")
    made.status = status
    return made


def first_words(error: Exception | None) -> str:
    """Return what the library says of an error, in a few words."""
    if error is None:
        return "the condition failed without a reason"
    if is_silent(error):
        return "no answer in time"
    connecting = _CONNECTING.search(str(error))
    if connecting:
        return connecting[1]
    text = str(error).splitlines()[0]
    return text.rpartition(" - ")[2][:200]
