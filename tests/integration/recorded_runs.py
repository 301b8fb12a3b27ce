"""Documents of the runs whose histories are recorded, one for each kind of step and way to end.

Each has a step that somebody else carries out: what never waits for anybody has no driver and no history.
"""

from typing import Final

from tests.integration.documents import document

TALK: Final = 'agent: research, prompt: "[[${inputs.key}/talk]]"'


def _document(name: str, steps: str, *, more: str = "") -> str:
    return document(name, steps.replace("TALK", TALK), more=more)


INSTANT: Final = _document(
    "instant",
    """\
  a: {transform: {n: 3}}
  b: {switch: [{when: "${steps.a.output.n > 2}", then: c}, {else: d}]}
  c: {emit: {topic: recorded, data: "${steps.a.output}"}}
  d: {transform: 1}
  talk: {needs: [c], TALK}
""",
)
LOCAL_KINDS: Final = _document(
    "local-kinds",
    """\
  code: {code: {source: "n * 2", with: {n: 21}}}
  keep: {tool: memory.store, with: {collection: recorded, text: "[[${inputs.key}]]"}}
  get: {http: {method: GET, url: "${inputs.url}/page"}}
  join: {transform: "${steps.get.output.status + steps.code.output}", needs: [keep]}
  talk: {TALK}
""",
).replace("{key: {type: string}}", "{key: {type: string}, url: {type: string}}")
ITEMS: Final = _document(
    "items",
    """\
  each:
    loop: {over: "${range(5)}", parallel: 3, on_item_error: collect}
    do:
      talk: {agent: research, prompt: "[[${inputs.key}/talk${index}]]"}
      note: {llm: default, prompt: "[[${inputs.key}/note${index}]] ${steps.talk.output}"}
    output: "${steps.note.output}"
""",
)
ROUNDS: Final = _document(
    "rounds",
    """\
  polish:
    loop: {until: "${index >= 2}", max: 5}
    do: {write: {agent: implementation, prompt: "[[${inputs.key}/write${index}]]"}}
    output: "${steps.write.output}"
""",
)
LONG: Final = _document(
    "long",
    """\
  each:
    loop: {over: "${range(70)}", parallel: 2}
    do: {ask: {llm: default, prompt: "[[${inputs.key}/ask${index}]]"}}
  talk: {agent: qa, prompt: "[[${inputs.key}/talk]]", needs: [each]}
""",
)
ASKS: Final = _document(
    "asks",
    """\
  ask: {approval: {title: "Go on?", expires: 60s, on_expire: approve}}
  talk: {needs: [ask], TALK}
""",
)
EXPIRES: Final = ASKS.replace("name: asks", "name: expires").replace("60s", "1s")
HEARS: Final = _document(
    "hears",
    """\
  wait: {wait: {event: {name: recorded-news, match: "${event.data.key == inputs.key}", timeout: 2m}}}
  talk: {needs: [wait], TALK}
""",
)
HEARS_NOTHING: Final = HEARS.replace("name: hears", "name: hears-nothing").replace("2m", "1s")
INNER: Final = _document("inner", "  talk: {TALK}\n", more='outputs: {said: "${steps.talk.output}"}\n')
OUTER: Final = _document(
    "outer",
    """\
  call: {workflow: inner, inputs: {key: "${inputs.key}-inner"}}
  talk: {needs: [call], TALK}
""",
)
DETACHED: Final = _document(
    "detached",
    """\
  call: {workflow: inner, inputs: {key: "${inputs.key}-inner"}, mode: detach}
  talk: {needs: [call], TALK}
""",
)
UNDONE: Final = _document(
    "undone",
    """\
  first:
    agent: research
    prompt: "[[${inputs.key}/first]]"
    undo: {agent: analysis, prompt: "[[${inputs.key}/undo]]"}
  second: {needs: [first], http: {method: GET, url: "${inputs.url}/missing"}}
on_failure:
  do: {tell: {agent: qa, prompt: "[[${inputs.key}/tell]] ${error.code}"}}
""",
).replace("{key: {type: string}}", "{key: {type: string}, url: {type: string}}")
RECOVERED: Final = _document(
    "recovered",
    """\
  get:
    http: {method: GET, url: "${inputs.url}/missing"}
    on_error: {on: ["404"], do: {look: {agent: research, prompt: "[[${inputs.key}/look]]"}}, output: 1}
  talk: {needs: [get], TALK}
""",
).replace("{key: {type: string}}", "{key: {type: string}, url: {type: string}}")
DEAR: Final = _document("dear", "  talk: {TALK, max_tokens: 400}\n", more="limits: {budget: {tokens: 200}}\n")
STOPS: Final = _document(
    "stops",
    """\
  talk: {TALK}
  pause: {wait: {for: 500ms}}
  end: {needs: [pause], stop: {status: failed, message: enough}}
""",
)
HURRIED: Final = _document("hurried", "  talk: {TALK, timeout: 1s}\n")
SILENT: Final = _document(
    "silent",
    """\
  post: {http: {method: POST, url: "${inputs.url}/silent"}, timeout: 60s}
  talk: {TALK}
""",
).replace("{key: {type: string}}", "{key: {type: string}, url: {type: string}}")
FAILS_LATE: Final = _document(
    "fails-late",
    """\
  first: {agent: research, prompt: "[[${inputs.key}/first]]"}
  second: {agent: analysis, prompt: "[[${inputs.key}/second]] ${steps.first.output}"}
""",
)
