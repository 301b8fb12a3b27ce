"""CrewAI, behind `StepRunner`; nothing else in Flowloom imports it, and nothing at import time."""
