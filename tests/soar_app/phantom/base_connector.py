"""The class that apps derive from."""

import json
import os
import signal
import tempfile
import time
import urllib.error
import urllib.request

from phantom.action_result import ActionResult
from phantom.connector_result import ConnectorResult

# The container count of a scheduled poll.
UNBOUNDED = 4294967295


class BaseConnector:
    def __init__(self):
        self.__conn_result = ConnectorResult()
        self.__action_results = []
        self.__config = {}
        self.__input = {}
        self.__status = (True, "")
        self.print_progress_message = False
        # Before and after each thing that SOAR saves is a step at which a test has someone die.
        self.__step = 0

    # What an app is.

    def get_app_json(self):
        for name in ("kafka.json", "manifest.json"):
            path = os.path.join(os.getcwd(), name)
            if os.path.exists(path):
                with open(path) as file:
                    return json.load(file)
        return {}

    def get_app_id(self):
        return self.get_app_json().get("appid", "no-app-id")

    def get_app_dir(self):
        return os.getcwd()

    def get_asset_id(self):
        return str(self.__input.get("asset_id", "1"))

    def get_config(self):
        return self.__config

    def get_action_identifier(self):
        return self.__input["identifier"]

    def get_product_installation_id(self):
        return "stand-in"

    @staticmethod
    def _get_phantom_base_url():
        return os.environ["PHANTOM_BASE_URL"].rstrip("/") + "/"

    def get_phantom_base_url(self):
        return self._get_phantom_base_url()

    def _set_csrf_info(self, token, referer):
        pass

    def is_poll_now(self):
        return bool(self.__input.get("poll_now"))

    # What it says.

    def save_progress(self, text, *values, **named):
        # As SOAR does: formatted even without values, which is why braces in a text are trouble.
        text = text.format(*values, **named)
        with open(os.environ.get("STANDIN_PROGRESS", os.devnull), "a") as file:
            file.write(json.dumps(text) + "\n")

    send_progress = save_progress

    def debug_print(self, tag, value=""):
        pass

    error_print = debug_print

    def set_status(self, status_code, status_message="", exception=None):
        self.__status = (bool(status_code), status_message)
        return bool(status_code)

    def add_action_result(self, result):
        if not isinstance(result, ActionResult):
            raise TypeError("add_action_result takes an ActionResult")
        self.__action_results.append(result)
        return result

    def get_action_results(self):
        return self.__action_results

    def __may_die(self):
        self.__step += 1
        if str(self.__step) != os.environ.get("STANDIN_DIES_AT"):
            return
        if os.environ["STANDIN_DIES"] == "app":
            os.kill(os.getpid(), signal.SIGKILL)
        # Each thread has a list of those that it started.
        hosts = [
            child
            for thread in os.listdir("/proc/self/task")
            for child in open("/proc/self/task/{}/children".format(thread)).read().split()
        ]
        # The SDK saves a state of its own when the host is done.
        for host in hosts:
            os.kill(int(host), signal.SIGKILL)
            while open("/proc/{}/stat".format(host)).read().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.001)

    # What SOAR keeps.

    def get_state_dir(self):
        home = os.environ["PHANTOM_HOME"]
        return "{}/local_data/app_states/{}/".format(home, self.get_app_id())

    def __state_file(self):
        return os.path.join(self.get_state_dir(), self.get_asset_id() + "_state.json")

    def load_state(self):
        try:
            with open(self.__state_file()) as file:
                return json.load(file)
        except FileNotFoundError:
            return {"app_version": self.get_app_json().get("app_version", "")}

    def save_state(self, state):
        if not isinstance(state, dict):
            raise TypeError("a state must be a dict")
        self.__may_die()
        os.makedirs(self.get_state_dir(), exist_ok=True)
        state["app_version"] = self.get_app_json().get("app_version", "")
        handle, path = tempfile.mkstemp(dir=self.get_state_dir())
        with os.fdopen(handle, "w") as file:
            json.dump(state, file)
        os.replace(path, self.__state_file())
        self.__may_die()
        return True

    def __post(self, path, body):
        self.__may_die()
        request = urllib.request.Request(
            self._get_phantom_base_url() + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            answer = json.load(error)
        self.__may_die()
        return answer

    def save_container(self, container, fail_on_duplicate=False):
        if not isinstance(container, dict):
            raise TypeError("a container must be a dict")
        body = dict(container)
        ingest = self.__config.get("ingest") or {}
        body.setdefault("label", ingest.get("container_label", "events"))
        body["asset_id"] = int(self.get_asset_id())
        answer = self.__post("rest/container", body)
        if answer.get("success"):
            return True, "Container created", answer["id"]
        existing = answer.get("existing_container_id")
        if existing is not None:
            return not fail_on_duplicate, "Duplicate container found", existing
        return False, answer.get("message", "no message"), None

    def save_artifacts(self, artifacts):
        if not isinstance(artifacts, list) or not artifacts:
            return False, "artifacts must be a list that is not empty", []
        ids = []
        for artifact in artifacts:
            answer = self.__post("rest/artifact", artifact)
            if not answer.get("success"):
                return False, answer.get("message", "no message"), ids
            ids.append(answer["id"])
        return True, "Artifacts created", ids

    # The life of an action.

    def initialize(self):
        return True

    def finalize(self):
        return True

    def handle_action(self, param):
        raise NotImplementedError

    def _handle_action(self, in_json, handle=None):
        self.__input = json.loads(in_json)
        self.__config = self.__input.get("config") or {}
        if self.initialize():
            for param in self.__input.get("parameters") or [{}]:
                self.handle_action(param)
            self.finalize()
        results = self.__action_results
        good = sum(1 for result in results if result.get_status())
        status, message = self.__status
        if results:
            status = good == len(results)
            message = message or results[-1].get_message()
        return json.dumps(
            {
                "status": "success" if status else "failed",
                "message": message,
                "result_data": [dump(result) for result in results],
                "result_summary": {"total_objects": len(results), "total_objects_successful": good},
                "exceptions": self.__conn_result.exceptions,
            }
        )


def dump(result):
    return {
        "status": "success" if result.get_status() else "failed",
        "message": result.get_message(),
        "summary": result.get_summary(),
        "data": result.get_data(),
        "parameter": result.get_param(),
    }
