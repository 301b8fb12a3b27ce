"""An OpenAI-compatible model server with a fixed token schedule, scripted answers and faults on demand."""
