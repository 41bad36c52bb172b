//! What the cluster says of a topic beyond its partitions: its id, and what this client may do
//! with it.
//!
//! `DescribeTopics` (KIP-430, KIP-516). The rdkafka crate doesn't have it, so librdkafka is
//! called itself.

use std::{
    ffi::{CStr, CString, c_int},
    ptr,
    time::Duration,
};

use rdkafka::{bindings as ffi, client::Client};

use crate::config::Topic;

/// A topic as its cluster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// A topic that is deleted and made again has another. Brokers before 2.8 have none.
    pub id: Option<String>,
    /// Whether this client may read and write.
    pub read: bool,
    pub write: bool,
}

/// What stands for no id.
const NO_ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// `None` when the cluster doesn't tell within `within`.
#[expect(unsafe_code, reason = "the rdkafka crate has no DescribeTopics")]
pub(super) fn of<C: rdkafka::ClientContext>(
    client: &Client<C>,
    topic: &Topic,
    within: Duration,
) -> Option<Description> {
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
unsafe fn read(event: *mut ffi::rd_kafka_event_t) -> Option<Description> {
    use ffi::rd_kafka_AclOperation_t as Operation;
    // SAFETY: as above; librdkafka gives null or an array of `count` elements, and a text that
    // ends in a zero and belongs to the id.
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
        let description = *descriptions;
        let id = ffi::rd_kafka_TopicDescription_topic_id(description);
        let id = if id.is_null() {
            None
        } else {
            let text = ffi::rd_kafka_Uuid_base64str(id);
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        };
        let allowed =
            ffi::rd_kafka_TopicDescription_authorized_operations(description, &raw mut count);
        let allowed = if allowed.is_null() {
            &[]
        } else {
            std::slice::from_raw_parts(allowed, count)
        };
        Some(Description {
            id: id.filter(|id| id != NO_ID),
            read: allowed.contains(&Operation::RD_KAFKA_ACL_OPERATION_READ),
            write: allowed.contains(&Operation::RD_KAFKA_ACL_OPERATION_WRITE),
        })
    }
}
