"""Kafka for Splunk SOAR: relays actions to the binary beside it, which does all the work."""

import json
import os
import ssl
import urllib.request

import phantom.app as phantom
from relay import program, run

HERE = os.path.dirname(os.path.abspath(__file__))
# Artifacts of one page of SOAR's REST API; 0 is all.
ALL = 0


class KafkaConnector(phantom.BaseConnector):
    ACTIONS = {
        "test_connectivity": "test connectivity",
        "on_poll": "on poll",
        "post_data": "post data",
    }

    def handle_action(self, param):
        action_result = self.add_action_result(phantom.ActionResult(dict(param)))
        identifier = self.get_action_identifier()
        try:
            result = run(
                program(HERE),
                Soar(self),
                self.ACTIONS[identifier],
                self.get_config(),
                param,
                self.is_poll_now() if identifier == "on_poll" else None,
            )
        except Exception as error:
            return action_result.set_status(phantom.APP_ERROR, str(error))
        for row in result["data"]:
            action_result.add_data(row)
        if result["summary"]:
            action_result.set_summary(result["summary"])
        succeeded = result["status"] == "success"
        status = phantom.APP_SUCCESS if succeeded else phantom.APP_ERROR
        return action_result.set_status(status, result["message"])


class Soar:
    """What the relay asks of SOAR, in this version's words."""

    def __init__(self, connector):
        self.connector = connector
        self.load_state = connector.load_state
        self.folder = connector.get_state_dir
        self.asset_id = connector.get_asset_id
        self.save_container = connector.save_container
        self.save_artifacts = connector.save_artifacts

    def progress(self, text):
        # As an argument: what is said may hold braces, which the first one is formatted with.
        self.connector.save_progress("{}", text)

    def save_state(self, state):
        if phantom.is_fail(self.connector.save_state(state)):
            raise RuntimeError("SOAR could not save the asset's state")

    def artifacts_of(self, container_id):
        """The identifiers of a container's artifacts."""
        url = "{}rest/artifact?_filter_container_id={}&page_size={}".format(
            self.connector.get_phantom_base_url(), int(container_id), ALL
        )
        # This machine's own SOAR, whose certificate is its own.
        context = ssl._create_unverified_context() if url.startswith("https:") else None
        with urllib.request.urlopen(url, context=context, timeout=60) as response:
            return {one.get("source_data_identifier") for one in json.load(response)["data"]}
