"""The one way the launcher says no: a line that names the fault and how to mend it, and an exit code."""


class Refusal(Exception):  # noqa: N818 (a refusal is an answer, not a bug)
    """Bad input or a machine that cannot run the desk; printed as one line, without a traceback."""

    def __init__(self, line: str, *, exit_code: int = 1) -> None:
        super().__init__(line)
        self.exit_code = exit_code
