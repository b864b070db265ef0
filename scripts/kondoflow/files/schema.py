"""JSON schemas: settings of a user checked against them, with what they allow in words.

Only what Snakemake itself needs is imported, because Snakemake may run in an environment that holds
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jsonschema

from kondoflow.files.errors import InputError


def _is_integer(checker: Any, instance: Any) -> bool:
    del checker
    return isinstance(instance, int) and not isinstance(instance, bool)


# JSON Schema counts 60.0 as an integer; the code behind the keys does not.
_TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_TYPES)


def check_schema(
    value: Any, schema: Mapping[str, Any], key: str = "", source: str = "config"
) -> None:
    """Check a part of a configuration against a schema.

    Args:
        value: The part.
        schema: The schema.
        key: Where the part stands, empty for all of the configuration.
        source: What an error names as the origin of the configuration.

    Raises:
        InputError: Names the key that is at fault most clearly, its value and what is allowed.
    """
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(value))
    if error is None:
        return
    place = ".".join([*([key] if key else []), *(str(part) for part in error.absolute_path)])
    place = place or "top level"
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))
        raise InputError(source, f"keys of {place}", unknown, f"among {', '.join(known)}")
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        allowed = f"completed by {', '.join(missing)}"
        raise InputError(source, f"keys of {place}", sorted(error.instance), allowed)
    raise InputError(source, place, error.instance, _allowed(error))


TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "keys with values",
    "array": "a list",
    "string": "text",
    "null": "null",
}
NUMBERS = {"integer", "number"}


def _allowed(error: jsonschema.ValidationError) -> str:
    """What the schema allows, in words; a schema's own `description` goes first."""
    value = error.validator_value
    words = {
        "type": " or ".join(TYPES[name] for name in _types(error.schema)),
        "enum": f"one of {value}",
        "const": f"{value}",
        "minimum": f"at least {value}",
        "maximum": f"at most {value}",
        "exclusiveMinimum": f"above {value}",
        "minItems": f"a list of at least {value}",
        "maxItems": f"a list of at most {value}",
        "minProperties": "at least one entry",
        "minLength": f"text of at least {value} characters",
        "maxLength": f"text of at most {value} characters",
        "uniqueItems": "a list without repetitions",
    }
    allowed = error.schema.get("description") or words.get(error.validator)
    allowed = allowed or _description_around(error) or f"valid ({error.message})"
    if _takes_number(error) and _reads_as_number(error.instance):
        return f"{allowed} (YAML reads this as text: write 1.0e-6 or 1.0e+6)"
    return allowed


def _types(schema: Mapping[str, Any]) -> list[str]:
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _takes_number(error: jsonschema.ValidationError) -> bool:
    """Whether a number, which looks like the text that was given, would have been of the type."""
    if error.validator == "type":
        return bool(NUMBERS.intersection(_types(error.schema)))
    if error.validator == "oneOf":
        return any(NUMBERS.intersection(_types(each)) for each in error.validator_value)
    return False


def _description_around(error: jsonschema.ValidationError) -> str | None:
    """What the alternatives are, of which the schema that was failed is one."""
    around = error.parent
    if around is None or around.absolute_path != error.absolute_path:
        return None
    words: str | None = around.schema.get("description")
    return words or _description_around(around)


def _reads_as_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False
