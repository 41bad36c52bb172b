"""What the original connector does without a script of one's own, written as a script."""


def parse_messages(topic, messages):
    artifacts = []
    for message in messages:
        artifacts.append(
            {
                "source_data_identifier": f"{message['partition']}:{message['offset']}",
                "name": message["message"][:100],
                "cef": {"message": message["message"]},
                "run_automation": False,
            }
        )
    artifacts[-1].pop("run_automation")
    container = {"name": f"Messages ingested from {topic}", "run_automation": False}
    return [{"container": container, "artifacts": artifacts}]
