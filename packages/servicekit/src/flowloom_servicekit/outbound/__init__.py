"""The one door to the outside: every call that leaves the platform is judged and capped here."""
