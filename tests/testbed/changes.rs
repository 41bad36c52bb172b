//! What an administrator does to a topic that is there.

use kafka_soar::config::Topic;
use rdkafka::admin::{AdminOptions, AlterConfig, NewPartitions, ResourceSpecifier};

use super::{Broker, PATIENCE, block_on, eventually};

impl Broker {
    /// Gives a topic settings of its own; those it had are gone.
    pub fn configure(&self, topic: &Topic, settings: &[(&str, &str)]) {
        let of_topic = AlterConfig::new(ResourceSpecifier::Topic(topic.as_str()));
        let config = settings
            .iter()
            .fold(of_topic, |config, &(key, value)| config.set(key, value));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let altered = block_on(self.admin().alter_configs([&config], &options));
        for resource in altered.expect("an answer") {
            resource.expect("altered");
        }
    }

    /// Adds partitions until the topic has `count`.
    pub fn grow(&self, topic: &Topic, count: usize) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let admin = self.admin();
        let new = NewPartitions::new(topic.as_str(), count);
        for topic in block_on(admin.create_partitions([&new], &options)).expect("an answer") {
            topic.expect("grown");
        }
        eventually("every partition has a leader", || {
            let metadata = admin
                .inner()
                .fetch_metadata(Some(topic.as_str()), PATIENCE)
                .ok()?;
            let partitions = metadata.topics().first()?.partitions();
            (partitions.iter().filter(|p| p.leader() >= 0).count() == count).then_some(())
        });
    }
}
