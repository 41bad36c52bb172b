//! What a guest may use while it runs.

use wasmtime::ResourceLimiter;

use crate::sandbox::wire::Limit;

/// Core instances of one component. A Python component made by componentize-py has about thirty.
pub(super) const MAX_INSTANCES: u32 = 64;
pub(super) const MAX_TABLES: u32 = 64;
pub(super) const MAX_MEMORIES: u32 = 16;
/// Elements of one table.
pub(super) const MAX_TABLE_ELEMENTS: usize = 100_000;
/// What the host keeps for a table element.
const TABLE_ELEMENT_BYTES: usize = size_of::<usize>();

/// A limit was passed. Raised as the error of a host function or of the limiter, so that the
/// guest traps and the host knows why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} (limit {} = {value})", limit.name())]
pub(super) struct Passed {
    pub(super) limit: Limit,
    pub(super) value: String,
    pub(super) what: String,
}

/// Keeps one running total over all memories and tables of a store: wasmtime's own limit is per
/// memory, and a component may have many.
#[derive(Debug)]
pub(super) struct Meter {
    limit: usize,
    used: usize,
    peak: usize,
    /// What was last granted, to be taken back when the operating system doesn't have it.
    granted: usize,
}

impl Meter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            peak: 0,
            granted: 0,
        }
    }

    /// The most bytes of memories and tables so far.
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    fn grant(&mut self, current: usize, desired: usize) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.used.saturating_add(more);
        if total > self.limit {
            // An error traps; a plain refusal would look like a crash inside the guest's
            // allocator, with no word about memory.
            return Err(wasmtime::Error::new(Passed {
                limit: Limit::Memory,
                value: format!("{} bytes", self.limit),
                what: format!("it asked for {total} bytes of memory in all"),
            }));
        }
        self.granted = more;
        self.used = total;
        self.peak = self.peak.max(total);
        Ok(true)
    }

    fn take_back(&mut self) {
        self.used -= std::mem::take(&mut self.granted);
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Past its own declared maximum a memory doesn't grow, whatever is granted.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grant(current, desired)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // First, because `maximum` is also what the pool has room for, and that is the same number.
        if desired > MAX_TABLE_ELEMENTS {
            return Err(wasmtime::Error::new(Passed {
                limit: Limit::TableElements,
                value: MAX_TABLE_ELEMENTS.to_string(),
                what: format!("it asked for a table of {desired} elements"),
            }));
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grant(
            current.saturating_mul(TABLE_ELEMENT_BYTES),
            desired.saturating_mul(TABLE_ELEMENT_BYTES),
        )
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        MAX_TABLES as usize
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_over_all_memories_and_tables() {
        let mut meter = Meter::new(1_000);
        assert!(meter.memory_growing(0, 400, None).unwrap());
        assert!(meter.memory_growing(0, 400, None).unwrap());
        assert!(meter.table_growing(0, 20, None).unwrap());
        let error = meter.memory_growing(400, 500, None).unwrap_err();
        assert_eq!(error.downcast_ref::<Passed>().unwrap().limit, Limit::Memory);
        assert_eq!(meter.peak(), 960);
    }

    #[test]
    fn what_the_system_could_not_give_is_not_counted() {
        let mut meter = Meter::new(1_000);
        assert!(meter.memory_growing(0, 900, None).unwrap());
        meter
            .memory_grow_failed(wasmtime::Error::msg("no memory"))
            .unwrap();
        assert!(meter.memory_growing(0, 900, None).unwrap());
    }

    #[test]
    fn a_table_too_large_traps_though_the_pool_has_no_room_for_it_anyway() {
        let mut meter = Meter::new(1 << 30);
        let pool = Some(MAX_TABLE_ELEMENTS);
        assert!(meter.table_growing(0, MAX_TABLE_ELEMENTS, pool).unwrap());
        meter
            .table_growing(MAX_TABLE_ELEMENTS, MAX_TABLE_ELEMENTS + 1, pool)
            .unwrap_err();
        assert!(!meter.table_growing(0, 2, Some(1)).unwrap());
    }

    #[test]
    fn a_declared_maximum_is_not_a_limit_passed() {
        let mut meter = Meter::new(1_000);
        assert!(!meter.memory_growing(0, 2_000, Some(1_500)).unwrap());
        assert_eq!(meter.peak(), 0);
    }
}
