"""Python SDK for message parsers of kafka-soar.

A parser turns Kafka messages into SOAR containers and artifacts. It is compiled to a WebAssembly
component that can reach nothing: no file, socket, environment or process. The shortest one:

    from kafka_soar import Batch, Message, Output, parser


    def greet(message: Message, out: Output) -> None:
        text = message.text()
        container = out.container(text.split("\\n", 1)[0][:100])
        container.artifact(message, cef={"message": text})


    @parser
    def parse(batch: Batch, out: Output) -> None:
        batch.each(out, greet)

The map:

- In: `Batch` and its `Message`s; `settings` the asset's settings, `poll` the clock.
- Out: `Output`, which opens `Container`s, which take `Artifact`s; `log` lines.
- `Reject` in the function that `Batch.each` calls rejects that one message, anywhere else it
  refuses the batch; `Refuse` always refuses the batch.
- `kafka_soar.testing`: the same parser natively, under plain pytest.
"""

from . import log, poll, settings
from .batch import Batch, Header, Message
from .container import Artifact, Container
from .errors import Refuse, Reject
from .export import parser
from .members import ArtifactMembers, ContainerMembers, Time
from .output import Output

__all__ = [
    "Artifact",
    "ArtifactMembers",
    "Batch",
    "Container",
    "ContainerMembers",
    "Header",
    "Message",
    "Output",
    "Refuse",
    "Reject",
    "Time",
    "log",
    "parser",
    "poll",
    "settings",
]
