//! What the safe interface can't write but other producers do.
#![expect(
    unsafe_code,
    reason = "rdkafka takes header names as &str, Kafka takes any bytes"
)]

use std::{ffi::CString, ptr};

use kafka_soar::config::Topic;
use rdkafka::{
    bindings::{
        RD_KAFKA_MSG_F_COPY, rd_kafka_header_add, rd_kafka_headers_new, rd_kafka_producev,
        rd_kafka_resp_err_t, rd_kafka_vtype_t as vtype,
    },
    producer::Producer,
};

use kafka_soar_tests::testbed::{Broker, Sender};

/// Writes a record with one header to partition 0.
pub(super) fn produce_with_header(
    broker: &Broker,
    topic: &Topic,
    name: &[u8],
    header: &[u8],
    value: &[u8],
) {
    let sender = Sender::new(broker, &[]);
    let topic = CString::new(topic.as_str()).expect("no NUL");
    let length = |bytes: &[u8]| isize::try_from(bytes.len()).expect("short");
    // SAFETY: every pointer outlives the call, which copies (F_COPY), and goes with its length;
    // the headers pass to librdkafka when the call succeeds, and the test ends when it doesn't.
    let error = unsafe {
        let headers = rd_kafka_headers_new(1);
        rd_kafka_header_add(
            headers,
            name.as_ptr().cast(),
            length(name),
            header.as_ptr().cast(),
            length(header),
        );
        rd_kafka_producev(
            sender.client().client().native_ptr(),
            vtype::RD_KAFKA_VTYPE_TOPIC,
            topic.as_ptr(),
            vtype::RD_KAFKA_VTYPE_PARTITION,
            0_i32,
            vtype::RD_KAFKA_VTYPE_MSGFLAGS,
            RD_KAFKA_MSG_F_COPY,
            vtype::RD_KAFKA_VTYPE_VALUE,
            value.as_ptr(),
            value.len(),
            vtype::RD_KAFKA_VTYPE_OPAQUE,
            ptr::null::<u8>(),
            vtype::RD_KAFKA_VTYPE_HEADERS,
            headers,
            vtype::RD_KAFKA_VTYPE_END,
        )
    };
    assert_eq!(error, rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR);
    sender.settle();
}
