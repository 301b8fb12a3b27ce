"""Workflow documents of these tests; `[[…]]` in a prompt is what the mock's ledger counts by."""

INPUTS = "inputs: {type: object, required: [key], properties: {key: {type: string}}}"


def document(name: str, steps: str, *, more: str = "") -> str:
    """Return a document with the input `key`."""
    return (
        f"apiVersion: flowloom/v1\nkind: Workflow\nmetadata:\n  name: {name}\n{INPUTS}\n{more}steps:\n{steps}"
    )


CHAIN = document(
    "chain",
    """\
  one: {llm: default, prompt: "Begin. [[${inputs.key}/one]]"}
  two: {llm: default, prompt: "Go on from ${steps.one.output} [[${inputs.key}/two]]"}
  three: {llm: default, prompt: "Go on from ${steps.two.output} [[${inputs.key}/three]]"}
""",
    more='outputs: {last: "${steps.three.output}"}\n',
)

CREW = document(
    "crew",
    """\
  find:
    agent: research
    prompt: "Find facts. [[${inputs.key}/find]]"
    memory: {write: findings}
  judge:
    llm: default
    prompt: "Judge ${steps.find.output} [[${inputs.key}/judge]]"
  make:
    agent: implementation
    prompt: "Make it of ${steps.judge.output} [[${inputs.key}/make]]"
    memory: {read: [findings], write: products}
  verify:
    agent: qa
    prompt: "Verify ${steps.make.output} [[${inputs.key}/verify]]"
""",
    more='outputs: {verdict: "${steps.verify.output}"}\n',
)
CREW_CALLS = ("find", "judge", "make", "verify")
CREW_TEXTS = ("find", "make")

LONG_LLM = document("long-llm", '  talk: {llm: default, prompt: "Talk. [[${inputs.key}/talk]]"}\n')
LONG_AGENT = document("long-agent", '  talk: {agent: research, prompt: "Talk. [[${inputs.key}/talk]]"}\n')


TWO_AGENTS = document(
    "two-agents",
    """\
  talk: {agent: research, prompt: "Talk. [[${inputs.key}/talk]]"}
  more: {agent: research, prompt: "[[${inputs.key}/more]] Go on from ${steps.talk.output}"}
""",
)


def one_agent(agent: str) -> str:
    """Return a document of one step for an agent."""
    return document(f"one-{agent}", f'  talk: {{agent: {agent}, prompt: "Talk. [[${{inputs.key}}/talk]]"}}\n')


REASKED = document(
    "reasked",
    """\
  write:
    agent: implementation
    prompt: "Write at length. [[${inputs.key}/write]]"
    checks: [{min_chars: 60}]
""",
)

IMPATIENT = document(
    "impatient",
    """\
  ask:
    llm: default
    prompt: "Ask. [[${inputs.key}/ask]]"
    retry: {max: 1, first: 100ms, on: [upstream]}
""",
)

BRANCHES = document(
    "branches",
    """\
  left: {agent: research, prompt: "Left. [[${inputs.key}/left]]"}
  right: {agent: analysis, prompt: "Right. [[${inputs.key}/right]]"}
  both: {transform: {left: "${steps.left.output}", right: "${steps.right.output}"}}
  route:
    switch:
      - {when: "${size(steps.both.output.left) > 10}", then: good}
      - {else: bad}
  good: {llm: default, prompt: "Join ${steps.both.output} [[${inputs.key}/good]]"}
  bad: {llm: default, prompt: "Never. [[${inputs.key}/bad]]"}
  pause: {needs: [good], wait: {for: 200ms}}
""",
    more='outputs: {text: "${steps.good.output}"}\n',
)

WRONG = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: wrong}
steps:
  one: {llm: default, promt: "Begin"}
  two: {llm: default, prompt: "Go on from ${steps.zero.output}"}
"""

SECRET_IN_A_PROMPT = document(
    "secret-in-a-prompt",
    """\
  talk: {llm: default, prompt: "Talk about ${secrets.token}."}
""",
)
NOT_YAML = "steps: [unclosed\n  and: {worse"
