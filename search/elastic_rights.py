"""What we have to be allowed in an Elasticsearch that asks who calls."""

from __future__ import annotations

from elasticsearch import ApiError

from search.elastic_client import Client

# As docs/operating.md asks for.
OF_CLUSTER = ("monitor",)
OF_INDEXES = ("read", "write", "manage")


async def lacking(client: Client, alias: str) -> tuple[str, ...]:
    """The rights that we do not have; none where nobody is asked who calls.

    Raises `IndexUnavailable`, and `IndexRefuses` where we are not known at all.
    """
    names = [alias, f"{alias}-*"]
    try:
        answer = await client.ask(
            lambda es: es.security.has_privileges(
                cluster=list(OF_CLUSTER),
                index=[{"names": names, "privileges": list(OF_INDEXES)}],
            )
        )
    except ApiError:
        # Without security there is nobody at that address.
        return ()
    of_indexes = (
        f"{right} ({name})"
        for name in names
        for right in OF_INDEXES
        if not answer["index"][name][right]
    )
    of_cluster = (f"{right} (cluster)" for right in OF_CLUSTER if not answer["cluster"][right])
    return (*of_cluster, *of_indexes)
