"""The asset's form: (name, kind, required, default, group, description), the original's fields first.

Both apps show the same form. What each field means in full is in docs/kafka.md, docs/delivery.md
and docs/policy.md; what it may hold is the binary's to check.
"""

# The original connector's, so that its assets, states and playbooks go on working.
APPID = "8af3097f-fa31-47fd-bf2f-42f26f2ccc7e"

CONNECT, INGEST, ACTION = "connectivity", "ingest", "action"

FIELDS = [
    ("hosts", "string", True, None, CONNECT, "Hosts in the cluster (comma separated e.g. host1.com:9092,host2.org:9092,10.10.10.10:9092)"),
    ("topic", "string", True, None, INGEST, "Topic to subscribe to for ingestion; several are separated by commas, a pattern begins with ^"),
    ("message_parser", "file", False, None, INGEST, "Message parser: a WebAssembly component, or a Python file with parse_messages(topic, messages)"),
    ("timeout", "numeric", True, None, INGEST, "How long to poll for messages each interval (ms)"),
    ("read_from_beginning", "boolean", True, False, INGEST, "Start ingesting from the beginning of the topic"),
    ("use_kerberos", "boolean", False, False, CONNECT, "Use Kerberos auth"),
    ("use_ssl", "boolean", False, False, CONNECT, "Use SSL"),
    ("cert_file", "string", False, None, CONNECT, "Path to SSL certificate file, or its PEM text"),
    ("key_file", "string", False, None, CONNECT, "Path to SSL key file, or its PEM text"),
    ("ca_cert", "string", False, None, CONNECT, "Path to CA certificate file, or its PEM text"),
    # From here on they are new, and all optional.
    ("ssl_key_password", "password", False, None, CONNECT, "Password of the SSL key"),
    ("ssl_endpoint_identification_algorithm", "string", False, None, CONNECT, "https verifies the brokers' host names (default); none does not"),
    ("security_protocol", "string", False, None, CONNECT, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, if use_ssl and use_kerberos don't say it"),
    ("sasl_mechanism", "string", False, None, CONNECT, "GSSAPI, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"),
    ("sasl_username", "string", False, None, CONNECT, "User for PLAIN and SCRAM"),
    ("sasl_password", "password", False, None, CONNECT, "Password for PLAIN and SCRAM"),
    ("sasl_kerberos_keytab", "string", False, None, CONNECT, "Path to a keytab; without it the process's ticket cache is used"),
    ("sasl_kerberos_principal", "string", False, None, CONNECT, "Principal, if it is not the keytab's first"),
    ("sasl_kerberos_service_name", "string", False, None, CONNECT, "First part of the brokers' principals (default kafka)"),
    ("sasl_oauthbearer_token_endpoint_url", "string", False, None, CONNECT, "OAuth token endpoint"),
    ("sasl_oauthbearer_client_id", "string", False, None, CONNECT, "OAuth client id"),
    ("sasl_oauthbearer_client_secret", "password", False, None, CONNECT, "OAuth client secret"),
    ("sasl_oauthbearer_scope", "string", False, None, CONNECT, "OAuth scope"),
    ("sasl_oauthbearer_extensions", "string", False, None, CONNECT, "OAuth extensions: name=value, separated by commas"),
    ("sasl_oauthbearer_token", "password", False, None, CONNECT, "OAuth token, used until it expires, in place of a token endpoint"),
    ("https_ca_cert", "string", False, None, CONNECT, "Path to the authority of the token endpoint's certificate, or its PEM text"),
    ("schema_registry_url", "string", False, None, INGEST, "Schema Registry's URL: messages in its format become JSON"),
    ("schema_registry_username", "string", False, None, INGEST, "Schema Registry's user"),
    ("schema_registry_password", "password", False, None, INGEST, "Schema Registry's password"),
    ("schema_registry_bearer_token", "password", False, None, INGEST, "Schema Registry's token"),
    ("schema_registry_ca_cert", "string", False, None, INGEST, "Path to the authority of Schema Registry's certificate, or its PEM text"),
    ("message_parser_signature", "string", False, None, INGEST, "Signature of the message parser, if the policy asks for one"),
    ("parser_settings", "string", False, None, INGEST, "Settings that the message parser reads: a JSON object"),
    ("parser_memory_limit", "numeric", False, None, INGEST, "Memory that the message parser may use (bytes)"),
    ("parser_time_limit", "numeric", False, None, INGEST, "Time that the message parser may take for a batch (ms)"),
    ("parser_message_time_limit", "numeric", False, None, INGEST, "Time that it may take for each message on top (ms)"),
    ("parser_output_limit", "numeric", False, None, INGEST, "What it may make of a batch (bytes)"),
    ("parser_log_limit", "numeric", False, None, INGEST, "What it may log for a batch (bytes)"),
    ("parser_artifact_limit", "numeric", False, None, INGEST, "Artifacts that it may make of a batch"),
    ("batch_max_messages", "numeric", False, None, INGEST, "Messages of a batch, and so of a container"),
    ("batch_max_bytes", "numeric", False, None, INGEST, "Size of a batch (bytes)"),
    ("container_severity", "string", False, None, INGEST, "Severity of containers to which the parser gives none"),
    ("container_tags", "string", False, None, INGEST, "Tags of containers to which the parser gives none, separated by commas"),
    ("container_max_artifacts", "numeric", False, None, INGEST, "Artifacts of a container (default 1000); larger ones are split"),
    ("dead_letter_topic", "string", False, None, INGEST, "Topic for messages that can't be handled; without it a file beside the asset's state"),
    ("quarantine_threshold", "numeric", False, None, INGEST, "Percent of a batch that can't be handled above which a poll stops (default 50)"),
]
