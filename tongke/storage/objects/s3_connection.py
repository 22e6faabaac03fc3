"""The way to an S3 store: where it is, and how long and how often it is asked.

What can be repeated is: after a cut connection, a 5xx, `SlowDown` (a 503). A POST too, for
beginning an upload twice leaves only a stray that is swept, and completing one twice either gives
the same or says `NoSuchUpload`, which callers know what to make of.
"""

from __future__ import annotations

from dataclasses import dataclass

import urllib3

_SERVER_TROUBLE = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bucket is and how to get in."""

    url: str
    bucket: str
    region: str
    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call waits for the store, and how often it is made again.

    Together a store that is a black hole is given up within two minutes; one that refuses the
    connection, or answers 503, within some seconds.
    """

    # To connect, and for the store to take any byte of what we send.
    connect_s: float = 10.0
    # Until the next byte of the answer.
    read_s: float = 30.0
    retries: int = 3
    # Doubled each time: 0.4, 0.8, 1.6 s.
    backoff_s: float = 0.2


def pool(connections: int, patience: Patience) -> urllib3.PoolManager:
    """The connections of one adapter, as many as it has threads."""
    again = urllib3.Retry(
        total=patience.retries,
        backoff_factor=patience.backoff_s,
        status_forcelist=_SERVER_TROUBLE,
        allowed_methods=None,
        # The last answer comes through: it says more than "too many errors".
        raise_on_status=False,
        # A store could ask us to wait for minutes.
        respect_retry_after_header=False,
    )
    limits = urllib3.Timeout(connect=patience.connect_s, read=patience.read_s)
    return urllib3.PoolManager(maxsize=connections, timeout=limits, retries=again)
