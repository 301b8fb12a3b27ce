"""The refusal of a document that has problems."""

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.problem import Problem
from flowloom_servicekit.errors import DomainError


class InvalidWorkflowError(DomainError):
    """The document has problems, so it can neither run nor be published."""

    status = 422
    title = "The workflow has problems"

    def __init__(self, found: tuple[DocumentProblem, ...]) -> None:
        super().__init__("Mend them, then try again.")
        self._found = found

    def problem(self) -> Problem:
        """Return the problem with those of the document."""
        rows: list[JsonObject] = [problem.model_dump(mode="json") for problem in self._found]
        return super().problem().model_copy(update={"problems": rows})
