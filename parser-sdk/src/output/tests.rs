use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use crate::{
    Batch, Error, Output, Parser, Sensitivity, Severity, reject,
    testing::{Given, Parsed, batch},
};

/// Runs `parse` over `given`.
fn run<F: Fn(&Batch, &mut Output) -> Result<(), Error>>(
    given: &Given,
    parse: F,
) -> Result<Parsed, Error> {
    let mut out = Output::for_batch(given.batch());
    parse(given.batch(), &mut out)?;
    Ok(Parsed::read(out.finish()?))
}

fn words() -> Given {
    batch("t").value("one").value("two").value("three")
}

fn json(parsed: &Parsed) -> Value {
    let ingests = parsed
        .ingests
        .iter()
        .map(|ingest| json!({"container": ingest.container, "artifacts": ingest.artifacts}));
    ingests.collect()
}

#[test]
fn playbooks_run_after_the_last_artifact_of_each_container() {
    let parsed = run(&words(), |batch, out| {
        out.container("a");
        batch.each(out, |message, out| {
            if message.index() == 2 {
                out.container("b");
            }
            out.artifact(message).cef("message", message.text()?);
            Ok(())
        });
        Ok(())
    });
    assert_eq!(
        json(&parsed.unwrap()),
        json!([
            {"container": {"name": "a"}, "artifacts": [
                {"cef": {"message": "one"}, "run_automation": false},
                {"cef": {"message": "two"}},
            ]},
            {"container": {"name": "b"}, "artifacts": [{"cef": {"message": "three"}}]},
        ])
    );
}

#[test]
fn an_artifact_keeps_its_own_choice_of_automation() {
    let parsed = run(&words(), |batch, out| {
        out.container("a").run_automation(false);
        batch.each(out, |message, out| {
            let artifact = out.artifact(message);
            match message.index() {
                0 => artifact.run_automation(true),
                1 => artifact.field("run_automation", false),
                _ => artifact,
            };
            Ok(())
        });
        Ok(())
    });
    assert_eq!(
        json(&parsed.unwrap()),
        json!([{
            "container": {"name": "a", "run_automation": false},
            "artifacts": [{"run_automation": true}, {"run_automation": false}, {}],
        }])
    );
}

#[test]
fn what_was_written_for_a_rejected_message_is_taken_back() {
    for rejected in 0..3 {
        let parsed = run(&words(), |batch, out| {
            out.container("a").skip_if_empty();
            batch.each(out, |message, out| {
                out.artifact(message).name("kept or not");
                out.container("b");
                out.artifact(message).name(message.text()?);
                if message.index() == rejected {
                    reject!("number {rejected}");
                }
                Ok(())
            });
            Ok(())
        })
        .unwrap();
        let left: Vec<u32> = (0..3)
            .filter(|&index| index as usize != rejected)
            .flat_map(|index| [index, index])
            .collect();
        assert_eq!(parsed.sources, left);
        assert_eq!(parsed.rejections.len(), 1);
        assert_eq!(parsed.rejections[0].index, rejected);
        assert_eq!(parsed.rejections[0].reason, format!("number {rejected}"));
        let artifacts: usize = parsed.ingests.iter().map(|one| one.artifacts.len()).sum();
        assert_eq!((parsed.ingests.len(), artifacts), (3, 4));
    }
}

/// The container that is open and empty is left out when the next is opened: a rejection must
/// bring it back.
#[test]
fn a_container_left_out_for_a_rejected_message_comes_back() {
    let parsed = run(&words(), |batch, out| {
        out.container("a").skip_if_empty();
        batch.each(out, |message, out| {
            if message.index() == 0 {
                out.container("a much longer name than that of the first");
                reject!("no");
            }
            out.artifact(message);
            Ok(())
        });
        Ok(())
    });
    assert_eq!(
        json(&parsed.unwrap()),
        json!([{"container": {"name": "a"}, "artifacts": [{"run_automation": false}, {}]}])
    );
}

#[test]
fn an_empty_container_stays_unless_it_is_to_be_skipped() {
    let keep = run(&words(), |_, out| {
        out.container("a");
        Ok(())
    });
    assert_eq!(
        json(&keep.unwrap()),
        json!([{"container": {"name": "a"}, "artifacts": []}])
    );
    let skip = run(&words(), |batch, out| {
        out.container("a").skip_if_empty();
        batch.each(out, |_, _| reject!("all of them"));
        Ok(())
    });
    let skip = skip.unwrap();
    assert_eq!(skip.text, "");
    assert_eq!(skip.rejections.len(), 3);
}

