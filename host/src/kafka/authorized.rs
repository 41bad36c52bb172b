//! What the cluster allows this client to do with a topic, asked without doing it.
//!
//! `DescribeTopics` with authorised operations (KIP-430). The rdkafka crate doesn't have it, so
//! librdkafka is called itself.

use std::{
    ffi::{CString, c_int},
    ptr,
    time::Duration,
};

use rdkafka::{bindings as ffi, client::Client};

use crate::config::Topic;

/// What a client may do with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operations {
    pub read: bool,
    pub write: bool,
}

/// `None` when the cluster doesn't tell within `within`.
#[expect(unsafe_code, reason = "the rdkafka crate has no DescribeTopics")]
pub(super) fn operations<C: rdkafka::ClientContext>(
    client: &Client<C>,
    topic: &Topic,
    within: Duration,
) -> Option<Operations> {
    let name = CString::new(topic.as_str()).ok()?;
    let ms = c_int::try_from(within.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: every object is made here, checked for null where it can be, used before it is
    // destroyed and destroyed once, the client last: it outlives this call. Results belong to the
    // event, and are read before it is destroyed.
    unsafe {
        let rk = client.native_ptr();
        let mut names = [name.as_ptr()];
        let topics = ffi::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
        let options = ffi::rd_kafka_AdminOptions_new(
            rk,
            ffi::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
        );
        ffi::rd_kafka_AdminOptions_set_request_timeout(options, ms, ptr::null_mut(), 0);
        let refused = ffi::rd_kafka_AdminOptions_set_include_authorized_operations(options, 1);
        if !refused.is_null() {
            ffi::rd_kafka_error_destroy(refused);
        }
        let queue = ffi::rd_kafka_queue_new(rk);
        ffi::rd_kafka_DescribeTopics(rk, topics, options, queue);
        let event = ffi::rd_kafka_queue_poll(queue, ms);
        let found = if event.is_null() { None } else { read(event) };
        if !event.is_null() {
            ffi::rd_kafka_event_destroy(event);
        }
        ffi::rd_kafka_queue_destroy(queue);
        ffi::rd_kafka_AdminOptions_destroy(options);
        ffi::rd_kafka_TopicCollection_destroy(topics);
        found
    }
}

/// # Safety
///
/// `event` is an event of librdkafka's, not yet destroyed.
#[expect(unsafe_code, reason = "see above")]
unsafe fn read(event: *mut ffi::rd_kafka_event_t) -> Option<Operations> {
    use ffi::rd_kafka_AclOperation_t as Operation;
    // SAFETY: as above; librdkafka gives null or an array of `count` elements.
    unsafe {
        let result = ffi::rd_kafka_event_DescribeTopics_result(event);
        if result.is_null() {
            return None;
        }
        let mut count = 0;
        let descriptions = ffi::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if descriptions.is_null() || count == 0 {
            return None;
        }
        let allowed =
            ffi::rd_kafka_TopicDescription_authorized_operations(*descriptions, &raw mut count);
        if allowed.is_null() {
            return None;
        }
        let allowed = std::slice::from_raw_parts(allowed, count);
        Some(Operations {
            read: allowed.contains(&Operation::RD_KAFKA_ACL_OPERATION_READ),
            write: allowed.contains(&Operation::RD_KAFKA_ACL_OPERATION_WRITE),
        })
    }
}
