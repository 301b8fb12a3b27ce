"""Text that came from outside, made fit to be kept and sent on."""

from flowloom_contracts.base import JsonValue


def sound(value: JsonValue) -> JsonValue:
    """Return a value whose texts are valid UTF-8: half of a surrogate pair, in JSON's escapes, is not."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        return {str(sound(key)): sound(item) for key, item in value.items()}
    return value
