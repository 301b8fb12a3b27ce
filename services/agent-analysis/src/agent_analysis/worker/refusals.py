"""Why a table, a query or a chart is not done."""


class RefusedError(Exception):
    """Its text is for the model: what is wrong and what to do."""
