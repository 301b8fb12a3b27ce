"""The catalogue of step types, through the public interface."""

import json

import httpx
import jsonschema
import pytest
from pydantic import TypeAdapter

from flowloom_contracts.cards import COMMON_WIDGETS
from flowloom_contracts.workflow import STEP_KINDS, STEP_MODELS, Step
from gateway.adapters.locales import words_of
from gateway.domain.languages import LANGUAGES, Words, language_for
from gateway.domain.permissions import Role
from gateway.domain.step_catalogue import step_catalogue
from gateway.testing.gateway import AsMember

CATALOGUE = step_catalogue(Words())
KINDS = {item.kind: item for item in CATALOGUE.items}


async def test_asks_for_a_sign_in(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/v1/step-types")).status_code == 401


async def test_is_for_everybody_who_may_read_workflows(as_member: AsMember) -> None:
    viewer = await as_member("vera@example.org", Role.VIEWER)
    answer = await viewer.get("/v1/step-types")
    assert answer.status_code == 200
    assert [item["kind"] for item in answer.json()["items"]] == list(STEP_KINDS)


async def test_speaks_the_language_that_is_liked_best(owner: httpx.AsyncClient) -> None:
    german = await owner.get("/v1/step-types", headers={"accept-language": "fr, de-AT;q=0.9, en;q=0.3"})
    english = await owner.get("/v1/step-types", headers={"accept-language": "fr"})
    assert (german.headers["content-language"], english.headers["content-language"]) == ("de", "en")
    assert "accept-language" in german.headers["vary"].lower()
    titles = [answer.json()["items"][7]["title"] for answer in (german, english)]
    assert titles == ["Schleife", "Loop"]
    assert german.headers["etag"] != english.headers["etag"]


async def test_says_when_nothing_has_changed(owner: httpx.AsyncClient) -> None:
    first = await owner.get("/v1/step-types")
    again = await owner.get("/v1/step-types", headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    other = await owner.get("/v1/step-types", headers={"if-none-match": '"other"'})
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["etag"].count(".") == 1, "what was sent is named once, and read for that once"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE-ch", "de"),
        ("en;q=0.5, de;q=0.8", "de"),
        ("de;q=0", "en"),
        ("deutsch", "en"),
        ("de;q=inf", "en"),
        ("de;q=1e5", "en"),
        (";;;,,q=", "en"),
        ("," * 100_000 + "de", "en"),
    ],
)
def test_chooses_a_language(header: str | None, language: str) -> None:
    assert language_for(header) == language


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_an_example_is_a_step_and_passes_its_own_schema(kind: str) -> None:
    item = KINDS[kind]
    TypeAdapter[Step](Step).validate_python(item.example)
    jsonschema.Draft202012Validator.check_schema(item.json_schema)
    jsonschema.Draft202012Validator(item.json_schema).validate(item.example)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(item.json_schema).validate({**item.example, "colour": "red"})


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_a_schema_can_be_drawn_as_it_is(kind: str) -> None:
    item = KINDS[kind]
    assert "$ref" not in json.dumps(item.json_schema)
    fields = item.json_schema["properties"]
    assert isinstance(fields, dict)
    assert next(iter(fields)) == kind
    groups = {group.id for group in CATALOGUE.groups}
    for position, field in enumerate(fields.values()):
        assert isinstance(field, dict)
        assert field["title"]
        assert field["description"]
        hints = field["x-ui"]
        assert isinstance(hints, dict)
        assert (hints["order"], hints["group"] in groups) == (position, True)


def test_hints_say_where_templates_may_stand() -> None:
    assert '"template": true' in _field("agent", "prompt")
    assert '"template": true' in _field("http", "http.url")
    assert '"template": true' in _field("loop", "loop.parallel")
    for kind, never in (("agent", "agent"), ("code", "code.source"), ("agent", "output"), ("loop", "do")):
        assert '"template": true' not in _field(kind, never), never


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_ports_are_what_the_language_has(kind: str) -> None:
    ports = {port.id: port for port in KINDS[kind].ports}
    extra = {"switch": ["case"], "loop": ["do"]}.get(kind, [])
    usual = ["in"] if kind == "stop" else ["in", "out"]
    assert list(ports) == [*usual, *extra, "error"]
    for port in ports.values():
        jsonschema.Draft202012Validator.check_schema(port.carries)
        if port.carries_from is not None:
            assert _field(kind, port.carries_from)


def test_widgets_name_fields_that_there_are() -> None:
    for kind, item in KINDS.items():
        said = json.dumps(item.json_schema).count('"widget":')
        named = {**COMMON_WIDGETS, **STEP_MODELS[kind].CARD.widgets}
        assert said == len(named), f"{kind}: {sorted(named)}"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    class Listening(Words):
        def text(self, english: str) -> str:
            asked.add(english)
            return english

    asked: set[str] = set()
    step_catalogue(Listening())
    words = words_of(language)  # type: ignore[arg-type]  # one of LANGUAGES
    assert sorted(asked - set(words.texts)) == []
    assert sorted(set(words.texts) - asked) == []
    assert sorted(words.synonyms) == sorted(STEP_KINDS)
    assert sorted(set(words_of("en").texts) - asked) == []


def _field(kind: str, path: str) -> str:
    schema = json.dumps(KINDS[kind].json_schema)
    found = json.loads(schema)
    for name in path.split("."):
        branches = [found, *found.get("oneOf", [])]
        found = next(
            branch["properties"][name] for branch in branches if name in branch.get("properties", {})
        )
    return json.dumps({key: value for key, value in found.items() if key not in ("oneOf", "properties")})
