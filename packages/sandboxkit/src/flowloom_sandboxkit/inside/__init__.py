"""What runs in the worker processes; it imports only the standard library, Monty and its neighbours."""