#[test]
fn every_member_is_where_soar_looks_for_it() {
    let parsed = run(&batch("t").value("x"), |batch, out| {
        out.container("c \"1\"")
            .label("events")
            .description("d")
            .severity(Severity::Named("critical"))
            .sensitivity(Sensitivity::Red)
            .status("new")
            .tags(["a", "b"])
            .custom_fields(&json!({"f": 1}))
            .data(&json!({}))
            .source_data_identifier(format_args!("{}", 7))
            .start_time("2023-11-14T22:13:20.123Z")
            .end_time("e")
            .due_time("d")
            .kill_chain("delivery")
            .owner(&12)
            .field("tenant_id", 3);
        batch.each(out, |message, out| {
            out.artifact(message)
                .label("event")
                .cef("sourceAddress", "10.0.0.1")
                .name("n")
                .cef_from(&BTreeMap::from([("count", 3), ("port", 22)]))
                .cef_text("message", "a\nb")
                .cef_from(&json!({}))
                .cef_types([("jump", vec!["ip", "host name"]), ("other", vec![])])
                .severity(Severity::High)
                .kind("network")
                .owner("admin");
            out.artifact(message)
                .cef_from(&json!({"a": 1}))
                .cef("b", None::<u8>);
            out.artifact(message).cef_from(&json!({}));
            Ok(())
        });
        Ok(())
    });
    assert_eq!(
        json(&parsed.unwrap()),
        json!([{
            "container": {
                "name": "c \"1\"", "label": "events", "description": "d",
                "severity": "critical", "sensitivity": "red", "status": "new",
                "tags": ["a", "b"], "custom_fields": {"f": 1}, "data": {},
                "source_data_identifier": "7", "start_time": "2023-11-14T22:13:20.123Z",
                "end_time": "e", "due_time": "d", "kill_chain": "delivery", "owner_id": 12,
                "tenant_id": 3,
            },
            "artifacts": [
                {
                    "label": "event", "name": "n", "severity": "high", "type": "network",
                    "owner_id": "admin",
                    "cef": {
                        "sourceAddress": "10.0.0.1", "count": 3, "port": 22, "message": "a\nb",
                    },
                    "cef_types": {"jump": ["ip", "host name"], "other": []},
                    "run_automation": false,
                },
                {"cef": {"a": 1, "b": null}, "run_automation": false},
                {"cef": {}},
            ],
        }])
    );
}

#[test]
fn a_value_that_is_not_json_rejects_its_message_or_else_the_batch() {
    let not_json = BTreeMap::from([((1, 2), 3)]);
    let parsed = run(&words(), |batch, out| {
        out.container("a");
        batch.each(out, |message, out| {
            let artifact = out.artifact(message).cef("first", 1);
            match message.index() {
                0 => artifact.cef("broken", &not_json).name("n"),
                1 => artifact.cef_from(&[1]).name("n"),
                _ => artifact.name("n"),
            };
            Ok(())
        });
        Ok(())
    })
    .unwrap();
    let reasons: Vec<_> = parsed.rejections.iter().map(|one| &*one.reason).collect();
    assert_eq!(
        reasons,
        [
            "`broken` can't be written as JSON: key must be a string",
            "`cef` can't be written: it isn't a JSON object",
        ]
    );
    assert_eq!(parsed.sources, [2]);

    let refused = run(&words(), |_, out| {
        out.container("a").data(&not_json);
        Ok(())
    });
    assert_eq!(
        refused.unwrap_err().reason(),
        "`data` can't be written as JSON: key must be a string"
    );
}

#[test]
fn an_artifact_of_the_batch_has_no_source_and_then_none_has() {
    let parsed = run(&words(), |batch, out| {
        out.container("a");
        batch.each(out, |message, out| {
            out.artifact(message);
            Ok(())
        });
        out.artifact_of_batch().cef("messages", batch.len());
        Ok(())
    })
    .unwrap();
    assert_eq!(parsed.ingests[0].artifacts.len(), 4);
    assert!(parsed.sources.is_empty());
}

#[test]
fn calls_that_make_no_sense_refuse_the_batch_and_say_why() {
    let bug = |parse: fn(&Batch, &mut Output)| {
        let refused = run(&words(), |batch, out| {
            parse(batch, out);
            Ok(())
        });
        refused.unwrap_err().reason().to_owned()
    };
    let expected = "the parser has a bug: ";
    let reason = bug(|batch, out| {
        batch.each(out, |message, out| {
            out.artifact(message);
            Ok(())
        });
    });
    assert_eq!(
        reason,
        format!("{expected}it adds an artifact before it opens a container")
    );
    let reason = bug(|_, out| drop(out.container("a").field("name", "b")));
    assert_eq!(reason, format!("{expected}it sets `name` twice"));
    let reason = bug(|batch, out| {
        out.container("a");
        for message in batch.messages() {
            out.artifact(message).cef("a", 1).field("cef", 2);
        }
    });
    assert_eq!(reason, format!("{expected}it sets `cef` twice"));
    let reason = bug(|batch, out| {
        out.container("a");
        for message in batch.messages().skip(1) {
            out.artifact(message);
            out.reject(message, Error::new("no"));
        }
    });
    assert_eq!(
        reason,
        format!("{expected}it rejects message 1 of the batch and makes an artifact of it")
    );
}

#[test]
fn a_message_rejected_twice_keeps_its_first_reason() {
    let parsed = run(&words(), |batch, out| {
        batch.each(out, |_, _| reject!("first"));
        batch.each(out, |_, _| reject!("second"));
        Ok(())
    })
    .unwrap();
    assert_eq!(parsed.rejections.len(), 3);
    assert!(parsed.rejections.iter().all(|one| one.reason == "first"));
}

/// More than the room that was reserved, with every kind of character.
#[test]
fn long_output_is_the_same_json() {
    let text: String = (0..20_000_u32).filter_map(char::from_u32).collect();
    let mut given = batch("t");
    for _ in 0..20 {
        given = given.value(&text);
    }
    let parsed = run(&given, |batch, out| {
        out.container(&text);
        batch.each(out, |message, out| {
            let mut twice = String::new();
            write!(twice, "{text}{text}")?;
            out.artifact(message)
                .name(&twice)
                .cef_text("message", message.text()?);
            Ok(())
        });
        Ok(())
    })
    .unwrap();
    assert_eq!(parsed.ingests[0].container["name"], *text);
    for artifact in &parsed.ingests[0].artifacts {
        assert_eq!(artifact["cef"]["message"], *text);
    }
}

struct Refuses;

impl Parser for Refuses {
    fn parse(_: &Batch, _: &mut Output) -> Result<(), Error> {
        Err(Error::new("not today"))
    }
}

#[test]
fn a_parser_refuses_a_batch_in_its_own_words() {
    let refused = words().parse::<Refuses>();
    assert_eq!(refused.unwrap_err().reason(), "not today");
}
