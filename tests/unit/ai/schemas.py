"""Schemas of the subset, and JSON values, for tests that want any of them."""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
TEXT = {"type": "string"}


def strict(properties: dict[str, Any], **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


WORDS = st.sampled_from(["a", "b", "c"])
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.just(1.0), st.just(0.5), WORDS)


def _objects(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.dictionaries(WORDS, inner, max_size=3).map(strict)


PARTS: st.SearchStrategy[Schema] = st.recursive(
    st.one_of(
        st.sampled_from([TEXT, {"type": "boolean"}, {"type": "null"}, {"type": "number"}]),
        st.just({"type": ["integer", "null"]}),
        st.lists(PLAIN, min_size=1, max_size=3).map(lambda values: {"enum": values}),
        PLAIN.map(lambda value: {"const": value}),
        st.integers(-2, 2).map(lambda low: {"type": "integer", "minimum": low}),
        st.integers(-2, 2).map(lambda low: {"type": "number", "exclusiveMinimum": low}),
        st.just({"$ref": "#/$defs/thing"}),
    ),
    lambda inner: st.one_of(
        _objects(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        st.tuples(inner, st.integers(0, 1), st.integers(1, 2)).map(
            lambda t: {"type": "array", "items": t[0], "minItems": t[1], "maxItems": t[2]}
        ),
    ),
    max_leaves=6,
)
OBJECTS = _objects(PARTS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
