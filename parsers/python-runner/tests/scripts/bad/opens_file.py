# expect: Got an exception in call to opens_file.py: [Errno 44] No such file or directory: '/opt/phantom/etc/hosts.json' | FileNotFoundError
def parse_messages(topic, messages):
    with open("/opt/phantom/etc/hosts.json") as f:
        return f.read()
