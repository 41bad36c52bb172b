//! Transactions, as whoever reads only what is committed sees them.

use kafka_soar::config::Topic;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::{Broker, PATIENCE, eventually};

impl Broker {
    /// Waits until no transaction is open in a partition. A producer's commit or abort is
    /// answered before its marker is written.
    pub fn transactions_end(&self, topic: &Topic, partition: i32) {
        let [committed, all] = ["read_committed", "read_uncommitted"].map(|level| {
            let mut config = self.client();
            config.set("isolation.level", level);
            config.create::<BaseConsumer>().expect("a consumer")
        });
        let end = |client: &BaseConsumer| {
            let (_, end) = client
                .fetch_watermarks(topic.as_str(), partition, PATIENCE)
                .expect("watermarks");
            end
        };
        eventually("the marker is written", || {
            (end(&committed) == end(&all)).then_some(())
        });
    }
}
