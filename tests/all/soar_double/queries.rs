//! Asking: filters, pages, single records, the export and the rest.

use serde_json::{Value, json};

use super::{Client, container, double, export, refused};

fn ids(answer: (u16, Value)) -> Vec<i64> {
    let (status, body) = answer;
    assert_eq!(status, 200, "{body}");
    let data = body["data"].as_array().expect("a list");
    data.iter()
        .map(|r| r["id"].as_i64().expect("an id"))
        .collect()
}

fn fill(soar: &Client, containers: usize) {
    for i in 0..containers {
        let mut body = container(&format!("c{i}"));
        body["name"] = json!(format!("number {i}"));
        body["asset_id"] = json!(i % 2 + 1);
        soar.post("/rest/container", &body);
    }
}

#[test]
fn filters_choose() {
    let (_double, soar) = double();
    fill(&soar, 4);
    for (query, expected) in [
        ("_filter_source_data_identifier=\"c2\"", vec![3]),
        ("_filter_asset=2", vec![2, 4]),
        (
            "_filter_asset=2&_filter_source_data_identifier=\"c1\"",
            vec![2],
        ),
        (
            "_filter_asset=1&_filter_source_data_identifier=\"c1\"",
            vec![],
        ),
        ("_filter_name=\"number 3\"", vec![4]),
        ("_filter_label=\"events\"", vec![1, 2, 3, 4]),
        ("_filter_id=2", vec![2]),
    ] {
        let query = query.replace('"', "%22").replace(' ', "%20");
        assert_eq!(
            ids(soar.get(&format!("/rest/container?{query}"))),
            expected,
            "{query}"
        );
    }
    for (query, expected) in [
        ("_filter_container_id=2", vec![3, 4]),
        ("_filter_container=2", vec![3, 4]),
        (
            "_filter_container_id=2&_filter_source_data_identifier=%22c1-2%22",
            vec![4],
        ),
        ("_filter_source_data_identifier=%22c1-2%22", vec![4]),
        ("_filter_name=%22a%22", vec![1, 3, 5, 7]),
        ("_filter_id=9", vec![]),
    ] {
        assert_eq!(
            ids(soar.get(&format!("/rest/artifact?{query}"))),
            expected,
            "{query}"
        );
    }
}

#[test]
fn texts_are_in_quotes_and_numbers_are_not() {
    let (_double, soar) = double();
    for query in [
        "_filter_source_data_identifier=c1",
        "_filter_source_data_identifier=%27c1%27",
        "_filter_id=%221%22",
        "_filter_asset=one",
        "_filter_unknown=1",
        "page=-1",
        "page_size=all",
        "order=up",
    ] {
        let answer = soar.get(&format!("/rest/container?{query}"));
        let name = query.split('=').next().unwrap();
        let message = refused(&answer, 400);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn pages_are_counted_from_zero() {
    let (_double, soar) = double();
    fill(&soar, 13);
    let page = |query: &str| {
        let (status, body) = soar.get(&format!("/rest/artifact{query}"));
        assert_eq!((status, &body["count"]), (200, &json!(26)));
        let pages = body["num_pages"].as_u64().unwrap();
        (pages, ids((status, body)))
    };
    assert_eq!(page(""), (3, (1..=10).collect()));
    assert_eq!(page("?page=2"), (3, (21..=26).collect()));
    assert_eq!(page("?page=3"), (3, vec![]));
    assert_eq!(page("?page_size=25&page=1"), (2, vec![26]));
    assert_eq!(page("?page_size=0"), (1, (1..=26).collect()));
    let (_, none) = soar.get("/rest/artifact?_filter_id=99");
    assert_eq!(none, json!({"count": 0, "num_pages": 0, "data": []}));
}

#[test]
fn a_record_shows_what_was_sent_and_what_soar_adds() {
    let (_double, soar) = double();
    fill(&soar, 1);
    let (status, mut record) = soar.get("/rest/container/1");
    assert_eq!(status, 200);
    let time = record["create_time"].take();
    assert_eq!(
        time.as_str().map(str::len),
        Some("2026-11-24T10:30:00.123Z".len())
    );
    let expected = json!({
        "name": "number 0", "label": "events", "source_data_identifier": "c0", "id": 1,
        "create_time": null, "asset": 1, "artifact_count": 2, "severity": "medium",
        "sensitivity": "amber", "status": "new",
    });
    assert_eq!(record, expected);
    let (_, record) = soar.get("/rest/artifact/2");
    assert_eq!(record["container"], 1);
    assert_eq!(record["cef"], json!({"n": 2}));
    // As in SOAR, one that has no identifier gets one.
    soar.post("/rest/artifact", &json!({"container_id": 1}));
    let (_, record) = soar.get("/rest/artifact/3");
    assert_eq!(
        record["source_data_identifier"].as_str().map(str::len),
        Some(32)
    );
}

#[test]
fn severities_and_the_version_are_told() {
    let (_double, soar) = double();
    let (_, body) = soar.get("/rest/severity");
    let names: Vec<&str> = body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["high", "medium", "low"]);
    let (status, body) = soar.get("/rest/version");
    assert_eq!(status, 200);
    assert!(
        body["version"].as_str().unwrap().starts_with("7.0.0"),
        "{body}"
    );
}

#[test]
fn the_export_over_http_is_that_of_the_library_however_long() {
    let (double, soar) = double();
    let mut body = container("x");
    body["description"] = json!("d".repeat(1000));
    for batch in 0..5 {
        let list: Vec<Value> = (0..1000)
            .map(|i| {
                let mut body = body.clone();
                body["source_data_identifier"] = json!(format!("{batch}-{i}"));
                body
            })
            .collect();
        assert_eq!(soar.post("/rest/container", &json!(list)).0, 200);
    }
    let (status, text) = soar.send("GET", "/double/export", b"").unwrap();
    assert_eq!(status, 200);
    assert!(text.len() > 5 << 20, "{} bytes", text.len());
    let lines = crate::asset::lines(&text);
    assert_eq!(lines.len(), 5000);
    assert!(lines.iter().zip(1..).all(|(line, id)| line["id"] == id));
    assert_eq!(lines, export(&double));
    let (_, counts) = soar.get("/double/counts");
    assert_eq!(
        counts,
        json!({"containers": 5000, "artifacts": 10000, "requests": 5, "faults": {}})
    );
}
