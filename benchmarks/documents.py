"""The workflow documents that benchmarks run."""

_HEAD = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: %s}
inputs: {type: object, required: [text], properties: {text: {type: string}}}
steps:
"""


def chain5() -> str:
    """Return W1: five `llm` steps, each passes its answer of 200 bytes on."""
    lines = ['  s1: {llm: default, prompt: "${inputs.text}"}']
    lines += [f'  s{n}: {{llm: default, prompt: "${{steps.s{n - 1}.output}}"}}' for n in range(2, 6)]
    return _HEAD % "bench-chain5" + "\n".join(lines) + "\n"


def agents4() -> str:
    """Return a chain of four agent steps on four services."""
    names = ("research", "analysis", "implementation", "qa")
    lines = ['  s1: {agent: research, prompt: "${inputs.text}"}']
    lines += [
        f'  s{n}: {{agent: {name}, prompt: "${{steps.s{n - 1}.output}}"}}'
        for n, name in enumerate(names[1:], start=2)
    ]
    return _HEAD % "bench-agents4" + "\n".join(lines) + "\n"


def talk() -> str:
    """Return one `llm` step, for streaming."""
    return _HEAD % "bench-talk" + '  s1: {llm: default, prompt: "${inputs.text}"}\n'


def fan20() -> str:
    """Return one step, then twenty `llm` steps beside each other, then one that joins them."""
    lines = ['  first: {transform: "${inputs.text}"}']
    lines += [f'  s{n}: {{llm: default, prompt: "${{steps.first.output}}"}}' for n in range(20)]
    joined = ", ".join(f'"${{size(steps.s{n}.output)}}"' for n in range(20))
    return _HEAD % "bench-fan20" + "\n".join([*lines, f"  join: {{transform: [{joined}]}}"]) + "\n"


def one_agent() -> str:
    """Return one agent step."""
    return _HEAD % "bench-one-agent" + '  s1: {agent: research, prompt: "${inputs.text}"}\n'


def loop_of_calls(items: int) -> str:
    """Return a loop of `llm` steps, one item after the other: all of it in one `advance`."""
    do = '{s: {llm: default, prompt: "${inputs.text}"}}'
    loop = f'  each: {{loop: {{over: "${{range({items})}}"}}, do: {do}}}'
    return _HEAD % f"bench-calls-{items}" + loop + "\n"


def loop_of_agents(items: int, parallel: int) -> str:
    """Return a loop of agent steps, some at a time: through the engine and many of its histories."""
    do = '{s: {agent: research, prompt: "${inputs.text}"}}'
    loop = f'  each: {{loop: {{over: "${{range({items})}}", parallel: {parallel}}}, do: {do}}}'
    return _HEAD % f"bench-agents-{items}" + loop + "\n"


def pure(steps: int) -> str:
    """Return a chain of steps that only compute."""
    lines = ['  s0: {transform: "${size(inputs.text)}"}']
    lines += [f'  s{n}: {{transform: "${{steps.s{n - 1}.output + 1}}"}}' for n in range(1, steps)]
    return _HEAD % f"bench-pure-{steps}" + "\n".join(lines) + "\n"
