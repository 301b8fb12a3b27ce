"""A runner without a crew: it asks the model once, or says what it was told to say."""

from flowloom_agentkit.ports import Assignment


class ScriptedRunner:
    """Gives its answers in order, the last one repeats; without any it passes the question to the model."""

    def __init__(self, *answers: str) -> None:
        self._answers = answers
        self.assignments: list[Assignment] = []

    async def run(self, assignment: Assignment) -> str:
        """Return the next answer."""
        self.assignments.append(assignment)
        if not self._answers:
            return (await assignment.ask(assignment.question)).text
        return self._answers[min(len(self.assignments), len(self._answers)) - 1]

    def warm_up(self) -> None:
        """Nothing to make ready."""
