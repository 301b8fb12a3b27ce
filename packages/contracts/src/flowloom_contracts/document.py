"""Problems of a workflow document, the same from server, command line and canvas."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from flowloom_contracts.base import Response


class ProblemCode(StrEnum):
    """Every code of a document problem (wire section 2)."""

    YAML_SYNTAX = "yaml_syntax"
    DUPLICATE_KEY = "duplicate_key"
    YAML_TAG = "yaml_tag"
    TOO_LARGE = "too_large"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    INVALID_VALUE = "invalid_value"
    INVALID_ID = "invalid_id"
    RESERVED_ID = "reserved_id"
    NO_KIND = "no_kind"
    TWO_KINDS = "two_kinds"
    UNKNOWN_STEP = "unknown_step"
    LATER_STEP = "later_step"
    CYCLE = "cycle"
    INNER_STEP_OUT_OF_SCOPE = "inner_step_out_of_scope"
    UNREACHABLE_STEP = "unreachable_step"
    EXPRESSION_SYNTAX = "expression_syntax"
    UNKNOWN_FUNCTION = "unknown_function"
    UNKNOWN_NAME = "unknown_name"
    EXPRESSION_TOO_COMPLEX = "expression_too_complex"
    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_TOOL = "unknown_tool"
    UNKNOWN_WORKFLOW = "unknown_workflow"
    UNDECLARED_SECRET = "undeclared_secret"
    SECRET_NOT_ALLOWED_HERE = "secret_not_allowed_here"
    UNKNOWN_TOPIC = "unknown_topic"
    BAD_DURATION = "bad_duration"
    BAD_SCHEDULE = "bad_schedule"
    BAD_SCHEMA = "bad_schema"
    LIMIT_EXCEEDED = "limit_exceeded"
    NOT_AVAILABLE = "not_available"
    RULE_DENIED = "rule_denied"


class DocumentProblem(Response):
    """One problem: what, where, and what to do."""

    code: ProblemCode
    severity: Literal["error", "warning"] = "error"
    path: str = Field(description="As in `steps.polish.do.check.prompt`.")
    line: int = Field(description="From 1.")
    column: int = Field(description="From 1.")
    end_line: int
    end_column: int
    message: str
    hint: str | None = None
