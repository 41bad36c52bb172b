"""What the original connector did without a parser of one's own, as a parser of one's own."""


def parse_messages(topic, messages):
    container = {
        "name": "Messages ingested from {}".format(topic),
        "description": "Some messages from Kafka",
        "run_automation": False,
    }
    artifacts = []
    for message in messages:
        artifact = {}
        artifact["source_data_identifier"] = "{}:{}".format(message["partition"], message["offset"])
        artifact["cef"] = {"message": message["message"]}
        artifact["name"] = message["message"][:100]
        artifact["run_automation"] = False
        artifacts.append(artifact)
    if artifacts:
        del artifacts[-1]["run_automation"]
    return [{"container": container, "artifacts": artifacts}]
