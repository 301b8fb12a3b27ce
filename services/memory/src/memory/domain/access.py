"""Who may read or write a collection."""

from collections.abc import Sequence
from typing import Final

from flowloom_servicekit.errors import ForbiddenError, NotFoundError

# They may change the lists, so a list cannot keep them out.
ALWAYS: Final = frozenset({"owner", "admin"})


class CollectionNotFoundError(NotFoundError):
    """The collection does not exist, or this role may not know of it."""

    title = "No such collection"


class DocumentNotFoundError(NotFoundError):
    """The document does not exist, or this role may not know of it."""

    title = "No such document"


class CollectionIsReadOnlyError(ForbiddenError):
    """The role may read the collection but not change it."""

    title = "The collection is read-only for this role"


def may(role: str, listed: Sequence[str]) -> bool:
    """Whether an access list lets a role in; an empty one lets everybody in."""
    return not listed or role in ALWAYS or role in listed
