"""The only public process: REST, streams, sign-in and API keys."""
