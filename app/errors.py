"""The errors a person can meet. Anything else that is raised is a bug and reaches the crash dialog whole."""


class WorkbenchError(Exception):
    """What happened, where, and what to do about it, in words for the person at the desk."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InputError(WorkbenchError):
    """Something the person gave cannot be used; ``field`` says which part of it."""

    def __init__(
        self,
        field: str,
        message: str,
        *,
        remedy: str = "",
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.field = field
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"line {self.line}" if self.line is not None else None,
                f"column {self.column}" if self.column is not None else None,
            )
            if part
        )
        text = super().__str__()
        return f"{place}: {text}" if place else text


class EnvironmentFault(WorkbenchError):
    """The machine lacks something (a key, a model, disk space); ``remedy`` says how to get it."""


class Cancelled(WorkbenchError):
    """The person stopped the work; nothing of it is left half-done."""

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
