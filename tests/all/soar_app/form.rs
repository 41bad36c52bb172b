//! Both apps offer what the host takes.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use super::app::{python, source};

/// Fields of the host that are for the command line, or SOAR's.
fn is_no_field_of_the_form(name: &str) -> bool {
    let elsewhere = ["soar_", "group_"]
        .iter()
        .any(|start| name.starts_with(start));
    elsewhere
        || name.ends_with("_file") && name != "cert_file" && name != "key_file"
        || name.ends_with("_env")
        || ["ingest", "message_parser__filename"].contains(&name)
}

/// The fields that the host knows: it names them all when it meets one that it doesn't.
fn fields_of_the_host() -> BTreeSet<String> {
    let form = kafka_soar::config::Form::parse(r#"{"no such": 1}"#).expect("an object");
    let faults = form
        .check(&kafka_soar::config::Policy::default())
        .expect_err("faults");
    let fault = faults
        .list()
        .iter()
        .find(|fault| fault.remedy.contains("the fields are"));
    let (_, list) = fault
        .expect("it lists them")
        .remedy
        .split_once("the fields are ")
        .unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_form_offers_every_field_that_an_asset_can_have() {
    let manifest = fs::read_to_string(source("host/soar-app/base/kafka.json")).expect("there");
    let manifest: Value = manifest.parse().expect("JSON");
    let form: BTreeSet<String> = manifest["configuration"]
        .as_object()
        .expect("fields")
        .keys()
        .cloned()
        .collect();
    let mut host = fields_of_the_host();
    host.retain(|name| !is_no_field_of_the_form(name));
    assert_eq!(form, host);
}

#[test]
fn both_apps_have_one_form() {
    let check = "
import json, sys
sys.path.insert(0, sys.argv[1])
from fields import APPID, FIELDS
manifest = json.load(open(sys.argv[1] + '/base/kafka.json'))
form = []
for name, kind, required, default, group, description in FIELDS:
    field = {'data_type': kind, 'description': description, 'required': required}
    if default is not None:
        field['default'] = default
    form.append((name, dict(field, order=len(form))))
assert manifest['appid'] == APPID
assert list(manifest['configuration'].items()) == form
";
    let output = Command::new(python())
        .args(["-B", "-c", check])
        .arg(source("host/soar-app"))
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
