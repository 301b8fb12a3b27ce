"""Following a run while it happens: one viewer behind server-sent events and Socket.IO."""
