"""Talks to MCP servers: messages, one session a server, and the ways they travel."""
