"""Runs an action as SOAR does: `spawn.py <folder of the app> < action.json`, the result on stdout."""

import importlib
import json
import os
import sys


def main():
    folder = sys.argv[1]
    os.chdir(folder)
    sys.path.insert(0, folder)
    request = json.load(sys.stdin)
    if os.path.exists("kafka.json"):
        import phantom.app

        with open("kafka.json") as file:
            module = json.load(file)["main_module"].rsplit(".", 1)[0]
        importlib.import_module(module)
        (connector,) = phantom.app.BaseConnector.__subclasses__()
        result = connector()._handle_action(json.dumps(request), None)
    else:
        app = importlib.import_module("src.app").app
        manager = app.actions_manager
        app.handle(json.dumps(request))
        # The SDK's own handling returns what the base class does; that is SOAR's to show.
        from phantom.base_connector import dump

        results = [dump(one) for one in manager.get_action_results()]
        result = json.dumps({"result_data": results})
    print(result)


main()
