"""Kafka for Splunk SOAR 7 and later: relays actions to the binary, which does all the work."""

import os
from collections.abc import Iterator

import kafka_soar_binary
from pydantic import create_model
from soar_sdk.abstract import SOARClient
from soar_sdk.action_results import ActionOutput, ActionResult, OutputField
from soar_sdk.app import App
from soar_sdk.asset import AssetField, BaseAsset, FieldCategory
from soar_sdk.exceptions import ActionFailure
from soar_sdk.models.artifact import Artifact
from soar_sdk.models.container import Container
from soar_sdk.params import OnPollParams, Param, Params

from .fields import APPID, FIELDS
from .relay import program, run

TYPES = {"string": str, "password": str, "file": str, "boolean": bool, "numeric": float}


def field(kind, required, default, category, description):
    settings = {"description": description, "category": FieldCategory(category)}
    if kind == "password":
        settings["sensitive"] = True
    if kind == "file":
        settings["is_file"] = True
    if default is not None:
        settings["default"] = default
    if required:
        return (TYPES[kind], AssetField(**settings))
    return (TYPES[kind] | None, AssetField(**settings, required=False))


Asset = create_model("Asset", __base__=BaseAsset, **{name: field(*rest) for name, *rest in FIELDS})

app = App(
    name="Kafka",
    app_type="devops",
    logo="logo.svg",
    logo_dark="logo_dark.svg",
    product_vendor="Apache",
    product_name="Kafka",
    publisher="kafka-soar",
    appid=APPID,
    python_version="3.13",
    asset_cls=Asset,
)


class Soar:
    """What the relay asks of SOAR, in this SDK's words."""

    def __init__(self, soar: SOARClient):
        manager = app.actions_manager
        self.soar = soar
        self.load_state = manager.load_state
        self.folder = manager.get_state_dir
        self.asset_id = manager.get_asset_id
        self.save_container = manager.save_container
        self.save_artifacts = manager.save_artifacts

    def progress(self, text: str) -> None:
        app.actions_manager.save_progress("{}", text)

    def save_state(self, state: dict) -> None:
        if app.actions_manager.save_state(state) is False:
            raise RuntimeError("SOAR could not save the asset's state")

    def artifacts_of(self, container_id: int) -> set:
        query = {"_filter_container_id": container_id, "page_size": 0}
        rows = self.soar.get("rest/artifact", params=query).json()["data"]
        return {row.get("source_data_identifier") for row in rows}


def relay(soar: SOARClient, action: str, parameters: dict) -> dict:
    # As SOAR handed it over, with the name of the parser's file and the ingest settings.
    config = {k: v for k, v in app.actions_manager.get_config().items() if v is not None}
    config.update({k: v for k, v in app._raw_asset_config.items() if v is not None})
    folder = os.path.dirname(kafka_soar_binary.__file__)
    return run(program(folder), Soar(soar), action, config, parameters)


class Failed(ActionFailure):
    """A failure in the original's words, without the SDK's in front."""

    def __str__(self) -> str:
        return self.message


def check(result: dict) -> None:
    if result["status"] != "success":
        raise Failed(result["message"])
    # The SDK has words of its own for success.
    app.actions_manager.save_progress("{}", result["message"])


@app.test_connectivity()
def test_connectivity(soar: SOARClient, asset: Asset) -> None:
    """Check each host, the topic, what may be done with it, the saved state and the parser"""
    check(relay(soar, "test connectivity", {}))


@app.on_poll()
def on_poll(params: OnPollParams, soar: SOARClient, asset: Asset) -> Iterator[Container | Artifact]:
    """Ingest messages from Kafka"""
    # Saved as they come and acknowledged one by one: what is yielded is saved only at the end.
    check(relay(soar, "on poll", params.model_dump()))
    yield from ()


class PostDataParams(Params):
    data_type: str = Param(
        "The type of the data: string or JSON", value_list=["string", "JSON"], default="string", column_name="Data Type"
    )
    data: str = Param("The data to post")
    topic: str = Param("The topic to post the data to", primary=True, cef_types=["kafka topic"], column_name="Topic")
    timeout: float = Param("Seconds to wait for the acknowledgement; 0 doesn't wait", required=False, default=0.0)
    key: str = Param("The messages' key; messages with one key go to one partition", required=False, default="")
    headers: str = Param('Headers as a JSON object: {"source": "soar"}', required=False, default="")
    partition: str = Param("The partition that the messages go to", required=False, default="")
    compression: str = Param(
        "How the messages are compressed",
        required=False,
        default="none",
        value_list=["none", "gzip", "snappy", "lz4", "zstd"],
    )


class PostDataOutput(ActionOutput):
    checksum: float | None
    offset: float | None
    partition: float | None
    serialized_key_size: float | None
    serialized_value_size: float | None
    timestamp: float | None
    topic: str | None = OutputField(cef_types=["kafka topic"])
    topic_partition: float | None
    message: str | None
    status: str | None
    error: str | None


@app.action(name="post data", action_type="generic", read_only=False, render_as="table", output_class=PostDataOutput)
def post_data(params: PostDataParams, soar: SOARClient, asset: Asset):
    """Post data to a Kafka topic"""
    result = relay(soar, "post data", params.model_dump())
    # Not as outputs: those of a failed post would be lost, and missing fields become null.
    outcome = ActionResult(result["status"] == "success", result["message"], params.model_dump())
    for row in result["data"]:
        outcome.add_data(row)
    return outcome


if __name__ == "__main__":
    app.cli()
