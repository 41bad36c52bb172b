"""How a script's run ends when it doesn't end well. The words are for the person who wrote it."""


class Broken(Exception):
    """The script can't run at all."""


class Failed(Exception):
    """The script raised, or returned what the contract doesn't allow, on these messages."""
