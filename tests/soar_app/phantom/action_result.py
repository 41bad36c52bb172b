"""The result of one action on one set of parameters."""

import json


class ActionResult:
    def __init__(self, param=None):
        if param is not None and not isinstance(param, dict):
            raise TypeError("param must be a dict")
        self.param = param or {}
        self.status = False
        self.message = ""
        self.summary = {}
        self.data = []

    def set_status(self, status_code, status_message="", exception=None):
        self.status = bool(status_code)
        self.message = status_message
        return self.status

    def get_status(self):
        return self.status

    def get_message(self):
        return self.message

    def get_param(self):
        return self.param

    def add_data(self, row):
        if not isinstance(row, dict):
            raise TypeError("a row must be a dict")
        json.dumps(row)  # SOAR keeps it so; what can't be written fails here as it does there.
        self.data.append(row)
        return row

    def get_data(self):
        return self.data

    def set_summary(self, summary):
        if not isinstance(summary, dict):
            raise TypeError("a summary must be a dict")
        self.summary = summary
        return summary

    def get_summary(self):
        return self.summary

    def get_dict(self):
        return {
            "status": "success" if self.status else "failed",
            "message": self.message,
            "summary": self.summary,
            "data": self.data,
            "parameter": self.param,
        }
