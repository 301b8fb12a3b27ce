"""What the browser application costs in a real Chromium; the measuring itself is in `frontend/bench`."""
