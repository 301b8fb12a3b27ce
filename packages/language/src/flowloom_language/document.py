"""Validates a document: from bytes to a workflow, or to all of its problems at once."""

from dataclasses import dataclass

from flowloom_contracts.document import DocumentProblem, ProblemCode
from flowloom_contracts.workflow import Workflow
from flowloom_language.catalog import Catalog, check_catalog
from flowloom_language.draft import Draft
from flowloom_language.graph_checks import check_graph
from flowloom_language.name_checks import check_names
from flowloom_language.problems import EnoughProblemsError, ProblemList
from flowloom_language.schema_checks import check_schemas
from flowloom_language.source_tree import Mapping, Scalar
from flowloom_language.structure_checks import check_limits, check_structure
from flowloom_language.template_checks import check_templates
from flowloom_language.trigger_checks import check_triggers
from flowloom_language.value_checks import check_values
from flowloom_language.yaml_reader import read_yaml

__all__ = ["Catalog", "ValidatedDocument", "validate_document"]


@dataclass(frozen=True, slots=True)
class ValidatedDocument:
    """`workflow` is None if any problem is an error; `name` is what the text says, if it can be read."""

    problems: tuple[DocumentProblem, ...]
    workflow: Workflow | None
    name: str | None


def validate_document(source: str | bytes, catalog: Catalog | None = None) -> ValidatedDocument:
    """Return every problem of a document, in the order of its text, and the workflow if there is no error.

    Never raises. Without a catalog, names of the workspace are not checked.
    """
    problems = ProblemList()
    draft: Draft | None = None
    workflow: Workflow | None = None
    try:
        draft = read_draft(source, problems, hint="Begin with apiVersion: flowloom/v1.")
        workflow = None if draft is None else _check(draft, catalog)
    except EnoughProblemsError:
        workflow = None
    name = None if draft is None else _name(draft)
    return ValidatedDocument(problems.in_order(), None if problems.has_errors else workflow, name)


def read_draft(source: str | bytes, problems: ProblemList, *, hint: str) -> Draft | None:
    """Return a document whose text is a mapping, None when it is not; raises EnoughProblemsError."""
    text, root = read_yaml(source, problems)
    if root is None:
        return None
    if not isinstance(root, Mapping):
        problems.add(ProblemCode.WRONG_TYPE, (), root.span, "A document is a mapping.", hint=hint)
        return None
    return Draft(text, root, problems)


def _check(draft: Draft, catalog: Catalog | None) -> Workflow | None:
    if not check_limits(draft):
        return None
    workflow = check_structure(draft)
    check_names(draft)
    check_templates(draft)
    check_schemas(draft)
    check_values(draft, catalog)
    check_triggers(draft)
    check_graph(draft)
    if catalog is not None:
        check_catalog(draft, catalog)
    return workflow


def _name(draft: Draft) -> str | None:
    node = draft.node(("metadata", "name"))
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
