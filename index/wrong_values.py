"""What is wrong with a value that a person or a program wrote: pydantic's findings as problems of the catalogue.

Everybody who tells of a wrong value does so through here, so that nobody reads a library's words or a pattern.
"""

import re

from pydantic import AfterValidator
from pydantic_core import ErrorDetails, PydanticCustomError

_LONGEST_NAME = 200

PROBLEMS = {
    "missing": "value_missing",
    "extra_forbidden": "value_unexpected",
    "string_type": "value_no_text",
    "string_unicode": "value_no_text",
    "string_too_short": "value_empty",
    "string_too_long": "value_too_long:{max_length}",
    "int_type": "value_no_integer",
    "int_parsing": "value_no_integer",
    "int_parsing_size": "value_no_integer",
    "int_from_float": "value_no_integer",
    "float_type": "value_no_number",
    "float_parsing": "value_no_number",
    "finite_number": "value_no_number",
    "greater_than_equal": "value_too_small:{ge}",
    "less_than_equal": "value_too_large:{le}",
    "literal_error": "value_no_choice:{expected}",
    "date_type": "value_no_day",
    "date_parsing": "value_no_day",
    "date_from_datetime_parsing": "value_no_day",
    "date_from_datetime_inexact": "value_no_day",
    "list_type": "value_no_list",
    "tuple_type": "value_no_list",
    "too_short": "value_empty",
    "too_long": "value_too_long:{max_length}",  # a text that a function of ours has read
    "too_long:Tuple": "value_too_many:{max_length}",
    "dict_type": "value_no_object",
    "model_type": "value_no_object",
    "path_type": "value_no_text",
    "json_invalid": "no_valid_JSON",
}
"""Codes of the catalogue by pydantic's kinds of errors, each with what it is told of a bound or the choices."""


def value_problem(found: ErrorDetails) -> str:
    """Return the problem of a wrong value: a code of the catalogue, with what belongs to it after a colon.

    Args:
        found: one of pydantic's ``errors()``. An error of our own stays in its own words.

    Example:
        >>> value_problem({"type": "less_than_equal", "ctx": {"le": 5}, "loc": ("n",), "msg": "", "input": 9})
        'value_too_large:5'
    """
    context = {name: _written(value) for name, value in found.get("ctx", {}).items()}
    kinds = f"{found['type']}:{context.get('field_type')}", found["type"]
    problem = next((PROBLEMS[kind] for kind in kinds if kind in PROBLEMS), None)
    return found["msg"] if problem is None else problem.format_map(context)


def named_problem(found: ErrorDetails) -> str:
    """Return ``value_problem`` of the value that pydantic names; where it names none, that alone."""
    name = ".".join(str(part) for part in found["loc"])
    return wrong_value(name, value_problem(found)) if name else value_problem(found)


def wrong_value(name: str, problem: str) -> str:
    """Return the problem of the value ``name``, as ``wrong_value:<name>:<problem>``."""
    return f"wrong_value:{name[:_LONGEST_NAME].replace(':', ' ')}:{problem}"


def of_form(pattern: str, problem: str) -> AfterValidator:
    """Return a validator of texts that match ``pattern`` from end to end; of another, ``problem`` is told."""
    compiled = re.compile(pattern)

    def checked(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise PydanticCustomError("form", problem)
        return text

    return AfterValidator(checked)


def _written(value: object) -> str:
    """Return a bound without a needless ``.0``, and choices with commas, which are the same in every language."""
    written = f"{value:g}" if isinstance(value, float) else str(value)
    return written.replace(" or ", ", ")
