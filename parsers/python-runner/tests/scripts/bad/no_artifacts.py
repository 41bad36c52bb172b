# expect: no_artifacts.py: in what parse_messages() returned, item 1: 'artifacts' is missing (it has 'container', 'artefacts')
def parse_messages(topic, messages):
    return [{"container": {"name": topic}, "artifacts": []}, {"container": {"name": topic}, "artefacts": []}]
