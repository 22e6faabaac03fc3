"""Calls to Elasticsearch: with time limits, behind a circuit breaker, failing as the port says.

What Elasticsearch answers about a request itself (not found, not understood) goes through to the
caller; that it is away, in trouble or will not have us is `IndexUnavailable`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Set
from typing import Any

from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    BadRequestError,
    NotFoundError,
    TransportError,
)

from search.elastic_circuit import Circuit
from search.index import IndexRefuses, IndexUnavailable

# A search takes some tens of milliseconds; a person would rather read a page without it than wait.
SEARCH_LIMIT_S = 2.0
# A batch with long texts, on a node that merges segments.
WRITE_LIMIT_S = 30.0
# A province's index, made into one segment.
MERGE_LIMIT_S = 3600.0

BAD_REQUEST, UNKNOWN, NOT_FOUND, TOO_MANY_REQUESTS = 400, 401, 404, 429
# A gateway or a node that cannot answer now. 503 also while a shard is being started.
AWAY = frozenset({502, 503, 504})
# Of its error; 403 alone may also be an index that is read-only.
REFUSED = "security_exception"
_NO_SHARD_ANSWERED = "search_phase_execution_exception"
# What a caller can make something of.
_ANSWERS = frozenset({BAD_REQUEST, NOT_FOUND})

Call = Callable[[AsyncElasticsearch], Awaitable[Any]]


class Client:
    """One for an event loop. Nothing is contacted before the first call.

    Every call raises `IndexRefuses`, which is an `IndexUnavailable`, where we may not make it.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        self.circuit = Circuit()
        # Who calls decides about trying again: a search soon, a write later, a circuit not at all.
        self._quick = AsyncElasticsearch(
            url, api_key=api_key, request_timeout=SEARCH_LIMIT_S, max_retries=0
        )
        self._patient = self._quick.options(request_timeout=WRITE_LIMIT_S)
        self._merging = self._quick.options(request_timeout=MERGE_LIMIT_S)

    async def ask(self, call: Call) -> Any:
        """A call that a person waits for. Raises `IndexUnavailable`, or `ApiError` (400, 404)."""
        return await self._through(call, self._quick, _ANSWERS)

    async def work(self, call: Call) -> Any:
        """A call that may take its time and be made again. Raises the same, and 429."""
        return await self._through(call, self._patient, _ANSWERS | {TOO_MANY_REQUESTS})

    async def merge(self, index: str) -> None:
        """Make an index one segment: each is asked in every search. Raises as `work` does."""
        await self._through(
            lambda client: client.indices.forcemerge(index=index, max_num_segments=1),
            self._merging,
            _ANSWERS,
        )

    async def search(self, index: str, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answers to several searches on one index, asked at once.

        Raises `NotFoundError` when the index, or what it lies on, is not there, `BadRequestError`
        when one of them cannot be answered, `IndexUnavailable`.
        """
        searches = [part for body in bodies for part in ({}, body)]
        answer = await self.ask(lambda client: client.msearch(index=index, searches=searches))
        for each in answer["responses"]:
            if "error" in each:
                raise _error_of_search(each, answer.meta)
            if each["timed_out"] or each["_shards"]["failed"]:
                raise IndexUnavailable
        return list(answer["responses"])

    async def close(self) -> None:
        await self._quick.close()

    async def _through(self, call: Call, client: AsyncElasticsearch, answers: Set[int]) -> Any:
        if not self.circuit.enter():
            raise IndexUnavailable
        try:
            answer = await call(client)
        except TransportError as error:
            self.circuit.failed()
            raise IndexUnavailable from error
        except ApiError as error:
            self._came_back(error)
            if error.status_code in answers:
                raise
            raise unavailable(error.status_code, error.error) from error
        except BaseException:
            self.circuit.gave_up()
            raise
        self.circuit.succeeded()
        return answer

    def _came_back(self, error: ApiError) -> None:
        if error.status_code in AWAY:
            self.circuit.failed()
        else:
            self.circuit.succeeded()


def unavailable(status: int, kind: str | None) -> IndexUnavailable:
    """What an error of Elasticsearch's, by its status and type, is to who asked."""
    if status == UNKNOWN or kind == REFUSED:
        return IndexRefuses(status=status)
    return IndexUnavailable()


def _error_of_search(answer: dict[str, Any], meta: Any) -> Exception:
    kinds: dict[int, type[ApiError]] = {BAD_REQUEST: BadRequestError, NOT_FOUND: NotFoundError}
    reason = str(answer["error"].get("reason"))
    kind = kinds.get(answer["status"])
    if kind is None and answer["error"].get("type") == _NO_SHARD_ANSWERED:
        # So too when the index went away under the search, as it does when a rebuild swaps.
        kind = NotFoundError
    if kind is None:
        away = unavailable(answer["status"], answer["error"].get("type"))
        away.__cause__ = ApiError(reason, meta, answer)
        return away
    return kind(reason, meta, answer)
