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
