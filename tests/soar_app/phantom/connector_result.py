class ConnectorResult:
    def __init__(self):
        self.exceptions = []

    def add_exception(self, exception):
        self.exceptions.append(repr(exception))
        return True
