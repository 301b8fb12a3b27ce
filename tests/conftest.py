"""What holds for every test: no provider is ever called."""

import os

# Set before any member is imported, so that a process started by a test inherits it.
os.environ.setdefault("FLOWLOOM_FORBID_PROVIDER_CALLS", "1")
