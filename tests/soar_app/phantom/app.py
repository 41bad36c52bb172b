"""What apps import."""

from phantom.action_result import ActionResult
from phantom.base_connector import BaseConnector

APP_SUCCESS = True
APP_ERROR = False


def is_fail(status):
    return not status


def is_success(status):
    return bool(status)


__all__ = ["APP_ERROR", "APP_SUCCESS", "ActionResult", "BaseConnector", "is_fail", "is_success"]
